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
	if plan.Language != "" {
		facts = append(facts, Fact{"language", checks.Plain(string(plan.Language)), true})
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
	if len(p.Steps) == 0 {
		return strings.Join(requestDeclared(p.Requests()[0]), "; ")
	}
	parts := []string{"journey " + string(p.Name)}
	if p.Within > 0 {
		parts = append(parts, "within "+p.Within.Value().String())
	}
	for _, step := range p.Steps {
		parts = append(parts, "step "+string(step.Name)+" ("+strings.Join(requestDeclared(step), ", ")+")")
	}
	return strings.Join(parts, "; ")
}

// requestDeclared lists what is declared of one request: of headers and bodies only which
// there are.
func requestDeclared(s config.Step) []string {
	parts := []string{strings.ToLower(s.Method()) + " " + s.Path()}
	if len(s.Headers) > 0 {
		parts = append(parts, "headers "+strings.Join(slices.Sorted(maps.Keys(s.Headers)), " "))
	}
	switch {
	case s.Body != nil && s.Body.JSON != "":
		parts = append(parts, "body json")
	case s.Body != nil:
		parts = append(parts, "body form")
	}
	if s.Redirects > 0 {
		parts = append(parts, fmt.Sprintf("redirects %d", s.Redirects))
	}
	if s.Expect.Status != "" {
		parts = append(parts, "status "+string(s.Expect.Status))
	}
	if s.Expect.Within > 0 {
		parts = append(parts, "within "+s.Expect.Within.Value().String())
	}
	for _, field := range slices.Sorted(maps.Keys(s.Expect.JSON)) {
		parts = append(parts, fmt.Sprintf("json %s = %s", field, s.Expect.JSON[field].Text))
	}
	for _, text := range s.Expect.Text {
		parts = append(parts, fmt.Sprintf("text %q", string(text)))
	}
	return parts
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
