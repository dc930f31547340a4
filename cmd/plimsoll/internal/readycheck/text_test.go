package readycheck

import (
	"strings"
	"testing"
	"time"

	"plimsoll/checks/readiness"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/config"
	"plimsoll/server/testbed/testbedtest"
)

// evaluatedPage is a folder of which everything can be told, with hostile words.
func evaluatedPage() *Result {
	const file = ".github/plimsoll.yml"
	day := func(text string) config.Date {
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			panic(err)
		}
		return config.Date{Time: at}
	}
	finding := func(rule, component string, line int, message string, fix ...readiness.Snippet) readiness.Finding {
		return readiness.Finding{Rule: rule, Component: component, Position: config.Position{File: file, Line: line, Column: 5}, Message: message, Fix: fix}
	}
	runbook := readiness.Snippet{File: "docs/runbook.md", Text: "# runbook\n\nWhat to do.\n"}
	results := func(violated ...string) (all []readiness.Result) {
		for _, rule := range readiness.Rules {
			state := readiness.Passed
			for _, id := range violated {
				if rule.ID == id {
					state = readiness.Violated
				}
			}
			all = append(all, readiness.Result{Rule: rule.ID, State: state})
		}
		return all
	}
	waiver := config.Waiver{Rule: "owner", Reason: "the team \x1b[31mis being\nfounded", Until: day("2027-01-31")}
	ended := config.Waiver{Rule: "deploy", Reason: "one person deploys", Until: day("2026-01-31")}
	orders := readiness.ComponentReport{
		Component: readiness.Component{Name: "orders", Results: results("RB001", "HC005", "VF001", "OW001", "AL002")},
		Findings: []readiness.Compared{
			{Finding: finding("RB001", "orders", 3, "no runbook is declared", readiness.Snippet{File: file, After: 4, Text: "    health:\n      runbook: docs/runbook.md\n"}, runbook), New: true, Blocks: true},
			{Finding: finding("HC005", "orders", 2, "the probe waits \x1b]0;evil\x07 10s", readiness.Snippet{File: file, After: 1, Replaces: 1, Text: "components: # \u202eevil\n"}, runbook), New: true, Blocks: true},
			{Finding: finding("VF001", "orders", 4, "no verification", readiness.Snippet{File: file, Loose: true, Text: "verify:\n  for: 10m\n"}), New: true},
			{Finding: finding("AL002", "orders", 99, "expected an expression")},
			{Finding: finding("OW001", "orders", 3, "nobody owns it"), Waiver: &waiver},
		},
		Fixed:   []readiness.Finding{finding("VF003", "orders", 9, "no version probe")},
		Waivers: []readiness.WaiverReport{{Waiver: waiver, State: readiness.InForce}, {Waiver: ended, State: readiness.Ended}},
	}
	billing := readiness.ComponentReport{Component: readiness.Component{Name: "billing-\x1b[2Jservice", Results: results()}}
	billing.Results[9] = readiness.Result{Rule: "AL004", State: readiness.Unknown, Reason: "metric server \"default\": could not be asked"}
	return &Result{
		base: "main", kept: []string{"billing"}, now: day("2027-01-20").Time,
		quotes: quotedFiles{file: []byte("version: 1\ncomponents: \x1b[31m\n  - name: orders\n    path: orders\n")},
		report: readiness.Report{
			Components: []readiness.ComponentReport{orders, billing}, Exempt: []string{"web"},
			Unread: []readiness.Unread{{Position: config.Position{File: "charts/a.yaml", Line: 1}, Message: "a Helm template", Hint: "judge what it renders"}},
		},
		problems: config.Errors{{File: file, Line: 7, Column: 3, Message: "warn is looser than the policy; block counts", Hint: "remove it"}},
	}
}

func TestReadinessTextGolden(t *testing.T) {
	var all strings.Builder
	for _, format := range []string{"text", "markdown"} {
		var out strings.Builder
		if err := evaluatedPage().write(&terminal.Terminal{Stdout: &out}, format); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(out.String(), "\x1b\x07\u202e") {
			t.Errorf("%s: the terminal can be steered: %q", format, out.String())
		}
		all.WriteString("=== " + format + "\n" + out.String())
	}
	testbedtest.Golden(t, "readiness.txt", all.String())
}

// Colours add nothing but colours, and the answer is the same in every form.
func TestReadinessColors(t *testing.T) {
	var plain, colored strings.Builder
	for out, color := range map[*strings.Builder]bool{&plain: false, &colored: true} {
		if err := evaluatedPage().write(&terminal.Terminal{Stdout: out, Color: color}, "text"); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(colored.String(), "\x1b[31;1mblocks\x1b[0m RB001") {
		t.Errorf("no colours: %q", colored.String())
	}
	stripped := strings.Builder{}
	for i, part := range strings.Split(colored.String(), "\x1b[") {
		if i > 0 {
			_, part, _ = strings.Cut(part, "m")
		}
		stripped.WriteString(part)
	}
	if stripped.String() != plain.String() {
		t.Errorf("without colours:\n%s\nwith, taken out:\n%s", plain.String(), stripped.String())
	}
}

func TestReadinessLastLine(t *testing.T) {
	component := func(findings ...readiness.Compared) readiness.Report {
		return readiness.Report{Components: []readiness.ComponentReport{{Component: readiness.Component{Name: "orders"}, Findings: findings}}}
	}
	unread := component()
	unread.Unread = []readiness.Unread{{Message: "x"}}
	enrolling := component(readiness.Compared{New: true}, readiness.Compared{New: true})
	enrolling.Enrolling = true
	for want, report := range map[string]readiness.Report{
		"No gaps.":                                     component(),
		"No new gaps.":                                 component(readiness.Compared{}),
		"1 gap blocks. Fix it by hand":                 component(readiness.Compared{New: true, Blocks: true}),
		"2 gaps block. Fix it by hand":                 component(readiness.Compared{New: true, Blocks: true}, readiness.Compared{New: true, Blocks: true}),
		"Nothing blocks. 1 gap.":                       component(readiness.Compared{New: true}),
		"Nothing blocks. 1 rule could not be checked.": unread,
		"2 gaps. None blocks yet":                      enrolling,
		"Nothing to check: no component":               {},
	} {
		if got := (&Result{report: report}).lastLine(&terminal.Terminal{}); !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestReadinessLongSnippet(t *testing.T) {
	for n, want := range map[int]string{mostSnippetLines: "", mostSnippetLines + 1: "and 1 more line (--format json lists them)"} {
		var b strings.Builder
		(&Result{}).textSnippet(&b, &terminal.Terminal{}, readiness.Snippet{File: "a", Text: strings.Repeat("x\n", n)})
		if strings.Count(b.String(), " + x") != mostSnippetLines || strings.Contains(b.String(), "more line") != (want != "") || !strings.Contains(b.String(), want) {
			t.Errorf("%d lines:\n%s", n, b.String())
		}
	}
}

func TestReadinessManyOldOnes(t *testing.T) {
	for n, want := range map[int]string{mostOldLines: "", mostOldLines + 1: "and 1 more existing gap (--format json lists them)"} {
		c := readiness.ComponentReport{Component: readiness.Component{Name: "orders"}, Findings: make([]readiness.Compared, n)}
		got := (&Result{report: readiness.Report{Components: []readiness.ComponentReport{c}}}).text(&terminal.Terminal{})
		if strings.Count(got, "existing  : ") != mostOldLines || strings.Contains(got, "more existing") != (want != "") || !strings.Contains(got, want) {
			t.Errorf("%d:\n%s", n, got)
		}
	}
}
