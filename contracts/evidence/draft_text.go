package evidence

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"plimsoll/contracts"
)

// text writes the draft.
func (d *drafter) text() string {
	var out strings.Builder
	line := func(indent int, text, comment string) {
		text = strings.Repeat("  ", indent) + text
		if comment != "" {
			text = fmt.Sprintf("%-46s # %s", text, oneLine(comment))
		}
		out.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	out.WriteString("# A draft by `plimsoll discover`: read it, then keep it as .github/plimsoll.yml\nversion: 1\n")
	if len(d.components) == 0 {
		line(0, "components:", "no contract and no client was found; say what this repository provides and uses")
		line(1, "- name: "+scalar(d.name), "")
		return out.String()
	}
	line(0, "components:", "")
	for _, c := range d.components {
		line(1, "- name: "+scalar(c.Name), "")
		if c.Path != "" {
			line(2, "path: "+scalar(c.Path), "the innermost folder with a manifest")
		}
		if c.Owner != "" {
			line(2, "# owner: "+scalar(c.Owner), "CODEOWNERS says so: needs no line here")
		}
		if len(c.Provides) > 0 {
			line(2, "provides:", "")
		}
		for _, p := range c.Provides {
			line(3, "- api: "+scalar(p.API), "")
			line(4, "spec: "+scalar(p.Spec), d.notes[p.Spec])
		}
		if len(c.Consumes) > 0 {
			line(2, "consumes:", "")
		}
		for _, use := range c.Consumes {
			d.use(line, use)
		}
	}
	return out.String()
}

// use writes one consumed API: the files to import, or how to list what is used.
func (d *drafter) use(line func(int, string, string), use contracts.Consumed) {
	line(3, "- api: "+scalar(use.API), fmt.Sprintf("%s: %s", use.Usage.Evidence.Position, use.Usage.Evidence.Kind))
	if use.Usage.Via != "" {
		line(4, "via: "+scalar(use.Usage.Via), "")
	}
	if use.Usage.Baseline.Path != "" {
		line(4, "baseline: "+scalar(use.Usage.Baseline.Path), "the copy that the client was generated from")
	}
	counts := map[string]int{}
	var files []string
	for _, operation := range use.Usage.Operations {
		if operation.Selector == everySelector && operation.Evidence == use.Usage.Evidence {
			continue
		}
		if counts[operation.Evidence.File]++; counts[operation.Evidence.File] == 1 {
			files = append(files, operation.Evidence.File)
		}
	}
	if len(files) == 0 {
		line(4, "# operations:", "nothing here lists them: every operation is assumed until you do, such as")
		line(4, "#   - op: GET /things/{id}", "")
		line(4, "#     reads: [id, name]", "")
		return
	}
	line(4, "import:", "narrows the use to what these files list")
	for _, file := range files {
		noun := " operations"
		if counts[file] == 1 {
			noun = " operation"
		}
		line(5, "- "+scalar(file), strconv.Itoa(counts[file])+noun)
	}
}

var plainScalar = regexp.MustCompile(`^[A-Za-z_.][A-Za-z0-9_./-]*$`)

// scalar writes a text so that YAML reads the same text.
func scalar(text string) string {
	if plainScalar.MatchString(text) && !slices.Contains([]string{"true", "false", "null", "yes", "no", "on", "off", ".nan", ".inf"}, strings.ToLower(text)) {
		return text
	}
	return strconv.Quote(text)
}

// oneLine keeps a comment on its line.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, text)
}
