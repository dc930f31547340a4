package deploytext

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"plimsoll/checks"
	"plimsoll/config"
)

// configuration is the plan that was used, as names and values.
func (d Deployed) configuration() []Fact {
	plan := d.Run.Plan
	if !plan.Declared {
		return []Fact{{Name: "verify", Text: "not declared"}}
	}
	facts := []Fact{{"plan", plan.Hash(), true}, {"for", lasting(plan.For), true}, {"every", lasting(plan.Every), true}, {"baseline", lasting(plan.Baseline), true}}
	if plan.Timezone != "" {
		facts = append(facts, Fact{"timezone", string(plan.Timezone), true})
	}
	if plan.Datasource != "" {
		facts = append(facts, Fact{"datasource", checks.Plain(plan.Datasource), true})
	}
	for i, p := range plan.Probes {
		facts = append(facts, Fact{fmt.Sprintf("probes[%d]", i), checks.Plain(probeDeclared(p)), true})
	}
	for i, s := range plan.Signals {
		facts = append(facts, Fact{fmt.Sprintf("signals[%d]", i), checks.Plain(signalDeclared(s)), true})
	}
	return facts
}

// probeDeclared writes a probe in one line.
func probeDeclared(p config.Probe) string {
	parts := []string{"get " + string(p.Get)}
	if p.Head != "" {
		parts[0] = "head " + string(p.Head)
	}
	if p.Redirects > 0 {
		parts = append(parts, fmt.Sprintf("redirects %d", p.Redirects))
	}
	if p.Expect.Status != "" {
		parts = append(parts, "status "+string(p.Expect.Status))
	}
	if p.Expect.Within > 0 {
		parts = append(parts, "within "+p.Expect.Within.Value().String())
	}
	for _, field := range slices.Sorted(maps.Keys(p.Expect.JSON)) {
		parts = append(parts, fmt.Sprintf("json %s = %s", field, p.Expect.JSON[field].Text))
	}
	return strings.Join(parts, "; ")
}

// signalDeclared writes a signal in one line; its queries stand beside it.
func signalDeclared(s config.Signal) string {
	parts := []string{string(s.Name)}
	if s.Preset != "" {
		parts[0] = "preset " + string(s.Preset)
	}
	for _, label := range slices.Sorted(maps.Keys(s.Match)) {
		parts = append(parts, fmt.Sprintf("match %s = %s", label, s.Match[label]))
	}
	if s.Better != "" {
		parts = append(parts, "better "+string(s.Better))
	}
	if s.Investigate.Text != "" {
		parts = append(parts, "investigate "+s.Investigate.Text)
	}
	if s.Rollback.Text != "" {
		parts = append(parts, "rollback "+s.Rollback.Text)
	}
	return strings.Join(parts, "; ")
}
