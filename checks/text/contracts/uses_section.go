package contracttext

import (
	"fmt"
	"slices"
	"strings"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/contracts/impact"
)

// usesSection is about the uses that this repository itself declares.
func (v *view) usesSection() string {
	var bad, warn, good []string
	for i := range v.Uses {
		u := &v.Uses[i]
		failed, warned := v.missingLines(u)
		warned = append(warned, v.providerLines(u)...)
		warned = append(warned, v.environmentLines(u)...)
		warned = append(warned, v.sinceLines(u)...)
		warned = append(warned, v.deprecatedLines(u)...)
		bad, warn = append(bad, failed...), append(warn, warned...)
		if len(failed)+len(warned) == 0 {
			good = append(good, v.offeredLine(u))
		}
	}
	lines := append(append(bad, warn...), good...)
	if len(lines) > mostProblems {
		lines = append(lines[:mostProblems], checks.Count(len(lines)-mostProblems, "more line")+" about declared uses.")
	}
	return checks.Paragraphs(checks.List(lines), v.assumedSection())
}

// notShown says why nothing of a provider's contract is shown.
const notShown = " The provider is private, so its contract is not shown here."

// usesWords gives "`web` uses `orders`", with the line that says so.
func (v *view) usesWords(u *UseReport) string {
	text := checks.Code(u.Component) + " uses " + checks.Code(u.API)
	if u.Position.File != "" {
		text += " (" + v.web.Line(v.Repository, v.HeadSHA, u.Position, checks.InCode) + ")"
	}
	return text
}

// providerLines say why the use could not be compared with a contract.
func (v *view) providerLines(u *UseReport) []string {
	text := checks.MarkWarn + " " + v.usesWords(u)
	switch {
	case u.NewBy > 0:
		return []string{text + ", which has no provider yet. " + v.linkName(u.NewBy, checks.InCode) + " adds it: **safe if " + v.linkName(u.NewBy, checks.InCode) + " is deployed first.**"}
	case u.nobody():
		text += ", but no readable repository provides an API of that name." + nearest(v.names(u.Candidates))
		if v.Fork && (!v.Repository.Private || v.Repository.Internal) {
			text += " Private repositories are not shown to pull requests from forks."
		}
		if v.Registry.Scanning {
			text += " Plimsoll is still reading repositories" + v.scanned() + "."
		}
		return []string{text}
	case u.Unreadable != nil && v.secret(u):
		return []string{text + ", but the contract on the provider's default branch can't be read." + notShown}
	case u.Unreadable != nil:
		return []string{text + ", but the contract on the provider's default branch can't be read: " + v.foreign(u, *u.Unreadable)}
	}
	return nil
}

// names gives APIs in full, without those that may not be named here.
func (v *view) names(apis []contracts.APIRef) (names []string) {
	for _, api := range apis {
		if v.Repository.MayName(api.Repository) {
			names = append(names, api.FullName())
		}
	}
	return names
}

// foreign is a problem in a file of the provider's.
func (v *view) foreign(u *UseReport, p contracts.Problem) string {
	where := v.web.Link(checks.Code(p.Position.String()), v.web.Permalink(u.Provider.Repository, u.Commit, p.Position))
	return where + ": " + problemWords(p, checks.InProse)
}

// missingLines are about what is not on the provider's default branch: failed is
// what exists nowhere.
func (v *view) missingLines(u *UseReport) (failed, warned []string) {
	for i := range u.Missing {
		m := &u.Missing[i]
		what := v.declaredLine(u, m.Problem) + v.nearestOf(u, m)
		if m.Kind != contracts.EvidenceDeclared && m.Kind != "" {
			what += " The source is evidence of the kind " + checks.Code(string(m.Kind)) + ", not a declaration."
		}
		about := " " + checks.Code(u.Component) + " uses a part of " + checks.Code(u.API) + " that does not exist: "
		switch {
		case len(m.AddedBy) > 0 && len(m.StillLive) == 0:
			what += " " + v.addedWords(u, m)
		case len(m.StillLive) > 0:
			about = " " + checks.Code(u.Component) + " uses a part of " + checks.Code(u.API) + " that was removed on the provider's default branch: "
			what += " It is still live in " + v.targets(u, m.StillLive) + ". The next deployment there removes it."
		}
		if v.forged(m) {
			failed = append(failed, checks.MarkBad+about+what)
		} else {
			warned = append(warned, checks.MarkWarn+about+what)
		}
	}
	return failed, warned
}

