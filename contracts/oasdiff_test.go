package contracts

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// oasdiffCases are pairs of contracts from the tests of oasdiff v1.35.0, with
// what its changelog says of them.
var oasdiffCases = filepath.Join("..", "..", "shared", "data", "oasdiff-cases")

// oasdiffRow is one entry of an expected.json.
type oasdiffRow struct {
	rule, method, path, text string
	level                    int
}

func readOasdiff(t *testing.T, dir string) []oasdiffRow {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // oasdiff could not read the pair
	}
	if err != nil {
		t.Fatal(err)
	}
	var raw [][]any
	if err := json.Unmarshal(data, &raw); err != nil {
		t.Fatal(err)
	}
	var rows []oasdiffRow
	for _, r := range raw {
		row := oasdiffRow{level: int(r[1].(float64))}
		row.rule, _ = r[0].(string)
		row.method, _ = r[2].(string)
		row.path, _ = r[3].(string)
		row.text, _ = r[4].(string)
		rows = append(rows, row)
	}
	return rows
}

// side gives the direction that a rule of oasdiff's speaks of.
func (r oasdiffRow) side() string {
	switch {
	case strings.HasPrefix(r.rule, "response-"):
		return "response"
	case strings.HasPrefix(r.rule, "request-"), strings.HasPrefix(r.rule, "new-re"):
		return "request"
	}
	return "any"
}

// TestOasdiffErrors: wherever oasdiff reports an error, we report a breaking or
// risky change for the same operation and side, but for reviewed disagreements.
func TestOasdiffErrors(t *testing.T) {
	dirs, err := os.ReadDir(oasdiffCases)
	if err != nil {
		t.Skip("oasdiff's pairs (shared/data/oasdiff-cases) are not here")
	}
	missing := map[string][]string{}
	extra := map[string][]string{}
	errorsSeen, matched := 0, 0
	for _, d := range dirs {
		if !d.IsDir() {
			continue
		}
		dir := filepath.Join(oasdiffCases, d.Name())
		rows := readOasdiff(t, dir)
		base, errB := Load(t.Context(), folder(dir), "base.json", LoadOptions{})
		head, errH := Load(t.Context(), folder(dir), "head.json", LoadOptions{})
		if errB != nil || errH != nil {
			missing["not loaded"] = append(missing["not loaded"], fmt.Sprintf("%s: %v %v", d.Name(), errB, errH))
			continue
		}
		c, err := Compare(t.Context(), base, head, CompareOptions{})
		if err != nil {
			t.Fatal(err)
		}
		ours := map[string]bool{}
		for _, ch := range c.Changes() {
			if ch.Level == Info {
				continue
			}
			for _, op := range ch.Operations {
				key := op.Method + " " + normalPath(op.Path)
				if op.Method == methodWebhook {
					key = "webhook " + op.Path
				}
				ours[key+" "+string(ch.Direction)] = true
				ours[key+" any"] = true
			}
		}
		theirs := map[string]bool{}
		for _, r := range rows {
			if r.level >= 2 {
				theirs[r.method+" "+normalPath(r.path)] = true
			}
		}
		for _, ch := range c.Changes() {
			if ch.Level != Breaking {
				continue
			}
			for _, op := range ch.Operations {
				if !theirs[op.Method+" "+normalPath(op.Path)] {
					extra[ch.Rule] = append(extra[ch.Rule], d.Name()+" "+edgeText(ch.Edge)+" "+orDash(ch.From)+"→"+orDash(ch.To))
				}
			}
		}
		for _, r := range rows {
			if r.level < 3 || r.method == "" {
				continue
			}
			errorsSeen++
			key := r.method + " " + normalPath(r.path)
			if ours[key+" "+r.side()] {
				matched++
				continue
			}
			missing[r.rule] = append(missing[r.rule], d.Name()+": "+r.text)
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(missing)) {
		list := missing[rule]
		t.Logf("%s: %d, such as %s", rule, len(list), strings.Join(list[:min(3, len(list))], " || "))
	}
	for _, rule := range slices.Sorted(maps.Keys(extra)) {
		list := extra[rule]
		t.Logf("EXTRA %s: %d, such as %s", rule, len(list), strings.Join(list[:min(6, len(list))], " || "))
	}
	t.Logf("%d of %d errors carried", matched, errorsSeen)
}
