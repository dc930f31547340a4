// Command oasdiff does what the changelog command of oasdiff v1.35.0 does with
// its defaults, out of that version's packages: it loads two contracts, compares
// them, runs every check and writes the rows as JSON. The oracle reads the rows;
// the paired measurement times it.
//
//	oasdiff base.json head.json
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"
)

// row is one entry of oasdiff's changelog in JSON.
type row struct {
	ID        string `json:"id"`
	Text      string `json:"text"`
	Level     int    `json:"level"`
	Operation string `json:"operation,omitempty"`
	Path      string `json:"path,omitempty"`
	Source    string `json:"source,omitempty"`
	Section   string `json:"section,omitempty"`
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: oasdiff BASE HEAD")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(base, head string) error {
	b, err := read(base)
	if err != nil {
		return err
	}
	h, err := read(head)
	if err != nil {
		return err
	}
	report, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(), b, h)
	if err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	changes := checker.CheckBackwardCompatibilityUntilLevel(checker.NewConfig(checker.GetAllChecks()), report, sources, checker.INFO)
	localizer := checker.NewDefaultLocalizer()
	rows := make([]row, 0, len(changes))
	for _, c := range changes {
		rows = append(rows, row{ID: c.GetId(), Text: c.GetUncolorizedText(localizer), Level: int(c.GetLevel()),
			Operation: c.GetOperation(), Path: c.GetPath(), Source: c.GetSource(), Section: c.GetSection()})
	}
	out := bufio.NewWriter(os.Stdout)
	if err := json.NewEncoder(out).Encode(rows); err != nil {
		return fmt.Errorf("write rows: %w", err)
	}
	return out.Flush()
}

func read(file string) (*load.SpecInfo, error) {
	loader := openapi3.NewLoader()
	loader.IsExternalRefsAllowed = true
	info, err := load.NewSpecInfo(loader, load.NewSource(file))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return info, nil
}
