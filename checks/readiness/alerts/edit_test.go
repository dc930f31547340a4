package alerts_test

import (
	"slices"
	"strings"
	"testing"

	"plimsoll/checks/readiness/alerts"
)

// What is put in is there afterwards, and all that was there still is.
func TestAdd(t *testing.T) {
	for _, c := range []struct {
		name, rule string
		bad        bool
	}{
		{"nothing", "  - alert: A\n    expr: up\n", false},
		{"expression first", "  - expr: |\n      up\n        == 0\n    alert: A\n", false},
		{"labels and annotations", "  - alert: A\n    labels:\n      team: shop\n    expr: up\n    annotations:\n      # a comment\n      summary: |\n        two\n        lines\n", false},
		{"empty labels", "  - alert: A\n    expr: up\n    labels:\n    annotations:\n", false},
		{"deeper", "    -   alert: A\n        expr: up\n", false},
		{"braces", "  - {alert: A, expr: up}\n", true},
		{"labels in braces", "  - alert: A\n    expr: up\n    labels: {team: shop}\n", true},
		{"name on a line of its own", "  - alert:\n      A\n    expr: up\n", true},
		{"merged", "  - &a\n    alert: B\n    expr: up\n  - <<: *a\n    alert: A\n", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := head + c.rule
			before, faults := alerts.Parse("f.yml", []byte(data))
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			alert := before.Alerts()[len(before.Alerts())-1]
			edits, ok := alert.Add(alerts.Lacks{For: "5m", Severity: "page", Runbook: "docs/a: b.md"})
			if ok == c.bad {
				t.Fatalf("ok %t, %+v", ok, edits)
			}
			if !ok {
				return
			}
			after, faults := alerts.Parse("f.yml", []byte(apply(data, edits...)))
			if len(faults) > 0 {
				t.Fatalf("%v\n%s", faults, apply(data, edits...))
			}
			fixed := after.Alerts()[0]
			severity, _ := fixed.Severity()
			if !fixed.Waits() || severity.Value.Value != "page" || len(fixed.Labels) != len(alert.Labels)+1 || len(fixed.Annotations) != len(alert.Annotations)+1 || fixed.Expr.Value != alert.Expr.Value {
				t.Errorf("%+v\n%s", fixed, apply(data, edits...))
			}
		})
	}
}

func TestReplace(t *testing.T) {
	for _, c := range []struct {
		name, rule string
		bad        bool
	}{
		{"own line", "  - alert: A\n    annotations:\n      runbook: TBD # later\n      summary: x\n    expr: up\n", false},
		{"quoted", "  - alert: A\n    annotations:\n      runbook: \"TBD\"\n    expr: up\n", false},
		{"several lines", "  - alert: A\n    annotations:\n      runbook: TBD\n        later\n      summary: x\n    expr: up\n", true},
		{"block", "  - alert: A\n    annotations:\n      runbook: |\n        TBD\n    expr: up\n", true},
		{"braces", "  - alert: A\n    annotations: {runbook: TBD}\n    expr: up\n", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			file, _ := alerts.Parse("f.yml", []byte(head+c.rule))
			link, _ := file.Alerts()[0].Runbook(alerts.Repository{})
			edit, ok := file.Alerts()[0].Replace(link.Pair, "docs/a.md")
			if ok == c.bad {
				t.Fatalf("ok %t, %+v", ok, edit)
			}
			if !ok {
				return
			}
			after, faults := alerts.Parse("f.yml", []byte(apply(head+c.rule, edit)))
			if got, _ := after.Alerts()[0].Runbook(alerts.Repository{}); len(faults) > 0 || got.Value.Value != "docs/a.md" || len(after.Alerts()[0].Annotations) != len(file.Alerts()[0].Annotations) {
				t.Errorf("%v\n%s", faults, apply(head+c.rule, edit))
			}
		})
	}
}

func TestAppendGroup(t *testing.T) {
	const group = "- name: new\n  rules: []\n"
	for _, c := range []struct {
		name, data string
		bad        bool
	}{
		{"indented", "groups:\n  - name: a\n    rules: []\n\n", false},
		{"not indented, no end of line", "groups:\n- name: a\n  rules: []", false},
		{"braces", "groups: [{name: a, rules: []}]\n", true},
		{"no groups", "groups: []\n", true},
		{"end of the document", "groups:\n- name: a\n  rules: []\n...\n", true},
		{"resource", "kind: PrometheusRule\nspec:\n  groups:\n  - name: a\n    rules: []\n", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			file, _ := alerts.Parse("f.yml", []byte(c.data))
			edit, ok := file.AppendGroup([]byte(c.data), group)
			if ok == c.bad {
				t.Fatalf("ok %t, %+v", ok, edit)
			}
			if !ok {
				return
			}
			after, faults := alerts.Parse("f.yml", []byte(apply(c.data, edit)))
			if len(faults) > 0 || len(after.Groups) != 2 || after.Groups[1].Name.Value != "new" {
				t.Errorf("%v\n%s", faults, apply(c.data, edit))
			}
		})
	}
}

// apply puts the edits into a text, from its end to its beginning.
func apply(data string, edits ...alerts.Edit) string {
	lines := strings.SplitAfter(strings.TrimSuffix(data, "\n")+"\n", "\n")
	lines = lines[:len(lines)-1]
	slices.SortStableFunc(edits, func(a, b alerts.Edit) int { return b.After - a.After })
	for _, e := range edits {
		lines = slices.Replace(lines, e.After, e.After+e.Replaces, e.Text)
	}
	return strings.Join(lines, "")
}
