package contracts

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	yaml "go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "write the golden files anew")

const goldenDir = "../testdata/contracts"

// TestGolden compares base with head in every folder of testdata/contracts and
// judges the consumers of usage.yaml. One behaviour each, named after the rule.
//
// What must come out is said twice. usage.yaml says it first, by the page that
// decides it and by hand: "# changes:" lists each change with its level, "#
// expect:" behind a consumer gives its gravest verdict. -update never writes
// there. expected.txt holds every detail, and -update writes it.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, name := range goldenCases(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(goldenDir, name)
			got := runGolden(t, dir)
			faults := got.faults(readExpectation(t, filepath.Join(dir, "usage.yaml")))
			file := filepath.Join(dir, "expected.txt")
			if *update {
				if err := os.WriteFile(file, []byte(got.text), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if want, err := os.ReadFile(file); err != nil {
				t.Fatal(err)
			} else if got.text != string(want) {
				faults = append(faults, fmt.Sprintf("got:\n%s\nwant:\n%s", got.text, want))
			}
			why, known := knownFailures[name]
			switch {
			case known && len(faults) == 0:
				t.Errorf("passes now: take it out of knownFailures (%s)", why)
			case known:
				t.Logf("known failure (%s): %s", why, strings.Join(faults, "; "))
			default:
				for _, f := range faults {
					t.Error(f)
				}
			}
		})
	}
}

// knownFailures are cases in which the engine is known to be wrong, and why.
var knownFailures = map[string]string{}

// TestEveryRuleHasAGolden keeps the rules and the golden cases together.
func TestEveryRuleHasAGolden(t *testing.T) {
	t.Parallel()
	cases := goldenCases(t)
	seen := map[string]bool{}
	for _, name := range cases {
		for _, change := range readExpectation(t, filepath.Join(goldenDir, name, "usage.yaml")).changes {
			_, rule, _ := strings.Cut(change, " ")
			seen[rule] = true
		}
	}
	for _, rule := range Rules() {
		if !seen[rule.Name] {
			t.Errorf("no golden case shows %s", rule.Name)
		}
	}
	for name := range knownFailures {
		if !slices.Contains(cases, name) {
			t.Errorf("knownFailures names %s, which does not exist", name)
		}
	}
}

func goldenCases(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(goldenDir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

// folder is a Source over a folder.
type folder string

var _ Source = folder("")

func (f folder) ReadFile(_ context.Context, name string) ([]byte, error) {
	return fs.ReadFile(os.DirFS(string(f)), name)
}

// memory is a Source over texts.
type memory map[string]string

func (m memory) ReadFile(_ context.Context, name string) ([]byte, error) {
	text, ok := m[name]
	if !ok {
		return nil, fmt.Errorf("read %s: %w", name, fs.ErrNotExist)
	}
	return []byte(text), nil
}

// goldenFile finds base.yaml, base.json or base/openapi.yaml.
func goldenFile(dir, which string) string {
	for _, name := range []string{which + ".yaml", which + ".json", path.Join(which, "openapi.yaml")} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return name
		}
	}
	return ""
}

// goldenRun is what came out of a case.
type goldenRun struct {
	text     string
	changes  []string // "level rule", sorted
	verdicts []consumerVerdict
	twins    []string // fingerprints that two changes share
}

// consumerVerdict is a consumer's gravest verdict, and whether what it declares
// matches the contract.
type consumerVerdict struct {
	component string
	verdict   string
	faulty    bool
}

