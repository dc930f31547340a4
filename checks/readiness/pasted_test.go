package readiness

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"plimsoll/config"
)

// variants are ways of writing the same files.
var variants = map[string]func(string) string{
	"as it is":                 func(text string) string { return text },
	"CR LF":                    func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") },
	"no newline at the end":    func(text string) string { return strings.TrimRight(text, "\n") },
	"CR LF, none at the end":   func(text string) string { return strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\r\n") },
	"empty lines at the end":   func(text string) string { return text + "\n\n" },
	"a comment at the end":     func(text string) string { return text + "# the end\n" },
	"a comment between blanks": func(text string) string { return text + "\n# the end\n\n" },
}

// What a report offers can be pasted all at once: every finding that is offered lines
// is gone then, and nothing else has changed.
func TestEverythingAtOnce(t *testing.T) {
	offered := 0
	for _, c := range testCases(t) {
		for name, write := range variants {
			t.Run(strings.TrimSuffix(strings.TrimPrefix(c.file, "testdata/"), ".txt")+"/"+name, func(t *testing.T) { offered += c.everything(t, write) })
		}
	}
	if offered < 1000 {
		t.Errorf("%d findings were offered lines in all", offered)
	}
}

// everything pastes all that is offered, and evaluates again.
func (c testCase) everything(t *testing.T, write func(string) string) (offered int) {
	t.Helper()
	files := memory{}
	for name, text := range c.files {
		if files[name] = text; text != "" && (isYAML(name) || strings.HasSuffix(name, "Dockerfile")) {
			files[name] = write(text)
		}
	}
	before := c.evaluate(t, files)
	findings := newFindings(before)
	edits := Edits(findings)
	pasted := memory{}
	maps.Copy(pasted, files)
	for _, edit := range edits {
		pasted[edit.File] = "" // each file once, below
	}
	for name := range pasted {
		pasted[name] = string(PasteAll(name, []byte(files[name]), together(findings)))
		if isYAML(name) && pasted[name] != files[name] {
			onlyAdded(t, name, files[name], pasted[name], edits)
		}
	}
	standing := c.evaluate(t, pasted)
	for i, component := range before.Components {
		for _, result := range component.Results {
			if now := standing.Components[i].Result(result.Rule); result.State == Passed && now.State == Violated && result.Rule != "AL004" {
				t.Errorf("everything is pasted, and %s %s is violated now: %s\n%s", component.Name, result.Rule, now.Findings[0].Message, pasted[now.Findings[0].Position.File])
			}
		}
	}
	after := newFindings(standing)
	for _, finding := range findings {
		if !lands(finding, edits) {
			continue
		}
		offered++
		if i := slices.IndexFunc(after, func(f Compared) bool { return f.Component == finding.Component && f.same(finding.Finding) }); i >= 0 {
			t.Errorf("everything is pasted, and still %s %s: %s\n%s:\n%s", finding.Rule, finding.Component, after[i].Message, finding.Fix[0].File, pasted[finding.Fix[0].File])
		}
	}
	return offered
}

func newFindings(s Standing) []Compared {
	var all []Compared
	for _, c := range s.Components {
		for _, f := range findingsOf(c) {
			all = append(all, Compared{Finding: f, New: true})
		}
	}
	return all
}

// lands tells whether all that a finding is offered is among the edits.
func lands(f Compared, edits []Edit) bool {
	for _, s := range f.Fix {
		if !slices.ContainsFunc(edits, func(e Edit) bool { return slices.Contains(e.Of, s) }) {
			return false
		}
	}
	return len(f.Fix) > 0
}

func isYAML(file string) bool {
	ending := path.Ext(file)
	return ending == ".yml" || ending == ".yaml"
}

// onlyAdded fails where the file does not parse any more, or lost a value that no edit
// replaces.
func onlyAdded(t *testing.T, name, before, after string, edits []Edit) {
	t.Helper()
	if before == "" {
		before = "{}"
	}
	bounds := config.Bounds{Bytes: 8 << 20, Depth: 100, AliasNodes: 1_000_000, Documents: 20_000}
	was, err := config.ParseTree(name, []byte(before), bounds)
	if err != nil {
		t.Fatalf("%s was offered lines, and is none to be read: %v", name, err)
	}
	is, err := config.ParseTree(name, []byte(after), bounds)
	if err != nil {
		t.Fatalf("%s can't be read any more: %v\n%s", name, err, after)
	}
	left := map[string]int{}
	for _, leaf := range plainValues(is) {
		left[leaf.text]++
	}
	for _, leaf := range plainValues(was) {
		if slices.ContainsFunc(edits, func(e Edit) bool { return e.File == name && leaf.line > e.After && leaf.line <= e.After+e.Replaces }) {
			continue
		}
		if left[leaf.text]--; left[leaf.text] < 0 {
			t.Errorf("%s:%d: %s is lost\n%s", name, leaf.line, leaf.text, after)
		}
	}
}

type plainValue struct {
	text string
	line int
}

// plainValues are the plain values of documents with the ways to them.
func plainValues(documents []*yaml.Node) (all []plainValue) {
	var walk func(n *yaml.Node, way string)
	walk = func(n *yaml.Node, way string) {
		switch n.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				walk(n.Content[i+1], way+"/"+n.Content[i].Value)
			}
		case yaml.AliasNode:
			all = append(all, plainValue{way + " *" + n.Value, n.Line})
		case yaml.ScalarNode:
			if n.Tag != "!!null" {
				all = append(all, plainValue{fmt.Sprintf("%s = %q", way, n.Value), n.Line})
			}
		default:
			for _, child := range n.Content {
				walk(child, way+"[]")
			}
		}
	}
	for _, document := range documents {
		walk(document, "")
	}
	return all
}
