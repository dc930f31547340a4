package contracts

import (
	"cmp"
	"slices"
	"strings"
)

// Answer is what can-i-deploy and can-remove say.
type Answer string

// The answers. Yes needs proof; what is not known is never yes.
const (
	AnswerYes     Answer = "yes"
	AnswerNo      Answer = "no"
	AnswerUnknown Answer = "unknown"
)

// Rank orders answers; the larger is the graver.
func (a Answer) Rank() int {
	switch a {
	case AnswerNo:
		return 2
	case AnswerUnknown:
		return 1
	}
	return 0
}

// AnswerCode says why an answer was given. The names are part of the outside; the
// texts live in package checks.
type AnswerCode string

// The reasons for yes.
const (
	CodeCompatible     AnswerCode = "compatible"       // the version works with what is asked about
	CodeOffered        AnswerCode = "offered"          // what runs of the provider offers what the version uses
	CodeNoConsumer     AnswerCode = "no-consumer-live" // nobody who uses the API runs there
	CodeNothingHarmful AnswerCode = "nothing-harmful"  // nothing that could hurt anybody changes against what runs there
	CodeAcknowledged   AnswerCode = "acknowledged"     // it breaks, and somebody who may has agreed
	CodeIgnored        AnswerCode = "ignored-by-rule"  // a rule setting of the API says that the change does not count
	CodeNobodyUses     AnswerCode = "nobody-uses"      // proved: no version that counts uses it
	CodeNoContract     AnswerCode = "no-contract"      // the component provides nothing and uses nothing
)

// The reasons for no.
const (
	CodeConsumerBreaks AnswerCode = "consumer-breaks" // a consumer that counts breaks
	CodeProviderBreaks AnswerCode = "provider-breaks" // what runs of the provider differs from what the consumer was written for, and breaks it
	CodeNotOffered     AnswerCode = "not-offered"     // what runs of the provider does not offer what the consumer uses
	CodeHeld           AnswerCode = "held"            // the commit was to be rolled back there, and nobody has let it go since
)

// The reasons for unknown.
const (
	CodeConsumerMayBreak    AnswerCode = "consumer-may-break"
	CodeConsumerUnknown     AnswerCode = "consumer-unknown"       // what the consumer uses is not known well enough
	CodeConsumerTarget      AnswerCode = "consumer-place-unknown" // nobody knows where the consumer runs
	CodeConsumerUndeclared  AnswerCode = "consumer-undeclared"    // the commit that runs does not say what it uses
	CodeConsumerMisdeclared AnswerCode = "consumer-misdeclared"   // it declares something that no contract has
	CodeBaselineUnreadable  AnswerCode = "baseline-unreadable"
	CodeProviderMayBreak    AnswerCode = "provider-may-break"
	CodeProviderUnknown     AnswerCode = "provider-unknown" // it is not known whether the provider serves the use
	CodeProviderNotDeployed AnswerCode = "provider-not-deployed"
	CodeProviderUnreadable  AnswerCode = "provider-contract-unreadable"
	CodeNotRegistered       AnswerCode = "not-registered"     // no provider of the API is registered, or the repository has no repository file
	CodeDeclarationBroken   AnswerCode = "declaration-broken" // the repository file at that commit can't be used
	CodeContractUnreadable  AnswerCode = "contract-unreadable"
	CodeComponentMissing    AnswerCode = "component-missing"  // the commit does not declare the component
	CodeStillReading        AnswerCode = "still-reading"      // the first reading of the installation's repositories runs
	CodeNotAllRead          AnswerCode = "not-all-read"       // some repositories of the installation can't be read
	CodeExternalConsumers   AnswerCode = "external-consumers" // the API has users that no registry knows
	CodeEnvironmentUnknown  AnswerCode = "environment-unknown"
)

// AnswerVersion names one version of a component.
type AnswerVersion struct {
	Repository string `json:"repository"`
	// RepositoryID stays when the repository is renamed.
	RepositoryID int64  `json:"repository_id,omitempty"`
	Private      bool   `json:"private,omitempty"`
	Internal     bool   `json:"internal,omitempty"`
	Component    string `json:"component,omitempty"`
	Owner        string `json:"owner,omitempty"`
	Commit       string `json:"commit,omitempty"`
	Environment  string `json:"environment,omitempty"`
	Instance     string `json:"instance,omitempty"`
	Release      string `json:"release,omitempty"`
	Production   bool   `json:"production,omitempty"`
	Rolling      bool   `json:"rolling,omitempty"`
	// Deployed is the commit that runs, where the declaration at Commit stands for it.
	Deployed string `json:"deployed,omitempty"`
	// Stale says why the last known state counts.
	Stale string `json:"stale,omitempty"`
}

// AnswerReason is one reason of an answer.
type AnswerReason struct {
	Code AnswerCode `json:"code"`
	// Answer is what this reason alone would say.
	Answer Answer `json:"answer"`
	// Text says it in a sentence; the package that shows the answer fills it in.
	Text string `json:"text,omitempty"`
	// API by its full name, or as the consumer writes it where that is all there is.
	API      string         `json:"api,omitempty"`
	Consumer *AnswerVersion `json:"consumer,omitempty"`
	Provider *AnswerVersion `json:"provider,omitempty"`
	// Environment that the reason speaks of, where it is not a version's.
	Environment string `json:"environment,omitempty"`
	// Change that affects the consumer, with a few of its operations, and Why it does.
	Change *Change `json:"change,omitempty"`
	Why    *Reason `json:"why,omitempty"`
	// Setting is the rule setting by which the change does not count.
	Setting *RuleSetting `json:"setting,omitempty"`
	// Evidence are the lines that declare the use, the most exact first.
	Evidence []Evidence `json:"evidence,omitempty"`
	// Problem is what is wrong with a file.
	Problem *Problem `json:"problem,omitempty"`
	Nearest []string `json:"nearest,omitempty"`
	// More counts what is not listed: further changes that affect the same version.
	More int `json:"more,omitempty"`
	// Hidden counts the components that the asker may not see; nothing else is shown
	// of them.
	Hidden int `json:"hidden,omitempty"`
}

