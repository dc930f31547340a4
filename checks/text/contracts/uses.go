package contracttext

import (
	"slices"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/contracts/impact"
)

// UseReport is one API that a component of this repository uses by the head's
// declaration, and whether its provider offers it.
type UseReport struct {
	Component string
	// API as written in the declaration, at Position.
	API      string
	Position contracts.Position
	// Provider's API, zero without a known provider. The content of a private provider's
	// contract is not shown on a public pull request.
	Provider contracts.APIRef
	// Candidates are the nearest names where there is no provider.
	Candidates []contracts.APIRef
	// NewBy is set where there is no provider yet and a linked pull request adds it:
	// the index of that one in Report.Links, from 1.
	NewBy int
	// Unreadable says why the contract on the provider's default branch, at Commit,
	// could not be compared with.
	Unreadable *contracts.Problem
	Commit     string
	// Missing is what is not in the contract on the provider's default branch.
	Missing []MissingUse
	// Baseline are problems with the contract that the use names as its baseline.
	Baseline []contracts.Problem
	// Since is what changed between that baseline and the provider's default branch
	// and hits the use.
	Since []contracts.Finding
	// Environments where the component runs, or is declared to run.
	Environments []EnvironmentUse
	// Deprecated is what is used and the provider has deprecated.
	Deprecated []impact.Deprecation
	// TakenBy are linked pull requests (places in Report.Links, from 1) at whose
	// head something of what is used is gone.
	TakenBy []int
	// Circle are those of AddedBy that take away what the component has used up to
	// now, so that neither can be deployed first.
	Circle []int
}

// MissingUse is a selector or a pattern that matches nothing on the provider's
// default branch.
type MissingUse struct {
	contracts.Problem
	Nearest []string
	// Kind of the evidence that states the use.
	Kind contracts.EvidenceKind
	// StillLive are versions of the provider that run and have it.
	StillLive []contracts.LiveVersion
	// AddedBy are the linked pull requests that add it: places in Report.Links, from 1.
	AddedBy []int
}

// EnvironmentUse is what one environment offers of a use.
type EnvironmentUse struct {
	Environment string
	// Version of the provider that runs there; nil: none is known to run there.
	Version *contracts.LiveVersion
	// Unknown: it is unknown what that version offers.
	Unknown bool
	// Missing is what is on the provider's default branch and not yet there.
	Missing []contracts.Problem
}

// secret tells whether what the provider's contract holds must not be shown.
func (v *view) secret(use *UseReport) bool {
	return !v.Repository.MayName(use.Provider.Repository)
}

// nobody: no repository that can be read provides the API.
func (u *UseReport) nobody() bool { return u.Provider.Name == "" }

// excused tells whether a linked pull request stands for what is missing. What a
// fork's author can write, a link or the head of the pull request that is linked,
// excuses nothing: it would let an outsider turn a failure into a pass.
func (v *view) excused(links []int) bool {
	return slices.ContainsFunc(links, func(index int) bool {
		link := v.link(index)
		return link != nil && link.State == LinkOpen && v.trusts(link)
	})
}

// forged: a declared operation or field exists nowhere, which only its author can fix.
func (v *view) forged(m *MissingUse) bool {
	return (m.Kind == contracts.EvidenceDeclared || m.Kind == "") && len(m.StillLive) == 0 && !v.excused(m.AddedBy)
}

// nowhere counts the declared uses that exist nowhere.
func (v *view) nowhere() (n int) {
	for i := range v.Uses {
		for k := range v.Uses[i].Missing {
			if v.forged(&v.Uses[i].Missing[k]) {
				n++
			}
		}
	}
	return n
}

// doubtfulUses: a declared use has a warning, or is unknown.
func (v *view) doubtfulUses() bool {
	return slices.ContainsFunc(v.Uses, func(u UseReport) bool {
		return u.nobody() || u.NewBy > 0 || u.Unreadable != nil ||
			len(u.Missing)+len(u.Baseline)+len(u.Since) > 0 || slices.ContainsFunc(u.TakenBy, v.counts) ||
			slices.ContainsFunc(u.Environments, func(e EnvironmentUse) bool { return !e.offers() }) ||
			slices.ContainsFunc(u.Deprecated, func(d impact.Deprecation) bool { return !d.Assumed })
	})
}

// offers: the environment is known to have all of it.
func (e *EnvironmentUse) offers() bool {
	return e.Version != nil && !e.Unknown && len(e.Missing) == 0
}

// usesHeadline is the most severe result of the declared uses, in a few words; "" if all
// of them are offered.
func (v *view) usesHeadline(p checks.RenderContext) string {
	if n := v.nowhere(); n > 0 {
		return checks.Count(n, "declared use") + exists(n) + " in the provider's contract"
	}
	var unknown, wrong, taken, notLive, changed, deprecated string
	for i := range v.Uses {
		u := &v.Uses[i]
		api := checks.Escape(checks.Clip(u.API, 40), p)
		switch {
		case u.NewBy > 0:
			wrong = "Safe if " + v.linkName(u.NewBy, p) + " is deployed first: it adds " + api
		case u.nobody():
			unknown = "No known provider of " + api
		case u.Unreadable != nil:
			unknown = "Can't read the contract of " + api
		case len(u.Missing) > 0:
			wrong = v.missingHeadline(u, p)
		case slices.ContainsFunc(u.TakenBy, v.counts):
			taken = v.linkName(u.TakenBy[slices.IndexFunc(u.TakenBy, v.counts)], p) + " removes a part of " + api + " that is used here"
		}
		for k := range u.Environments {
			if e := &u.Environments[k]; len(e.Missing) > 0 {
				notLive = "Deploy " + api + " first: " + checks.Count(len(e.Missing), "declared use") + singularBe(len(e.Missing)) + " not live in " + checks.Escape(e.Environment, p)
			} else if !e.offers() && unknown == "" {
				unknown = "Can't check " + api + " in " + checks.Escape(e.Environment, p)
			}
		}
		if len(u.Since)+len(u.Baseline) > 0 {
			changed = "A used part of " + api + " has changed since its baseline"
		}
		if slices.ContainsFunc(u.Deprecated, func(d impact.Deprecation) bool { return !d.Assumed }) {
			deprecated = "A used part of " + api + " is deprecated"
		}
	}
	for _, words := range []string{wrong, notLive, taken, changed, unknown, deprecated} {
		if words != "" {
			return words
		}
	}
	return ""
}

func (v *view) missingHeadline(u *UseReport, p checks.RenderContext) string {
	for k := range u.Missing {
		m := &u.Missing[k]
		switch {
		case v.excused(m.AddedBy) && slices.Contains(u.Circle, m.AddedBy[0]):
			return "This and " + v.linkName(m.AddedBy[0], p) + " need each other: neither can be deployed first"
		case v.excused(m.AddedBy):
			return "Safe if " + v.linkName(m.AddedBy[0], p) + " is deployed first"
		case len(m.StillLive) > 0:
			return "A used part of " + checks.Escape(checks.Clip(u.API, 35), p) + " was removed on its default branch"
		}
	}
	return checks.Count(len(u.Missing), "use") + exists(len(u.Missing)) + " in the provider's contract"
}

func exists(n int) string {
	if n == 1 {
		return " does not exist"
	}
	return " do not exist"
}

func singularBe(n int) string {
	if n == 1 {
		return " is"
	}
	return " are"
}