func runGolden(t *testing.T, dir string) goldenRun {
	t.Helper()
	var b strings.Builder
	var run goldenRun
	load := func(which string) *Contract {
		file := goldenFile(dir, which)
		if file == "" {
			return nil
		}
		c, err := Load(t.Context(), folder(dir), file, LoadOptions{})
		if err != nil {
			fmt.Fprintf(&b, "%s: %v\n", which, err)
			return nil
		}
		return c
	}
	base, head := load("base"), load("head")
	if b.Len() > 0 {
		run.text = b.String()
		return run
	}
	comparison, err := Compare(t.Context(), base, head, CompareOptions{API: "acme/orders/orders"})
	if err != nil {
		t.Fatal(err)
	}
	consumers := goldenConsumers(t, filepath.Join(dir, "usage.yaml"))
	findings, problems, err := comparison.Judge(t.Context(), consumers)
	if err != nil {
		t.Fatal(err)
	}
	judgements := make([][]judgement, len(consumers))
	for i := range consumers {
		worst := consumerVerdict{component: consumers[i].Component, verdict: string(Unaffected)}
		if base != nil {
			judgements[i], _ = (&judge{c: comparison}).consumer(&consumers[i])
		}
		for _, f := range findings {
			for _, h := range f.Hits {
				if h.Consumer.Component == worst.component && h.Consumer.Environment == consumers[i].Environment && h.Verdict.Rank() > Verdict(worst.verdict).Rank() {
					worst.verdict = string(h.Verdict)
				}
			}
		}
		for _, p := range problems {
			worst.faulty = worst.faulty || p.Consumer.Component == worst.component
		}
		run.verdicts = append(run.verdicts, worst)
	}
	seen := map[string]bool{}
	for k := range findings {
		f := &findings[k]
		writeFinding(&b, f)
		for i := range judgements {
			if v := judgements[i][k]; v.verdict == Unaffected {
				fmt.Fprintf(&b, "  %s unaffected: %s\n", consumers[i].Component, strings.TrimSpace(string(v.reason.Code)+" "+v.reason.Node))
			}
		}
		run.changes = append(run.changes, string(f.Change.Level)+" "+f.Change.Rule)
		if seen[f.Change.Fingerprint] {
			run.twins = append(run.twins, f.Change.Rule)
		}
		seen[f.Change.Fingerprint] = true
	}
	slices.Sort(run.changes)
	if len(findings) == 0 {
		b.WriteString("nothing changed\n")
	}
	for _, p := range problems {
		fmt.Fprintf(&b, "registration of %s: %s (%s)\n", p.Consumer.Component, p.Problem.Message, p.Problem.Hint)
	}
	run.text = b.String()
	return run
}

// expectation is what the comments of usage.yaml ask for.
type expectation struct {
	changes  []string
	verdicts []consumerVerdict
	errors   bool // a contract can't be read
}

var (
	changesLine = regexp.MustCompile(`(?m)^# changes: (.+)$`)
	expectLine  = regexp.MustCompile(`(?m)^- component: (\S+) +# expect: (breaks|may-break|unknown|unaffected)( with a registration error)?$`)
)

func readExpectation(t *testing.T, file string) expectation {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var e expectation
	m := changesLine.FindSubmatch(data)
	if m == nil {
		t.Fatalf("%s: no line \"# changes: …\"", file)
	}
	switch text := string(m[1]); text {
	case "none":
	case "an error":
		e.errors = true
	default:
		e.changes = strings.Split(text, ", ")
		slices.Sort(e.changes)
	}
	for _, m := range expectLine.FindAllSubmatch(data, -1) {
		e.verdicts = append(e.verdicts, consumerVerdict{component: string(m[1]), verdict: string(m[2]), faulty: len(m[3]) > 0})
	}
	if n := strings.Count("\n"+string(data), "\n- component:"); n != len(e.verdicts) {
		t.Fatalf("%s: %d consumers, %d of them with \"# expect: …\"", file, n, len(e.verdicts))
	}
	return e
}

