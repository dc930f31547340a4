package readiness

import (
	"path"
	"slices"
	"strings"
	"time"

	"plimsoll/config"
)

// Reads tells whether a file may have a part in how a repository stands: a manifest, a
// rule file, a workflow, a contract, an image's recipe, an owner, a runbook. What is
// certain to have none need not be evaluated. File is what the repository says about
// itself; it may be nil.
func Reads(file *config.Repository, name string) bool {
	base := strings.ToLower(path.Base(name))
	switch path.Ext(base) {
	case ".yml", ".yaml", ".json", ".tpl", ".rules":
		return true
	}
	if base == "codeowners" || base == "kustomization" || strings.Contains(base, "dockerfile") || strings.Contains(base, "containerfile") {
		return true
	}
	if stem, _, _ := strings.Cut(base, "."); strings.Contains(stem, "runbook") {
		return true
	}
	if file == nil {
		return false
	}
	return slices.ContainsFunc(file.Components, func(c config.Component) bool {
		if c.Health != nil && (string(c.Health.Runbook) == name || slices.ContainsFunc(c.Health.Alerts, func(g config.Glob) bool { return g.Match(name) })) {
			return true
		}
		return slices.ContainsFunc(c.Provides, func(p config.Provides) bool { return string(p.Spec) == name })
	})
}

// Untouched is the report on a change that touches nothing that is read: the waivers
// alone, which are shown on every pull request.
func Untouched(base *config.Repository, now time.Time) Report {
	var report Report
	if base == nil {
		return report
	}
	by := Policy{Base: base, Now: now}
	for i, theirs := range waiversIn(base, base.Components) {
		c := base.Components[i]
		if !InScope(c) {
			report.Exempt = append(report.Exempt, string(c.Name))
			continue
		}
		report.Components = append(report.Components, ComponentReport{
			Component: Component{Declared: c, Name: string(c.Name), Owner: string(c.Owner)}, Waivers: by.waivers(theirs, nil, nil),
		})
	}
	return report
}