// addedWords say what a linked pull request does for what is missing.
func (v *view) addedWords(u *UseReport, m *MissingUse) string {
	name := v.linkName(m.AddedBy[0], checks.InCode)
	switch {
	case !v.excused(m.AddedBy):
		return name + " will add it."
	case slices.Contains(u.Circle, m.AddedBy[0]):
		return name + " adds it."
	}
	return name + " adds it: **safe if " + name + " is deployed first.**"
}

// declaredLine links a line of this repository, with what is wrong there; of a
// private provider's contract nothing is said.
func (v *view) declaredLine(u *UseReport, p contracts.Problem) string {
	if v.secret(u) {
		return v.web.Link(checks.Code(p.Position.String()), v.web.Permalink(v.Repository, v.HeadSHA, p.Position)) + "." + notShown
	}
	return v.problem(v.HeadSHA, contracts.Problem{Position: p.Position, Path: p.Path, Message: p.Message})
}

// fixUse is what to do about a name that is similar to no other.
const fixUse = "Correct it, or ask the provider to add it first."

func (v *view) nearestOf(u *UseReport, m *MissingUse) string {
	switch {
	case v.secret(u):
		return ""
	case len(m.Nearest) > 0:
		return nearest(m.Nearest)
	case len(m.StillLive)+len(m.AddedBy) == 0:
		return " " + fixUse
	}
	return ""
}

// targets names versions that run: "`production` at `1a2b3c4`".
func (v *view) targets(u *UseReport, versions []contracts.LiveVersion) string {
	var words []string
	for i := range versions {
		words = append(words, checks.Code(versions[i].Environment)+v.commitOf(u, &versions[i]))
	}
	return checks.Join(words, mostVersions)
}

func (v *view) commitOf(u *UseReport, version *contracts.LiveVersion) string {
	if v.secret(u) || version.Commit == "" {
		return ""
	}
	return " at " + v.web.Commit(u.Provider.Repository, version.Commit, checks.InCode)
}

// environmentLines are about what runs of the provider where the component runs.
func (v *view) environmentLines(u *UseReport) (lines []string) {
	for i := range u.Environments {
		e := &u.Environments[i]
		where := checks.Code(e.Environment)
		switch {
		case e.Version == nil:
			lines = append(lines, checks.MarkWarn+" No deployment of "+checks.Code(u.API)+" to "+where+" is known, so the uses of "+checks.Code(u.Component)+" there can't be checked.")
		case e.Unknown:
			lines = append(lines, checks.MarkWarn+" Can't check "+checks.Code(u.API)+" in "+where+": the contract of the running version"+v.commitOf(u, e.Version)+" can't be read.")
		case len(e.Missing) > 0:
			lines = append(lines, v.notLiveLine(u, e))
		}
	}
	return lines
}

// notLiveLine names what is on the provider's default branch and does not run yet.
func (v *view) notLiveLine(u *UseReport, e *EnvironmentUse) string {
	var missing []string
	for k, p := range e.Missing {
		if k == checks.MostNames {
			missing = append(missing, checks.Count(len(e.Missing)-k, "more declared use"))
			break
		}
		words := strings.TrimSuffix(v.declaredLine(u, contracts.Problem{Position: p.Position, Message: p.Message}), notShown)
		missing = append(missing, strings.TrimSuffix(words, "."))
	}
	text := checks.MarkWarn + " **Deploy " + checks.Code(u.API) + " to " + checks.Code(e.Environment) + " first.** The uses of " + checks.Code(u.Component) +
		" are on the provider's default branch, but not in the version that runs there"
	if v.secret(u) {
		return text + ": " + strings.Join(missing, "; ") + "." + notShown
	}
	return text + " (" + v.web.Commit(u.Provider.Repository, e.Version.Commit, checks.InCode) + "): " + strings.Join(missing, "; ") + "."
}

