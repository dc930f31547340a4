// Package gatetext writes the answers to deployment protection rules.
package gatetext

import (
	"fmt"
	"slices"
	"strings"

	"plimsoll/checks"
	"plimsoll/checks/readiness"
	contracttext "plimsoll/checks/text/contracts"
	failuretext "plimsoll/checks/text/failure"
	"plimsoll/contracts"
	"plimsoll/deploy/gate"
)

// MaxGateComment bounds the answer to a deployment protection rule, in characters.
// https://docs.github.com/en/rest/actions/workflow-runs#review-custom-deployment-protection-rules-for-a-workflow-run
const MaxGateComment = 1024

// mostGateReasons of can-i-deploy are shown in an answer.
const mostGateReasons = 5

// GateComment is the answer to a deployment protection rule, with its reasons.
func GateComment(environment string, state gate.State, reasons []gate.Reason) string {
	name := checks.Code(environment)
	head := map[gate.State]string{
		gate.Approved: checks.MarkGood + " **Approved for " + name + ".**",
		gate.Rejected: checks.MarkBad + " **Rejected for " + name + ".**",
		gate.Held:     "⏳ **Waiting before " + name + ".** The gate opens or closes when this is known.",
	}[state]
	shown := reasons
	if state == gate.Held {
		shown = slices.Clone(reasons)
		for i := range shown {
			if !shown[i].Running { // the head of the default branch moves while the gate waits
				shown[i].Base = ""
			}
		}
	}
	lines := ReasonLines(shown)
	if len(reasons) == 0 {
		lines = []string{"Plimsoll knows no component that this deploys."}
	}
	next := ""
	if i := slices.IndexFunc(reasons, func(r gate.Reason) bool { return r.State == gate.Rejected && r.Overridable() && !r.Overridden }); state == gate.Rejected && i >= 0 {
		next = "To let this commit pass all the same, a maintainer comments " + overrideCommand(environment) + " on its pull request, and you deploy again."
	}
	return checks.Fit(checks.Paragraphs(head, checks.List(lines), next), checks.Limit{Max: MaxGateComment, Characters: true})
}

// ReasonLines says each reason in a line or more.
func ReasonLines(reasons []gate.Reason) (lines []string) {
	for _, r := range reasons {
		words := gateWords(r)
		if r.Overridden {
			words = append(words, checks.Code(r.Login)+" **overrode** this: "+OverrideReason(r.Why))
		}
		lines = append(lines, words...)
	}
	return lines
}

// overrideCommand is what a maintainer writes.
func overrideCommand(environment string) string {
	return checks.Code("/plimsoll override " + quoted(environment) + " REASON")
}

