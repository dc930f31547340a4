package contracttext

import (
	"cmp"
	"fmt"
	"strings"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/contracts/impact"
)

// AnswerSentence says one reason of an answer, for terminals and programs.
func AnswerSentence(r contracts.AnswerReason) string {
	return answerSentence(r, checks.InPlain, checks.Web{})
}

// AnswerMarkdown says one reason in Markdown, with links where the web is known.
func AnswerMarkdown(r contracts.AnswerReason, w checks.Web) string {
	return answerSentence(r, checks.InCode, w)
}

// answerSentence says one reason; lines and commits are links where there is a web.
func answerSentence(r contracts.AnswerReason, p checks.RenderContext, w checks.Web) string {
	if r.Hidden > 0 {
		return hiddenSentence(r, p)
	}
	text := answerWords(r, p)
	if r.Change != nil {
		text += changeWords(r, p)
	}
	if r.More > 0 {
		text += ", and " + checks.Count(r.More, "more change")
	}
	if c := r.Consumer; c != nil && c.Stale != "" && c.Stale != staleAmbiguous {
		text += "; " + staleSentence(c.Stale)
	}
	if r.Problem != nil && r.Problem.Message != "" {
		text += ": " + checks.Escape(strings.TrimSuffix(r.Problem.Message, "."), proseOf(p))
	}
	if len(r.Nearest) > 0 {
		names := make([]string, len(r.Nearest))
		for i, name := range r.Nearest {
			names[i] = checks.Escape(name, p)
		}
		text += "; similar: " + checks.Join(names, 3)
	}
	if at := answerEvidence(r, p, w); at != "" {
		text += " (" + at + ")"
	}
	if beginsWithName(r, text, p) {
		return text + "."
	}
	return checks.UpperFirst(text) + "."
}

// beginsWithName reports whether a sentence begins with a component's name, which keeps its
// first letter.
func beginsWithName(r contracts.AnswerReason, text string, p checks.RenderContext) bool {
	for _, v := range []*contracts.AnswerVersion{r.Consumer, r.Provider} {
		if v != nil && strings.HasPrefix(text, componentOf(v, p)+" ") {
			return true
		}
	}
	return r.API != "" && strings.HasPrefix(text, checks.Escape(r.API, p)+" ")
}

// proseOf is the context of texts that others wrote.
func proseOf(p checks.RenderContext) checks.RenderContext {
	if p == checks.InPlain {
		return checks.InPlain
	}
	return checks.InProse
}

