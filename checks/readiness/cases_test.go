package readiness

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plimsoll/checks/readiness/kustomize/kustomizetest"
	"plimsoll/config"
	"plimsoll/contracts"
)

var update = flag.Bool("update", false, "write what is expected anew; read the difference")

// memory is a tree of files in memory.
type memory map[string]string

var _ contracts.Tree = memory(nil)

func (m memory) ReadFile(_ context.Context, path string) ([]byte, error) {
	content, ok := m[path]
	if !ok {
		return nil, fmt.Errorf("read %s: %w", path, fs.ErrNotExist)
	}
	return []byte(content), nil
}

func (m memory) Files(context.Context) ([]contracts.File, error) {
	var files []contracts.File
	for path, content := range m {
		files = append(files, contracts.File{Path: path, SHA: fmt.Sprintf("%x", content), Size: int64(len(content))})
	}
	slices.SortFunc(files, func(a, b contracts.File) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// testCase is one file of testdata: what it is about, "expect:" with the states that
// the rule is meant to have by hand, files behind "-- path --" lines, and behind
// "-- expected --" every detail, which -update writes.
type testCase struct {
	file, rule string
	expect     []State
	// byHand: the page says that no edit can be offered.
	byHand   bool
	metrics  []string
	files    memory
	head     string // all that stands before expected
	expected string
}

func testCases(t *testing.T) []testCase {
	t.Helper()
	files, err := filepath.Glob("testdata/*/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	cases := make([]testCase, len(files))
	for i, file := range files {
		cases[i] = readCase(t, file)
	}
	return cases
}

func readCase(t *testing.T, file string) testCase {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := testCase{file: file, rule: filepath.Base(filepath.Dir(file)), files: memory{}}
	var part strings.Builder
	name := ""
	put := func() {
		switch name {
		case "expected":
			c.expected = part.String()
		case "":
			c.readHead(part.String())
		default:
			c.files[name] = part.String()
		}
		part.Reset()
	}
	for line := range strings.Lines(string(data)) {
		inner, marked := strings.CutPrefix(strings.TrimSpace(line), "-- ")
		inner, closed := strings.CutSuffix(inner, " --")
		if marked && closed {
			put()
			name = inner
		} else {
			part.WriteString(line)
		}
		if name != "expected" {
			c.head += line
		}
	}
	put()
	if len(c.expect) == 0 {
		t.Fatalf("%s: no line \"expect: violated\" (or passed, unknown, not applicable; one for each component)", file)
	}
	return c
}

func (c *testCase) readHead(head string) {
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		for each := range strings.SplitSeq(value, ",") {
			switch each = strings.TrimSpace(each); key {
			case "expect":
				c.expect = append(c.expect, State(each))
			case "mend":
				c.byHand = each == "by hand"
			case "metrics":
				c.metrics = append(c.metrics, each)
			}
		}
	}
}

// metricServer has the metrics of a case; "unreachable" can't be asked.
type metricServer []string

func (m metricServer) Named() bool { return true }

func (m metricServer) Missing(_ context.Context, _ string, names []string) ([]string, error) {
	if slices.Contains(m, "unreachable") {
		return nil, fmt.Errorf("ask the metric server default: no answer within 5s")
	}
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(m, n) }), nil
}

