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
)

const (
	digest = "sha256:aaaaaaaaaaaa1111111111111111111111111111111111111111111111111111"
	other  = "sha256:bbbbbbbbbbbb2222222222222222222222222222222222222222222222222222"
	commit = "c0ffee1111111111111111111111111111111111"
)

var orders = deploy.Place{Component: "orders", Environment: "production", Production: true}

// reasons are all there are, by what they are about.
func reasons() map[string]deploy.GateReason {
	breaks := []contracts.AnswerReason{
		{Code: contracts.CodeConsumerBreaks, Answer: contracts.AnswerNo, API: "acme/orders/orders", Consumer: &contracts.AnswerVersion{Repository: "acme/web", Component: "web", Environment: "production", Commit: commit}},
		{Code: contracts.CodeConsumerUnknown, Answer: contracts.AnswerUnknown, API: "acme/orders/orders", Hidden: 2},
	}
	all := map[string]deploy.GateReason{
		"the file is broken":     {Kind: deploy.GateBroken, State: deploy.GateRejected},
		"no gate":                {Kind: deploy.GateOpen, State: deploy.GateApproved},
		"goes back":              {Kind: deploy.GateGoesBack, State: deploy.GateApproved},
		"was to be rolled back":  {Kind: deploy.GateBad, State: deploy.GateRejected},
		"overridden":             {Kind: deploy.GateOverridden, State: deploy.GateApproved, Login: "mia", Why: "the database was to blame"},
		"another artifact":       {Kind: deploy.GateOtherArtifact, State: deploy.GateRejected, Environment: "staging", Artifact: digest, Verified: other},
		"ready":                  {Kind: deploy.GateReady, State: deploy.GateApproved, Base: commit, Running: true},
		"not ready":              {Kind: deploy.GateNotReady, State: deploy.GateRejected, Base: commit, Rules: []string{"RB001", "HC003", "VF001", "AL001", "HC001", "DP002"}},
		"readiness is not known": {Kind: deploy.GateReadyUnclear, State: deploy.GateRejected, Base: commit, Rules: []string{"AL004"}},
		"verified":               {Kind: deploy.GateVerified, State: deploy.GateApproved, Environment: "staging"},
		"watched":                {Kind: deploy.GateWatched, State: deploy.GateHeld, Environment: "staging"},
		"not deployed yet":       {Kind: deploy.GateNotDeployed, State: deploy.GateHeld, Environment: "staging"},
		"never deployed":         {Kind: deploy.GateNotDeployed, State: deploy.GateRejected, Environment: "staging"},
		"not verified":           {Kind: deploy.GateUnverified, State: deploy.GateRejected, Environment: "staging", Answer: deploy.RollBack},
		"not verified, no word":  {Kind: deploy.GateUnverified, State: deploy.GateRejected, Environment: "staging"},
		"breaks nobody":          {Kind: deploy.GateMayGo, State: deploy.GateApproved},
		"breaks somebody":        {Kind: deploy.GateBreaks, State: deploy.GateRejected, Said: breaks},
		"can't be told":          {Kind: deploy.GateUnclear, State: deploy.GateRejected, Said: breaks},
		"a younger reason":       {Kind: "not-yet-known", State: deploy.GateHeld},
	}
	for about, r := range all {
		r.Place = orders
		all[about] = r
	}
	return all
}

func TestReasons(t *testing.T) {
	texttest.Section(t, "reasons", reasons(), func(r deploy.GateReason) string { return strings.Join(gateWords(r), "\n") })
}

func TestGateComment(t *testing.T) {
	all := reasons()
	texttest.Table(t, "comments", []texttest.Line{
		{About: "approved", Text: GateComment("production", deploy.GateApproved, []deploy.GateReason{all["verified"], all["breaks nobody"]})},
		{About: "rejected", Text: GateComment("production", deploy.GateRejected, []deploy.GateReason{all["not verified"]})},
		{About: "held", Text: GateComment("production", deploy.GateHeld, []deploy.GateReason{all["watched"]})},
		{About: "no component", Text: GateComment("production", deploy.GateApproved, nil)},
		{About: "can't be answered", Text: GateTrouble("production", failuretext.MissingPermission("deployments: write", "72d3162e"))},
		{About: "can't be answered, our fault", Text: GateTrouble("production", failuretext.InternalError(""))},
	})
}

// TestGateCommentFits: GitHub refuses a longer one. Names of others stay inert.
func TestGateCommentFits(t *testing.T) {
	var many []deploy.GateReason
	for range 100 {
		many = append(many, reasons()["breaks somebody"])
	}
	if text := GateComment("production", deploy.GateRejected, many); utf8.RuneCountInString(text) > MaxGateComment {
		t.Errorf("%d characters", utf8.RuneCountInString(text))
	}
	hostile := reasons()["overridden"]
	hostile.Login, hostile.Why, hostile.Place.Component = "@everyone", "[x](https://evil.example) #1", "<b>`x`</b>"
	if wrong := markdowntest.Inert(GateComment("@acme/all", deploy.GateApproved, []deploy.GateReason{hostile})); len(wrong) > 0 {
		t.Error(wrong)
	}
}