// answerWords says what a reason is about, without its change and its line.
func answerWords(r contracts.AnswerReason, p checks.RenderContext) string {
	consumer, provider := answerVersion(r.Consumer, p), answerVersion(r.Provider, p)
	if c := r.Consumer; c != nil && c.Environment+c.Release == "" && r.Code != contracts.CodeConsumerTarget {
		consumer += " on the default branch"
	}
	api, environment := checks.Escape(r.API, p), checks.Escape(r.Environment, p)
	switch r.Code {
	case contracts.CodeCompatible:
		return consumer + " is not affected"
	case contracts.CodeOffered:
		return provider + " offers what " + componentOf(r.Consumer, p) + " uses of " + api
	case contracts.CodeNoConsumer:
		return "no consumer of " + api + " is known to run in " + environment
	case contracts.CodeNothingHarmful:
		return "no breaking or risky change to the version of " + api + " that runs in " + environment
	case contracts.CodeAcknowledged:
		return consumer + " is affected, and its owner has acknowledged that"
	case contracts.CodeIgnored:
		return ignoredWords(r, consumer, p)
	case contracts.CodeNobodyUses:
		if r.Environment != "" {
			return "no consumer in " + environment + " uses it"
		}
		return "no known consumer uses it"
	case contracts.CodeNoContract:
		return componentOf(r.Provider, p) + " provides no API and uses none"
	case contracts.CodeConsumerBreaks:
		return consumer + " breaks"
	case contracts.CodeConsumerMayBreak:
		return consumer + " may break"
	case contracts.CodeConsumerUnknown:
		if r.Consumer != nil && r.Consumer.Stale == staleAmbiguous {
			return consumer + " uses a short API name that another repository provided first"
		}
		return consumer + " can't be checked: it does not declare what it uses"
	case contracts.CodeConsumerTarget:
		return "no deployment of " + consumer + " is known"
	case contracts.CodeConsumerUndeclared:
		return "the uses of " + consumer + " are unknown: the running commit does not declare them, so its default branch was checked instead"
	case contracts.CodeConsumerMisdeclared:
		return consumer + " declares a use that does not exist in the contract"
	case contracts.CodeBaselineUnreadable:
		return "can't read the contract that " + consumer + " was written for"
	case contracts.CodeProviderBreaks:
		return provider + " differs from what " + componentOf(r.Consumer, p) + " was written for, and breaks it"
	case contracts.CodeProviderMayBreak:
		return provider + " differs from what " + componentOf(r.Consumer, p) + " was written for, and may break it"
	case contracts.CodeProviderUnknown:
		return provider + " may not offer what " + componentOf(r.Consumer, p) + " uses: this can't be checked"
	case contracts.CodeNotOffered:
		return provider + " does not offer what " + componentOf(r.Consumer, p) + " uses of " + api
	case contracts.CodeComponentMissing:
		return "the commit does not declare " + componentOf(r.Provider, p)
	case contracts.CodeHeld:
		return provider + " failed verification there, and no maintainer has overridden that"
	case contracts.CodeProviderNotDeployed:
		return "no deployment of the provider of " + api + " to " + environment + " is known"
	case contracts.CodeProviderUnreadable:
		return "the contract of " + provider + " is unknown"
	case contracts.CodeNotRegistered:
		if r.API == "" {
			return provider + " has no plimsoll.yml that declares a component"
		}
		return "no known repository provides " + api
	case contracts.CodeDeclarationBroken:
		return "the repository file of " + provider + " is invalid"
	case contracts.CodeContractUnreadable:
		return "can't read the contract of " + api
	case contracts.CodeStillReading:
		return "Plimsoll is still reading repositories for the first time, so more consumers of " + api + " may be found"
	case contracts.CodeNotAllRead:
		return unreadWords(r, p)
	case contracts.CodeExternalConsumers:
		return api + " has external consumers that Plimsoll does not know (external: true)"
	case contracts.CodeEnvironmentUnknown:
		return "the environment " + environment + " is unknown, and consumers of " + api + " run in other environments"
	}
	return checks.Escape(strings.ReplaceAll(string(r.Code), "-", " "), proseOf(p)) // a reason that is newer than this text
}

func unreadWords(r contracts.AnswerReason, p checks.RenderContext) string {
	if r.Consumer != nil && r.Consumer.Component == "" {
		return componentOf(r.Consumer, p) + " can't be read, so it may use or provide " + checks.Escape(r.API, p)
	}
	return "some repositories can't be read, so more consumers of " + checks.Escape(r.API, p) + " may exist"
}

func ignoredWords(r contracts.AnswerReason, consumer string, p checks.RenderContext) string {
	if r.Consumer == nil {
		return "every breaking or risky change to the version of " + checks.Escape(r.API, p) + " that runs in " + checks.Escape(r.Environment, p) + " is set aside by rules" +
			settingAt(r.Setting, p)
	}
	return consumer + " is affected, and a rule sets the change aside" + settingAt(r.Setting, p)
}

// settingAt names a rule setting with its reason and end, in brackets.
func settingAt(s *contracts.RuleSetting, p checks.RenderContext) string {
	if s == nil {
		return ""
	}
	text := " (" + checks.Escape(s.Position.String(), p)
	if s.Organisation {
		text += " of the organisation"
	}
	if s.Until != "" {
		text += ", until " + s.Until
	}
	if s.Reason != "" {
		text += ", reason: " + strings.TrimSuffix(checks.Escape(checks.Clip(checks.Clean(s.Reason), longestReason), proseOf(p)), ".")
	}
	return text + ")"
}

