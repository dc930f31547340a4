package diff

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

var update = flag.Bool("update", false, "write the golden files anew")

const goldenDir = "../../testdata/contracts"

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

var _ contracts.Source = folder("")

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
	load := func(which string) *openapi.Contract {
		file := goldenFile(dir, which)
		if file == "" {
			return nil
		}
		c, err := openapi.Load(t.Context(), folder(dir), file, openapi.LoadOptions{})
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
	comparison, err := Compare(t.Context(), base, head, Options{API: "acme/orders/orders"})
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
		worst := consumerVerdict{component: consumers[i].Component, verdict: string(contracts.Unaffected)}
		if base != nil {
			judgements[i], _ = (&judge{c: comparison}).consumer(&consumers[i])
		}
		for _, f := range findings {
			for _, h := range f.Affected {
				if h.Consumer.Component == worst.component && h.Consumer.Environment == consumers[i].Environment && h.Verdict.Rank() > contracts.Verdict(worst.verdict).Rank() {
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
			if v := judgements[i][k]; v.verdict == contracts.Unaffected {
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

func writeFinding(b *strings.Builder, f *contracts.Finding) {
	c := &f.Change
	fmt.Fprintf(b, "%s %s: %s %s", c.Level, c.Rule, edgeText(c.Edge), c.Direction)
	if c.From != nil || c.To != nil {
		fmt.Fprintf(b, " (%s → %s)", orDash(c.From), orDash(c.To))
	}
	fmt.Fprintf(b, "\n  base %s head %s reached %d\n", lineText(c.Source.Base), lineText(c.Source.Head), c.Reached)
	for _, op := range c.Operations {
		fmt.Fprintf(b, "  at %s\n", strings.Join(strings.Fields(strings.Join([]string{op.Method, op.Path, op.Status, op.MediaType, op.Pointer}, " ")), " "))
	}
	for _, h := range f.Affected {
		fmt.Fprintf(b, "  %s %s: %s", h.Consumer.Component, h.Verdict, h.Reason.Code)
		if h.Reason.Node != "" {
			fmt.Fprintf(b, " %s", h.Reason.Node)
		}
		fmt.Fprintf(b, " [line %d]\n", h.Evidence[0].Line)
		if w := h.Witness; w != nil {
			fmt.Fprintf(b, "    %s\n", strings.Join(strings.Fields(strings.Join([]string{w.Operation, w.Status, w.MediaType, w.Parameter, string(w.Document), "→", w.Fails}, " ")), " "))
		}
	}
}

func edgeText(e contracts.Edge) string {
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

func lineText(p *contracts.Position) string {
	if p == nil {
		return "-"
	}
	return fmt.Sprintf("%s:%d:%d", path.Base(p.File), p.Line, p.Column)
}