// sinceLines are about what has changed since the contract that the use was written for.
func (v *view) sinceLines(u *UseReport) (lines []string) {
	for _, p := range u.Baseline {
		lines = append(lines, checks.MarkWarn+" The baseline that "+checks.Code(u.Component)+" names for "+checks.Code(u.API)+" does not match: "+v.declaredLine(u, p))
	}
	for i := range u.Since {
		for _, h := range u.Since[i].Affected {
			where := v.web.Line(v.Repository, v.HeadSHA, h.Evidence[0].Position, checks.InCode)
			text := checks.MarkWarn + " A part of " + checks.Code(u.API) + " that " + checks.Code(u.Component) + " uses has changed since the baseline"
			if v.secret(u) {
				lines = append(lines, text+" ("+where+")."+notShown)
				continue
			}
			lines = append(lines, text+": the provider "+ChangeSentence(u.Since[i].Change)+", and "+checks.Code(u.Component)+" "+ReasonSentence(h.Reason)+
				" ("+where+"): it "+verdictWord(h.Verdict, false)+".")
		}
	}
	return lines
}

// deprecatedLines are about what is listed; see assumedSection for the rest.
func (v *view) deprecatedLines(u *UseReport) (lines []string) {
	for i := range u.Deprecated {
		d := &u.Deprecated[i]
		if d.Assumed {
			continue
		}
		where := " (" + v.web.Line(v.Repository, v.HeadSHA, d.Evidence.Position, checks.InCode) + ")"
		if v.secret(u) {
			lines = append(lines, checks.MarkWarn+" "+checks.Code(u.Component)+" uses a deprecated part of "+checks.Code(u.API)+where+"."+notShown)
			continue
		}
		lines = append(lines, checks.MarkWarn+" "+checks.Code(u.Component)+" uses a deprecated part of "+checks.Code(u.API)+": "+deprecatedWords(d, checks.InCode)+where+".")
	}
	return lines
}

// deprecatedWords names what is deprecated: "property `sku` in `GET /orders/{id}`,
// which may be removed from `2027-01-31` on".
func deprecatedWords(d *impact.Deprecation, p checks.RenderContext) string {
	text := "operation " + checks.Escape(d.Operation, p)
	if d.Kind != contracts.KindOperation {
		text = string(d.Kind) + " " + checks.Escape(d.Name, p) + " in " + checks.Escape(d.Operation, p)
	}
	if d.Sunset != "" {
		text += ", which may be removed from " + checks.Escape(d.Sunset, p) + " on"
	}
	return text
}

// assumedSection folds what is deprecated and only assumed to be used.
func (v *view) assumedSection() string {
	var sections []string
	for i := range v.Uses {
		u := &v.Uses[i]
		var lines []string
		total := 0
		for k := range u.Deprecated {
			if !u.Deprecated[k].Assumed || v.secret(u) {
				continue
			}
			if total++; total <= mostSafe {
				lines = append(lines, checks.UpperFirst(deprecatedWords(&u.Deprecated[k], checks.InCode)))
			}
		}
		if total == 0 {
			continue
		}
		if total > mostSafe {
			lines = append(lines, fmt.Sprintf("%d more", total-mostSafe))
		}
		sections = append(sections, checks.Details(checks.Count(total, "deprecated part")+" that may be in use", checks.Code(u.Component)+" does not list everything that it uses of "+checks.Code(u.API)+".\n\n"+checks.List(lines)))
	}
	return strings.Join(sections, "\n\n")
}

// offeredLine says that every use is available, and where that was checked.
func (v *view) offeredLine(u *UseReport) string {
	text := checks.MarkGood + " All uses of " + checks.Code(u.API) + " by " + checks.Code(u.Component) + " are available on the provider's default branch"
	var targets []string
	for i := range u.Environments {
		if name := checks.Code(u.Environments[i].Environment); len(targets) == 0 || targets[len(targets)-1] != name {
			targets = append(targets, name)
		}
	}
	if len(targets) == 0 {
		return text + ". No deployment of " + checks.Code(u.Component) + " is known, so running versions were not checked."
	}
	return text + " and live in " + checks.Join(targets, checks.MostNames) + "."
}