func changeWords(r contracts.AnswerReason, p checks.RenderContext) string {
	text := ""
	if r.Why != nil {
		text = ": it " + reasonSentence(*r.Why, p)
	}
	switch r.Code {
	case contracts.CodeProviderBreaks, contracts.CodeProviderMayBreak, contracts.CodeProviderUnknown:
		return text + ", and the running version " + changeSentence(*r.Change, p)
	}
	if r.Provider == nil { // the change is what is asked about
		return text
	}
	return text + ", and the commit " + changeSentence(*r.Change, p)
}

// hiddenSentence counts the consumers that may not be named.
func hiddenSentence(r contracts.AnswerReason, p checks.RenderContext) string {
	if r.Code == contracts.CodeNotAllRead {
		return checks.Count(r.Hidden, "repository") + " that you may not see can't be read, so more consumers of " + checks.Escape(cmp.Or(r.API, "it"), p) + " may exist."
	}
	text := checks.Count(r.Hidden, "consumer") + " that you may not see "
	one := r.Hidden == 1
	switch r.Code {
	case contracts.CodeCompatible, contracts.CodeOffered:
		text += map[bool]string{true: "is not affected", false: "are not affected"}[one]
	case contracts.CodeConsumerBreaks:
		text += map[bool]string{true: "breaks", false: "break"}[one]
	case contracts.CodeAcknowledged:
		text += map[bool]string{true: "is affected (acknowledged)", false: "are affected (acknowledged)"}[one]
	case contracts.CodeIgnored:
		text += map[bool]string{true: "is affected (set aside by a rule)", false: "are affected (set aside by a rule)"}[one]
	case contracts.CodeConsumerMayBreak:
		text += "may break"
	case contracts.CodeConsumerTarget:
		text += map[bool]string{true: "has no known deployment", false: "have no known deployments"}[one]
	default:
		text += "can't be checked"
	}
	if r.API != "" {
		text += " (" + checks.Escape(r.API, p) + ")"
	}
	return checks.UpperFirst(text) + "."
}

// answerVersion names a version: "web of acme/web in production at 1a2b3c4".
func answerVersion(v *contracts.AnswerVersion, p checks.RenderContext) string {
	if v == nil {
		return "it"
	}
	text := componentOf(v, p)
	if v.Component != "" && v.Repository != "" && !strings.HasSuffix(v.Repository, "/"+v.Component) {
		text += " of " + checks.Escape(v.Repository, p)
	}
	switch {
	case v.Release != "":
		text += " " + checks.Escape(v.Release, p)
	case v.Environment != "":
		text += " in " + checks.Escape(v.Environment, p)
		if v.Instance != "" {
			text += "/" + checks.Escape(v.Instance, p)
		}
	}
	if commit := cmp.Or(v.Deployed, v.Commit); commit != "" {
		text += " at " + checks.Escape(checks.Short(commit), p)
	}
	return text
}

func componentOf(v *contracts.AnswerVersion, p checks.RenderContext) string {
	if v == nil {
		return "it"
	}
	return checks.Escape(cmp.Or(v.Component, v.Repository, "it"), p)
}

// answerEvidence is the line that declares the use.
func answerEvidence(r contracts.AnswerReason, p checks.RenderContext, w checks.Web) string {
	if len(r.Evidence) == 0 || r.Consumer == nil {
		return ""
	}
	owner, name, _ := strings.Cut(r.Consumer.Repository, "/")
	at := r.Evidence[0].Position
	at.Column = 0
	return w.Line(contracts.RepositoryRef{Owner: owner, Name: name}, r.Consumer.Commit, at, p)
}

// DeployAsked words the question of can-i-deploy.
func DeployAsked(repository, component, commit, environment string) string {
	what := repository
	if component != "" {
		what = component + " of " + repository
	}
	return fmt.Sprintf("%s at %s to %s", what, checks.Short(commit), environment)
}

// RemoveAsked words the question of can-remove.
func RemoveAsked(api string, r impact.Removal, environment string) string {
	text := r.Operation
	if r.Field != "" {
		side := "the response of "
		if r.Sends {
			side = "the request of "
		}
		text = r.Field + " from " + side + r.Operation
	}
	text = "remove " + text + " of " + api
	if environment != "" {
		text += " in " + environment
	}
	return text
}