// faults tells what differs from the expectation.
func (r *goldenRun) faults(e expectation) []string {
	var list []string
	if e.errors {
		if len(r.changes) > 0 || r.text == "" || strings.HasPrefix(r.text, "nothing") {
			list = append(list, "both contracts were read; an error was expected")
		}
		return list
	}
	if !slices.Equal(r.changes, e.changes) {
		list = append(list, fmt.Sprintf("changes are %q, expected %q", r.changes, e.changes))
	}
	for i, want := range e.verdicts {
		if i < len(r.verdicts) && r.verdicts[i] != want {
			list = append(list, fmt.Sprintf("the verdict is %+v, expected %+v", r.verdicts[i], want))
		}
	}
	if len(r.verdicts) != len(e.verdicts) {
		list = append(list, fmt.Sprintf("%d consumers were judged, expected %d", len(r.verdicts), len(e.verdicts)))
	}
	for _, rule := range r.twins {
		list = append(list, "two changes of "+rule+" share a fingerprint")
	}
	return list
}

func writeFinding(b *strings.Builder, f *Finding) {
	c := &f.Change
	fmt.Fprintf(b, "%s %s: %s %s", c.Level, c.Rule, edgeText(c.Edge), c.Direction)
	if c.From != nil || c.To != nil {
		fmt.Fprintf(b, " (%s → %s)", orDash(c.From), orDash(c.To))
	}
	fmt.Fprintf(b, "\n  base %s head %s reached %d\n", lineText(c.Source.Base), lineText(c.Source.Head), c.Reached)
	for _, op := range c.Operations {
		fmt.Fprintf(b, "  at %s\n", strings.Join(strings.Fields(strings.Join([]string{op.Method, op.Path, op.Status, op.MediaType, op.Pointer}, " ")), " "))
	}
	for _, h := range f.Hits {
		fmt.Fprintf(b, "  %s %s: %s", h.Consumer.Component, h.Verdict, h.Reason.Code)
		if h.Reason.Node != "" {
			fmt.Fprintf(b, " %s", h.Reason.Node)
		}
		fmt.Fprintf(b, " [line %d]\n", h.Evidence[0].Line)
	}
}

func edgeText(e Edge) string {
	text := e.Schema
	if e.Name != "" {
		text = strings.TrimSpace(e.Schema + " | " + e.Name)
	}
	return fmt.Sprintf("%s [%s]", text, e.Kind)
}

func orDash(s *string) string {
	if s == nil {
		return "-"
	}
	return *s
}

func lineText(p *Position) string {
	if p == nil {
		return "-"
	}
	return fmt.Sprintf("%s:%d:%d", path.Base(p.File), p.Line, p.Column)
}

// goldenConsumers reads usage.yaml: the consumes part of a repository file, one
// entry per consumer.
func goldenConsumers(t *testing.T, file string) []Consumer {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var entries []struct {
		Component  string
		Via        string
		Catalogue  bool
		Env        string
		Operations []struct {
			Op     yaml.Node
			Reads  *[]yaml.Node
			Sends  *[]yaml.Node
			Status []string
			Values map[string][]string
		}
	}
	var lines []yaml.Node
	if err := yaml.Unmarshal(data, &entries); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, &lines); err != nil {
		t.Fatal(err)
	}
	at := func(n *yaml.Node) Position { return Position{File: "usage.yaml", Line: n.Line, Column: n.Column} }
	var consumers []Consumer
	for i, e := range entries {
		c := Consumer{Component: e.Component, Environment: e.Env, Usage: Usage{Via: e.Via, Catalogue: e.Catalogue,
			Evidence: Evidence{Kind: EvidenceDeclared, Position: at(&lines[i])}}}
		for _, o := range e.Operations {
			use := OperationUse{Selector: o.Op.Value, Status: o.Status, Evidence: Evidence{Kind: EvidenceDeclared, Position: at(&o.Op)}}
			patterns := func(list *[]yaml.Node) *[]Pattern {
				if list == nil {
					return nil
				}
				out := make([]Pattern, 0, len(*list))
				for k := range *list {
					n := &(*list)[k]
					out = append(out, Pattern{Text: n.Value, Position: at(n), Values: o.Values[n.Value]})
				}
				return &out
			}
			use.Reads, use.Sends = patterns(o.Reads), patterns(o.Sends)
			c.Usage.Operations = append(c.Usage.Operations, use)
		}
		consumers = append(consumers, c)
	}
	return consumers
}
