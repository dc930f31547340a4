// Package gatetext writes the answers to deployment protection rules.
package gatetext

import (
	"fmt"
	"strings"

	"plimsoll/checks"
	"plimsoll/checks/readiness"
	contracttext "plimsoll/checks/text/contracts"
	failuretext "plimsoll/checks/text/failure"
	readinesstext "plimsoll/checks/text/readiness"
	"plimsoll/contracts"
	"plimsoll/deploy/gate"
)

// MaxGateComment bounds the answer to a deployment protection rule, in characters.
// https://docs.github.com/en/rest/actions/workflow-runs#review-custom-deployment-protection-rules-for-a-workflow-run
const MaxGateComment = 1024

// mostGateReasons of can-i-deploy are told in an answer.
const mostGateReasons = 5

// GateComment is the answer to a deployment protection rule, with its reasons.
func GateComment(environment string, state gate.State, reasons []gate.Reason) string {
	name := checks.Code(environment)
	head := map[gate.State]string{
		gate.Approved: checks.MarkGood + " **May go to " + name + ".**",
		gate.Rejected: checks.MarkBad + " **May not go to " + name + ".**",
		gate.Held:     "⏳ **Not yet to " + name + ":** it is answered when this is known.",
	}[state]
	var lines []string
	for _, r := range reasons {
		lines = append(lines, gateWords(r)...)
	}
	if len(reasons) == 0 {
		lines = []string{"Plimsoll knows of no component that this deploys."}
	}
	return checks.Fit(checks.Paragraphs(head, checks.List(lines)), checks.Limit{Max: MaxGateComment, Characters: true})
}

func gateWords(r gate.Reason) []string {
	component, there := checks.Code(r.Target.Component), checks.Code(r.Environment)
	switch r.Kind {
	case gate.ReasonBroken:
		return []string{"The repository's `plimsoll.yml` can't be used, so that nobody knows what it asks for. Its errors stand on the check runs of its pull requests; mend it, and deploy again."}
	case gate.ReasonOpen:
		return []string{component + ": no gate is declared (`gate: true` below the environment)."}
	case gate.ReasonGoesBack:
		return []string{component + ": this commit was verified here before."}
	case gate.ReasonBad:
		return []string{component + ": this commit was to be rolled back here. Deploy another one; or a maintainer comments " +
			checks.Code("/plimsoll override "+quoted(r.Target.Environment)+" REASON") + " on its pull request, and it is deployed again."}
	case gate.ReasonOverridden:
		return []string{component + ": was to be rolled back here, and " + checks.Code(r.Login) + " has **overridden** that: " + OverrideReason(r.Why)}
	case gate.ReasonOtherArtifact:
		return []string{component + ": another artifact than the one that was verified in " + there + ": " + checks.Code(shortDigest(r.Artifact)) + " is not " + checks.Code(shortDigest(r.Verified)) + "."}
	case gate.ReasonReady:
		return []string{component + ": nothing new that blocks is missing, compared with " + readyBase(r) + "."}
	case gate.ReasonNotReady:
		return append([]string{component + ": " + readinesstext.Missing(len(r.Rules), "new thing") + ", compared with " + readyBase(r) + "."}, ruleLines(r.Rules)...)
	case gate.ReasonReadinessUnclear:
		return append([]string{component + ": whether something new is missing, compared with " + readyBase(r) + ", can't be told in full."}, ruleLines(r.Rules)...)
	case gate.ReasonVerified:
		return []string{component + ": verified in " + there + "."}
	case gate.ReasonWatched:
		return []string{component + ": still watched in " + there + "."}
	case gate.ReasonNotDeployed:
		if r.State == gate.Rejected {
			return []string{component + ": this commit was never deployed to " + there + ", where it must be verified first."}
		}
		return []string{component + ": not deployed to " + there + " yet, where it must be verified first."}
	case gate.ReasonUnverified:
		came := ""
		if r.Answer != "" {
			came = fmt.Sprintf(" (%s)", r.Answer)
		}
		return []string{component + ": not verified in " + there + came + "."}
	case gate.ReasonMayGo:
		return []string{component + ": breaks nobody there, and nobody breaks it."}
	case gate.ReasonUnclear:
		return append([]string{component + ": " + unclear(r)}, gateAnswers(r.CanDeploy, contracts.AnswerUnknown)...)
	case gate.ReasonBreaks:
		return append([]string{component + ": breaks what runs there, or is broken by it."}, gateAnswers(r.CanDeploy, contracts.AnswerNo)...)
	}
	return []string{component + ": " + strings.ReplaceAll(string(r.Kind), "-", " ")}
}

// unclear says what follows from an answer that is not known.
func unclear(r gate.Reason) string {
	switch {
	case r.Own:
		return "whether it breaks anybody is unknown because of the commit itself. Fix it and deploy again."
	case r.State == gate.Held:
		return "whether it breaks anybody is not known yet. `policy.gate_unknown: allow` would let it pass."
	}
	return "whether it breaks anybody is not fully known, which does not hold this gate."
}

// quoted puts a name in quotes where a command needs them.
func quoted(name string) string {
	if strings.ContainsAny(name, " \t") {
		return `"` + name + `"`
	}
	return name
}

// longestOverride bounds what is told of the reason for an override, in characters.
const longestOverride = 200

// OverrideReason quotes the reason for an override, as one sentence.
func OverrideReason(reason string) string {
	text := checks.Escape(checks.Clip(checks.Clean(reason), longestOverride), checks.InProse)
	if strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// shortDigest is a digest as far as it is told.
func shortDigest(digest string) string { return checks.Clip(digest, len("sha256:")+12) }

// readyBase names what a commit was compared with.
func readyBase(r gate.Reason) string {
	if r.Running {
		return "what runs here (" + checks.Code(checks.Short(r.Base)) + ")"
	}
	return "the default branch (" + checks.Code(checks.Short(r.Base)) + ")"
}

// ruleLines name rules of readiness, as many as there is room for.
func ruleLines(ids []string) []string {
	var lines []string
	for i, id := range ids {
		if i == mostGateReasons {
			return append(lines, "and "+checks.Count(len(ids)-i, "more rule")+".")
		}
		rule, _ := readiness.RuleOf(id)
		lines = append(lines, checks.Code(id)+" "+rule.Title)
	}
	return lines
}

// GateTrouble reports that a gate can't be answered. It stays shut.
func GateTrouble(environment string, e failuretext.Explanation) string {
	text := checks.Escape(e.What, checks.InProse)
	if e.Fix != "" {
		text += " " + checks.Escape(e.Fix, checks.InProse)
	}
	if e.Delivery != "" {
		text += " Delivery " + checks.Code(e.Delivery) + "."
	}
	head := "⏳ **Not yet to " + checks.Code(environment) + ":** the gate can't be answered."
	return checks.Fit(checks.Paragraphs(head, text, "It stays shut and is looked at again every few minutes, by itself."), checks.Limit{Max: MaxGateComment, Characters: true})
}

// gateAnswers are the reasons of can-i-deploy that say so.
func gateAnswers(said []contracts.AnswerReason, answer contracts.Answer) []string {
	var lines []string
	for _, reason := range said {
		if reason.Answer == answer && len(lines) < mostGateReasons {
			lines = append(lines, contracttext.AnswerMarkdown(reason, checks.Web{}))
		}
	}
	return lines
}
