package alerts_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plimsoll/checks/readiness/alerts"
)

const head = "groups:\n- name: g\n  rules:\n"

func rule(expr string) string { return "  - alert: A\n    expr: '" + expr + "'\n" }

// Whatever an outsider writes: an answer within seconds, bounded, that says why.
func TestHostile(t *testing.T) {
	deep := func(s string, n int) string { return strings.Repeat(s, n) }
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'i'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s*%c]\n", c, c, deep(fmt.Sprintf("*%c,", c-1), 8), c-1)
	}
	for _, c := range []struct{ name, data, says string }{
		{"bomb", bomb, "stand for more than 10000 values"},
		{"many documents", deep("groups: []\n---\n", 10_000), "the limit is 500"},
		{"many resources", deep("kind: PrometheusRule\nspec: {groups: [{name: a, rules: [{}]}]}\n---\n", 500), "more faults are not shown"},
		{"many rules", head + deep("  - {alert: A, expr: up}\n", 20_001), "more than 20000 rules"},
		{"expression of 100,000 nodes", head + rule("a"+deep("+a", 100_000)), "too large"},
		{"expression of 3,000 words", head + rule("a"+deep("+a", 1_500)), "more than 2000 words"},
		{"parentheses", head + rule(deep("(", 10_000)+"a"+deep(")", 10_000)), "too large"},
		{"parentheses that fit, many times", head + deep(rule(deep("(", 900)+"a"+deep(")", 900)), 1_000), "all that is read of one file"},
		{"signs that fit, many times", head + deep(rule(deep("-", 1_900)+"a"), 500), "all that is read of one file"},
		{"pattern that unfolds", head + rule(`a{b=~"(\\pL{900})"}`), "regular expressions"},
		{"wide classes", head + rule(`a{b=~"`+strings.Repeat("[^/]", 1000)+`"}`), "regular expressions"},
		{"pattern that unfolds, hidden", head + rule(`a{b=~"(\\pL\x7b900})"}`), "regular expressions"},
		{"patterns that fit, many times", head + deep(rule(`a{b=~"(\\pL{20})"}`), 2_000), "all that is read of one file"},
		{"aliases of one expression", "groups:\n- name: g\n  rules:\n  - {alert: A, expr: &e '" + deep("-", 1_900) + "a'}\n" + deep("  - {alert: A, expr: *e}\n", 9_000), "all that is read of one file"},
		{"template", head + "  - alert: A\n    expr: up\n    annotations: {a: '" + deep("{{if 1}}", 100_000) + "'}\n", "at most 32768"},
		{"template that nests", head + "  - alert: A\n    expr: up\n    annotations: {a: '{{" + deep("(", 10_000) + "'}\n", "does not parse"},
		{"binary", "groups:\x00\x01", "NUL"},
		{"not UTF-8", "groups: \xff", "UTF-8"},
		{"huge", deep("#\n", 2<<20) + "x", "bytes, the limit is"},
		{"deep YAML", deep("[", 10_000), "nested"},
		{"cycle", "groups: &g [*g]", "refers to a value that contains it"},
		{"not a mapping", "- groups\n", "expected groups"},
		{"text", "hello", "expected groups"},
		{"merge of a list of itself", "groups:\n- &g {<<: [*g], name: x}", "refers to a value that contains it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			_, faults := alerts.Parse("f.yml", []byte(c.data))
			t.Logf("took %s", time.Since(start))
			var all strings.Builder
			for _, f := range faults {
				fmt.Fprintln(&all, f)
			}
			if !strings.Contains(all.String(), c.says) {
				t.Errorf("expected %q among\n%.2000s", c.says, all.String())
			}
			if len(faults) > 101 {
				t.Errorf("%d faults", len(faults))
			}
		})
	}
}

// Whatever the bytes: no panic, every fault a line inside of the file; a file without
// faults gives expressions whose metrics are read, and is one still after the edits
// that are offered.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yml")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("groups:\n- name: a\n  rules:\n  - alert: A\n    expr: up\n    labels:\n      a: b\n    annotations:\n      runbook: x.md\n  - expr: |\n      up\n    alert: 'B'\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, faults := alerts.Parse("f.yml", data)
		for _, fault := range faults {
			if last := strings.Count(string(data), "\n") + 1; fault.Line > last {
				t.Fatalf("line %d of %d: %s", fault.Line, last, fault)
			}
			if fault.Message == "" || fault.File != "f.yml" {
				t.Fatalf("empty: %+v", fault)
			}
		}
		for _, alert := range file.Alerts() {
			alert.Names(alerts.Component{Name: "orders"})
			alert.Runbook(alerts.Repository{Owner: "acme", Name: "orders"})
			alert.Severity()
			alert.Metrics()
		}
		if len(faults) > 0 || strings.ContainsAny(string(data), "\r") {
			return
		}
		for i, alert := range file.Alerts() {
			lacks := alerts.Lacks{Runbook: "docs/a.md"}
			if _, ok := alert.Severity(); !ok {
				lacks.Severity = "page"
			}
			if alert.For.Value == "" {
				lacks.For = "5m"
			}
			if _, there := alert.Runbook(alerts.Repository{}); there {
				lacks.Runbook = ""
			}
			if edits, ok := alert.Add(lacks); ok {
				stillGood(t, apply(string(data), edits...), i, alert, true)
			}
			if link, ok := alert.Runbook(alerts.Repository{}); ok {
				if edit, ok := alert.Replace(link.Pair, "docs/b.md"); ok {
					stillGood(t, apply(string(data), edit), i, alert, false)
				}
			}
		}
		if edit, ok := file.AppendGroup(data, "- name: \"\\u2603 new\"\n  rules: []\n"); ok {
			if after, faults := alerts.Parse("f.yml", []byte(apply(string(data), edit))); len(faults) > 0 || len(after.Groups) != len(file.Groups)+1 {
				t.Fatalf("%v\n%s", faults, apply(string(data), edit))
			}
		}
	})
}

func stillGood(t *testing.T, data string, i int, before alerts.Rule, equipped bool) {
	t.Helper()
	after, faults := alerts.Parse("f.yml", []byte(data))
	if len(faults) > 0 {
		t.Fatalf("%v\n%s", faults, data)
	}
	alert := after.Alerts()[i]
	_, severity := alert.Severity()
	_, link := alert.Runbook(alerts.Repository{})
	if alert.Alert.Value != before.Alert.Value || alert.Expr.Value != before.Expr.Value || !link || equipped && (alert.For.Value == "" || !severity) {
		t.Fatalf("%+v\n%s", alert, data)
	}
}
