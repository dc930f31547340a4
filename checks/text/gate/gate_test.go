package gatetext

import (
	"strings"
	"testing"
	"unicode/utf8"

	"plimsoll/checks/markdowntest"
	failuretext "plimsoll/checks/text/failure"
	"plimsoll/checks/text/texttest"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/gate"
)

const (
	digest = "sha256:aaaaaaaaaaaa1111111111111111111111111111111111111111111111111111"
	other  = "sha256:bbbbbbbbbbbb2222222222222222222222222222222222222222222222222222"
	commit = "c0ffee1111111111111111111111111111111111"
)

var orders = deploy.Target{Component: "orders", Environment: "production", Production: true}

// reasons are all there are, by what they are about.
func reasons() map[string]gate.Reason {
	breaks := []contracts.AnswerReason{
		{Code: contracts.CodeConsumerBreaks, Answer: contracts.AnswerNo, API: "acme/orders/orders", Consumer: &contracts.AnswerVersion{Repository: "acme/web", Component: "web", Environment: "production", Commit: commit}},
		{Code: contracts.CodeConsumerUnknown, Answer: contracts.AnswerUnknown, API: "acme/orders/orders", Hidden: 2},
	}
	all := map[string]gate.Reason{
		"the file is broken":      {Kind: gate.ReasonBroken, State: gate.Rejected},
		"no gate":                 {Kind: gate.ReasonOpen, State: gate.Approved},
		"verified here before":    {Kind: gate.ReasonGoesBack, State: gate.Approved},
		"was to be rolled back":   {Kind: gate.ReasonBad, State: gate.Rejected},
		"overridden":              {Kind: gate.ReasonOverridden, State: gate.Approved, Login: "mia", Why: "the database was to blame"},
		"another artifact":        {Kind: gate.ReasonOtherArtifact, State: gate.Rejected, Environment: "staging", Artifact: digest, Verified: other},
		"ready":                   {Kind: gate.ReasonReady, State: gate.Approved, Base: commit, Running: true},
		"not ready":               {Kind: gate.ReasonNotReady, State: gate.Rejected, Base: commit, Rules: []string{"RB001", "HC003", "VF001", "AL001", "HC001", "DP002"}},
		"readiness is not known":  {Kind: gate.ReasonReadinessUnclear, State: gate.Rejected, Base: commit, Rules: []string{"AL004"}},
		"verified":                {Kind: gate.ReasonVerified, State: gate.Approved, Environment: "staging"},
		"verified, overtaken":     {Kind: gate.ReasonVerified, State: gate.Approved, Environment: "staging", Answer: deploy.Verified, Overtaken: true},
		"a later one is verified": {Kind: gate.ReasonDescendant, State: gate.Approved, Environment: "staging", Answer: deploy.Verified, Descendant: commit},
		"watched":                 {Kind: gate.ReasonWatched, State: gate.Held, Environment: "staging"},
		"not deployed yet":        {Kind: gate.ReasonNotDeployed, State: gate.Held, Environment: "staging"},
		"never deployed":          {Kind: gate.ReasonNotDeployed, State: gate.Rejected, Environment: "staging"},
		"not verified":            {Kind: gate.ReasonUnverified, State: gate.Rejected, Environment: "staging", Answer: deploy.RollBack},
		"inconclusive, allowed":   {Kind: gate.ReasonUnverified, State: gate.Approved, Environment: "staging", Answer: deploy.Inconclusive},
		"inconclusive, held":      {Kind: gate.ReasonUnverified, State: gate.Held, Environment: "staging", Answer: deploy.Inconclusive},
		"not verified, no word":   {Kind: gate.ReasonUnverified, State: gate.Rejected, Environment: "staging"},
		"breaks nobody":           {Kind: gate.ReasonMayGo, State: gate.Approved},
		"breaks somebody":         {Kind: gate.ReasonBreaks, State: gate.Rejected, CanDeploy: breaks},
		"can't be told":           {Kind: gate.ReasonUnclear, State: gate.Rejected, CanDeploy: breaks},
		"a younger reason":        {Kind: "not-yet-known", State: gate.Held},
	}
	for about, r := range all {
		r.Target = orders
		all[about] = r
	}
	return all
}

func TestReasons(t *testing.T) {
	texttest.Section(t, "reasons", reasons(), func(r gate.Reason) string { return strings.Join(gateWords(r), "\n") })
}

func TestGateComment(t *testing.T) {
	all := reasons()
	overridden := all["not verified"]
	overridden.Overridden, overridden.Login, overridden.Why = true, "mia", "staging has no database"
	texttest.Table(t, "comments", []texttest.Line{
		{About: "approved", Text: GateComment("production", gate.Approved, []gate.Reason{all["verified"], all["breaks nobody"]})},
		{About: "rejected", Text: GateComment("production", gate.Rejected, []gate.Reason{all["not verified"]})},
		{About: "rejected for spaces in its name", Text: GateComment("eu west", gate.Rejected, []gate.Reason{all["not verified"]})},
		{About: "overridden", Text: GateComment("production", gate.Approved, []gate.Reason{overridden, all["breaks nobody"]})},
		{About: "held", Text: GateComment("production", gate.Held, []gate.Reason{all["watched"]})},
		{About: "no component", Text: GateComment("production", gate.Approved, nil)},
		{About: "can't be answered", Text: GateTrouble("production", failuretext.MissingPermission("deployments: write", "72d3162e"))},
		{About: "can't be answered, our fault", Text: GateTrouble("production", failuretext.InternalError(""))},
	})
}

// TestGateCommentFits: GitHub refuses a longer one. Names of others stay inert.
func TestGateCommentFits(t *testing.T) {
	var many []gate.Reason
	for range 100 {
		many = append(many, reasons()["breaks somebody"])
	}
	if text := GateComment("production", gate.Rejected, many); utf8.RuneCountInString(text) > MaxGateComment {
		t.Errorf("%d characters", utf8.RuneCountInString(text))
	}
	hostile := reasons()["overridden"]
	hostile.Login, hostile.Why, hostile.Target.Component = "@everyone", "[x](https://evil.example) #1", "<b>`x`</b>"
	if wrong := markdowntest.Inert(GateComment("@acme/all", gate.Approved, []gate.Reason{hostile})); len(wrong) > 0 {
		t.Error(wrong)
	}
}

// A gate that waits says the same as long as nothing but the head of the default branch is new:
// GitHub accepts only ten reports on it.
func TestWaitingGateNamesNoHead(t *testing.T) {
	at := func(base string, state gate.State, running bool) string {
		return GateComment("production", state, []gate.Reason{
			{Kind: gate.ReasonReady, State: gate.Approved, Target: orders, Base: base, Running: running},
			{Kind: gate.ReasonWatched, State: gate.Held, Target: orders, Environment: "staging"},
		})
	}
	const next = "beefbee222222222222222222222222222222222"
	if one, two := at(commit, gate.Held, false), at(next, gate.Held, false); one != two || !strings.Contains(one, "compared with the default branch.") {
		t.Errorf("two heads of the default branch:\n%s\n%s", one, two)
	}
	if one, two := at(commit, gate.Held, true), at(next, gate.Held, true); one == two {
		t.Errorf("another commit runs here: %s", one)
	}
	if final := at(commit, gate.Rejected, false); !strings.Contains(final, "the default branch (`c0ffee1`)") {
		t.Errorf("the final answer does not say what it was compared with: %s", final)
	}
}