func (c testCase) evaluate(t *testing.T, files memory) Standing {
	t.Helper()
	declared, err := config.ParseRepository(".github/plimsoll.yml", []byte(files[".github/plimsoll.yml"]))
	if err != nil {
		t.Fatalf("%s: %v\n%s", c.file, err, files[".github/plimsoll.yml"])
	}
	merged, notes := config.Merge(declared, nil)
	if len(notes) > 0 {
		t.Fatalf("%s: %v", c.file, notes)
	}
	r := Repository{Tree: files, File: merged, Owner: "acme", Name: "shop", Kustomize: kustomizetest.InProcess{}}
	if c.metrics != nil {
		r.Metrics = metricServer(c.metrics)
	}
	standing, err := Evaluate(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return standing
}

// describe gives what became of one rule, in every detail.
func describe(s Standing, rule string) string {
	var out strings.Builder
	for _, c := range s.Components {
		r := c.Result(rule)
		fmt.Fprintf(&out, "%s: %s %s\n", c.Name, rule, r.State)
		if r.Reason != "" {
			fmt.Fprintf(&out, "  because: %s\n", r.Reason)
		}
		for _, f := range r.Findings {
			fmt.Fprintf(&out, "  %s:%d:%d: [%s] %s\n", f.Position.File, f.Position.Line, f.Position.Column, f.Subject, f.Message)
			for _, m := range f.Fix {
				fmt.Fprintf(&out, "    %s after line %d, in place of %d, loose %t:\n%s", m.File, m.After, m.Replaces, m.Loose, indented(strings.TrimRight(m.Text, "\n"), 6))
			}
		}
	}
	for _, u := range s.Unread {
		fmt.Fprintf(&out, "unread %s:%d:%d: %s (%s)\n", u.Position.File, u.Position.Line, u.Position.Column, u.Message, u.Hint)
	}
	return out.String()
}

func TestCases(t *testing.T) {
	for _, c := range testCases(t) {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(c.file, "testdata/"), ".txt"), func(t *testing.T) {
			standing := c.evaluate(t, c.files)
			for i, component := range standing.Components {
				if i >= len(c.expect) || component.Result(c.rule).State != c.expect[i] {
					t.Errorf("%s of %s: %s; by hand the page says %v", c.rule, component.Name, component.Result(c.rule).State, c.expect)
				}
			}
			if len(standing.Components) < len(c.expect) && c.expect[0] != NotApplicable {
				t.Errorf("%d components judged, expected %d", len(standing.Components), len(c.expect))
			}
			got := describe(standing, c.rule)
			if *update {
				if err := os.WriteFile(c.file, []byte(c.head+"-- expected --\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != c.expected {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.expected)
			}
			c.paste(t, standing)
		})
	}
}

// mostPastes bounds the rounds in which findings are fixed one after the other.
const mostPastes = 20

// paste pastes what each finding offers, one finding at a time, until the rule is
// kept; each must fix what it is offered for.
func (c testCase) paste(t *testing.T, standing Standing) {
	t.Helper()
	files := memory{}
	for name, content := range c.files {
		files[name] = content
	}
	for range mostPastes {
		finding := firstFinding(standing, c.rule)
		if finding == nil {
			return
		}
		if c.byHand {
			if len(finding.Fix) > 0 && !finding.Fix[0].Loose {
				t.Errorf("the page says that nothing can be offered, but %q is", finding.Fix[0].Text)
			}
			return
		}
		if len(finding.Fix) == 0 {
			t.Fatalf("nothing is offered for: %s", finding.Message)
		}
		edits := slices.Clone(finding.Fix)
		slices.SortStableFunc(edits, func(a, b Snippet) int { return b.After - a.After }) // from the bottom, so that lines stay
		for _, edit := range edits {
			if edit.Loose {
				t.Fatalf("the edit of %s can't be pasted: %s", edit.File, edit.Text)
			}
			files[edit.File] = string(edit.Paste([]byte(files[edit.File])))
		}
		again := c.evaluate(t, files)
		if left := firstFinding(again, c.rule); left != nil && left.Message == finding.Message && left.Subject == finding.Subject && left.Component == finding.Component {
			t.Fatalf("pasted, and still: %s\n%s:\n%s", left.Message, edits[0].File, files[edits[0].File])
		}
		standing = again
	}
	t.Fatalf("still violated after %d pastes", mostPastes)
}

func firstFinding(s Standing, rule string) *Finding {
	for _, c := range s.Components {
		for _, f := range c.Result(rule).Findings {
			return &f
		}
	}
	return nil
}

// Each rule has a case that violates it, one that keeps it, and one that nearly does
// the other.
func TestEveryRuleHasItsCases(t *testing.T) {
	has := map[string]bool{}
	for _, c := range testCases(t) {
		kind, _, _ := strings.Cut(filepath.Base(c.file), "-")
		has[c.rule+" "+strings.TrimSuffix(kind, ".txt")] = true
	}
	for _, rule := range Rules {
		if evaluators[rule.ID] == nil {
			t.Errorf("nothing judges %s", rule.ID)
		}
		for _, kind := range []string{"violates", "passes", "near"} {
			if !has[rule.ID+" "+kind] {
				t.Errorf("no case testdata/%s/%s-….txt", rule.ID, kind)
			}
		}
	}
}