// GravestAnswer is the most severe answer of several reasons; unknown without any.
func GravestAnswer(reasons []AnswerReason) Answer {
	if len(reasons) == 0 {
		return AnswerUnknown
	}
	worst := AnswerYes
	for i := range reasons {
		if reasons[i].Answer.Rank() > worst.Rank() {
			worst = reasons[i].Answer
		}
	}
	return worst
}

// SortReasons puts the most severe first, then by API and version.
func SortReasons(reasons []AnswerReason) {
	name := func(v *AnswerVersion) string {
		if v == nil {
			return ""
		}
		return strings.Join([]string{v.Repository, v.Component, v.Environment, v.Instance, v.Release, v.Commit}, "\x00")
	}
	type named struct {
		AnswerReason
		consumer, provider string
	}
	all := make([]*named, len(reasons))
	for i, r := range reasons {
		all[i] = &named{r, name(r.Consumer), name(r.Provider)}
	}
	slices.SortStableFunc(all, func(a, b *named) int {
		return cmp.Or(cmp.Compare(b.Answer.Rank(), a.Answer.Rank()), cmp.Compare(a.Code, b.Code), cmp.Compare(a.API, b.API),
			cmp.Compare(a.consumer, b.consumer), cmp.Compare(a.provider, b.provider))
	})
	for i := range all {
		reasons[i] = all[i].AnswerReason
	}
}

// SeenBy gives the reasons as somebody sees them who may not see every version: of
// consumers that are hidden only how many there are stays, of hidden providers
// nothing. The answer is the same. For its own use a consumer's lines stay.
func SeenBy(reasons []AnswerReason, sees func(AnswerVersion) bool) []AnswerReason {
	type kind struct {
		code   AnswerCode
		answer Answer
		api    string
	}
	counted := map[kind]int{}
	listed := map[kind]map[AnswerVersion]bool{}
	var out []AnswerReason
	for _, r := range reasons {
		if r.Consumer != nil && !sees(*r.Consumer) {
			k := kind{r.Code, r.Answer, r.API}
			if r.Provider != nil && !sees(*r.Provider) {
				k.api = ""
			}
			who := AnswerVersion{Repository: r.Consumer.Repository, RepositoryID: r.Consumer.RepositoryID, Component: r.Consumer.Component}
			if listed[k] == nil {
				listed[k] = map[AnswerVersion]bool{}
				counted[k] = len(out)
				out = append(out, AnswerReason{Code: r.Code, Answer: r.Answer, API: k.api})
			}
			if !listed[k][who] {
				listed[k][who] = true
				out[counted[k]].Hidden++
			}
			continue
		}
		if r.Provider != nil && !sees(*r.Provider) {
			r.Provider, r.Change, r.Why, r.Nearest, r.Setting = nil, nil, nil, nil, nil
			if r.Problem != nil {
				r.Problem = &Problem{Position: r.Problem.Position}
			}
			if r.Consumer == nil {
				r.Problem = nil
			}
		}
		out = append(out, r)
	}
	return out
}

// MayNameVersion is MayName for a version in an answer.
func (r RepositoryRef) MayNameVersion(v AnswerVersion) bool {
	return r.MayName(RepositoryRef{ID: v.RepositoryID, Private: v.Private, Internal: v.Internal})
}

// Present gives the reasons with the names and the visibility that repositories have now. A
// repository that is not known any more counts as private.
func Present(reasons []AnswerReason, now func(id int64) (RepositoryRef, bool)) []AnswerReason {
	present := func(v *AnswerVersion) *AnswerVersion {
		if v == nil {
			return nil
		}
		changed := *v
		changed.Private, changed.Internal = true, false
		if repo, ok := now(v.RepositoryID); ok {
			changed.Repository, changed.Private, changed.Internal = repo.FullName(), repo.Private, repo.Internal
		}
		return &changed
	}
	changed := slices.Clone(reasons)
	for i := range changed {
		changed[i].Consumer, changed[i].Provider = present(changed[i].Consumer), present(changed[i].Provider)
	}
	return changed
}

// NameConsumer names a consumer in an answer.
func NameConsumer(c Consumer) *AnswerVersion {
	return &AnswerVersion{
		Repository: c.Repository.FullName(), RepositoryID: c.Repository.ID, Private: c.Repository.Private, Internal: c.Repository.Internal, Component: c.Component, Owner: c.Owner,
		Commit: c.Commit, Environment: c.Environment, Instance: c.Instance, Release: c.Release, Production: c.Production, Rolling: c.Rolling,
		Deployed: c.Deployed, Stale: c.Stale,
	}
}

// NameVersion names a live version in an answer.
func NameVersion(v LiveVersion) *AnswerVersion {
	return &AnswerVersion{
		Repository: v.Repository.FullName(), RepositoryID: v.Repository.ID, Private: v.Repository.Private, Internal: v.Repository.Internal, Component: v.Component,
		Commit: v.Commit, Environment: v.Environment, Instance: v.Instance, Release: v.Release, Production: v.Production, Rolling: v.Rolling,
	}
}