func gateWords(r gate.Reason) []string {
	component, there := checks.Code(r.Target.Component), checks.Code(r.Environment)
	switch r.Kind {
	case gate.ReasonBroken:
		return []string{"The repository's `plimsoll.yml` has errors, so its gates are unknown. See the check runs of its pull requests. Fix the file and deploy again."}
	case gate.ReasonOpen:
		return []string{component + ": no gate is declared (`gate: true` below the environment)."}
	case gate.ReasonGoesBack:
		return []string{component + ": this commit was verified here before."}
	case gate.ReasonBad:
		return []string{component + ": the verdict on this commit here was to roll it back. Deploy another commit. Or a maintainer comments " +
			overrideCommand(r.Target.Environment) + " on its pull request, and you deploy again."}
	case gate.ReasonOverridden:
		return []string{component + ": the verdict here was to roll it back. " + checks.Code(r.Login) + " **overrode** it: " + OverrideReason(r.Why)}
	case gate.ReasonOtherArtifact:
		return []string{component + ": the artifact differs from the one verified in " + there + ": " + checks.Code(shortDigest(r.Artifact)) + " is not " + checks.Code(shortDigest(r.Verified)) + "."}
	case gate.ReasonReady:
		return []string{component + ": no new blocking gaps compared with " + readyBase(r) + "."}
	case gate.ReasonNotReady:
		return append([]string{component + ": " + checks.Count(len(r.Rules), "new gap") + " compared with " + readyBase(r) + "."}, ruleLines(r.Rules)...)
	case gate.ReasonReadinessUnclear:
		return append([]string{component + ": new gaps compared with " + readyBase(r) + " are not fully known."}, ruleLines(r.Rules)...)
	case gate.ReasonVerified:
		if r.Overtaken {
			return []string{component + ": verified in " + there + ". A newer commit that contains this one was deployed there before the verdict, so it is about both."}
		}
		return []string{component + ": verified in " + there + "."}
	case gate.ReasonDescendant:
		return []string{component + ": verified in " + there + " with the later commit " + checks.Code(checks.Short(r.Descendant)) + ", which contains this one."}
	case gate.ReasonWatched:
		return []string{component + ": verification in progress in " + there + "."}
	case gate.ReasonNotDeployed:
		if r.State == gate.Rejected {
			return []string{component + ": this commit was never deployed to " + there + ". It must be verified there first."}
		}
		return []string{component + ": not deployed to " + there + " yet. It must be verified there first."}
	case gate.ReasonUnverified:
		switch {
		case r.State == gate.Approved:
			return []string{component + ": the verification in " + there + " was inconclusive, which the repository allows (`inconclusive: allow`)."}
		case r.State == gate.Held:
			return []string{component + ": the verification in " + there + " was inconclusive. The gate waits for another verdict: deploy this commit there again, or a later one that contains it."}
		}
		came := ""
		if r.Answer != "" {
			came = fmt.Sprintf(" (%s)", r.Answer)
		}
		return []string{component + ": not verified in " + there + came + "."}
	case gate.ReasonMayGo:
		words := []string{component + ": compatible with what runs there."}
		for _, reason := range r.CanDeploy {
			if reason.Code == contracts.CodeIgnored && len(words) <= mostGateReasons {
				words = append(words, contracttext.AnswerMarkdown(reason, checks.Web{}))
			}
		}
		return words
	case gate.ReasonUnclear:
		return append([]string{component + ": " + unclear(r)}, gateAnswers(r.CanDeploy, contracts.AnswerUnknown)...)
	case gate.ReasonBreaks:
		return append([]string{component + ": not compatible with what runs there."}, gateAnswers(r.CanDeploy, contracts.AnswerNo)...)
	}
	return []string{component + ": " + strings.ReplaceAll(string(r.Kind), "-", " ")}
}

// unclear says what follows from an answer that is not known.
func unclear(r gate.Reason) string {
	switch {
	case r.Own:
		return "compatibility is unknown because of the commit itself. Fix it and deploy again."
	case r.State == gate.Held:
		return "compatibility is not known yet. `policy.gate_unknown: allow` would let it pass."
	}
	return "compatibility is not fully known. This does not hold the gate."
}

// quoted puts a name in quotes where a command needs them.
func quoted(name string) string {
	if strings.ContainsAny(name, " \t") {
		return `"` + name + `"`
	}
	return name
}

// longestOverride is how much of the reason for an override is shown, in characters.
const longestOverride = 200

// OverrideReason quotes the reason for an override, as one sentence.
func OverrideReason(reason string) string {
	text := checks.Escape(checks.Clip(checks.Clean(reason), longestOverride), checks.InProse)
	if strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// shortDigest is the part of a digest that is shown.
func shortDigest(digest string) string { return checks.Clip(digest, len("sha256:")+12) }

// readyBase names what a commit was compared with.
func readyBase(r gate.Reason) string {
	if r.Running {
		return "what runs here (" + checks.Code(checks.Short(r.Base)) + ")"
	}
	if r.Base == "" {
		return "the default branch"
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
	head := "⏳ **Waiting before " + checks.Code(environment) + ".** Plimsoll can't evaluate the gate."
	return checks.Fit(checks.Paragraphs(head, text, "The gate stays closed. Plimsoll tries again every few minutes."), checks.Limit{Max: MaxGateComment, Characters: true})
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
