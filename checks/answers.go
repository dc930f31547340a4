package checks

import (
	"cmp"
	"fmt"
	"strings"

	"plimsoll/contracts"
)

// AnswerSentence says one reason of an answer, for terminals and programs.
func AnswerSentence(r contracts.AnswerReason) string { return answerSentence(r, inPlain, web{}) }

// AnswerMarkdown says one reason in Markdown, with links where the web is known.
func AnswerMarkdown(r contracts.AnswerReason, w web) string { return answerSentence(r, inCode, w) }

// answerSentence says one reason; lines and commits are links where there is a web.
func answerSentence(r contracts.AnswerReason, p place, w web) string {
	if r.Hidden > 0 {
		return hiddenSentence(r, p)
	}
	text := answerWords(r, p)
	if r.Change != nil {
		text += changeWords(r, p)
	}
	if r.More > 0 {
		text += ", and " + count(r.More, "more change")
	}
	if r.Problem != nil && r.Problem.Message != "" {
		text += ": " + escape(strings.TrimSuffix(r.Problem.Message, "."), proseOf(p))
	}
	if len(r.Nearest) > 0 {
		names := make([]string, len(r.Nearest))
		for i, name := range r.Nearest {
			names[i] = escape(name, p)
		}
		text += "; nearest: " + join(names, 3)
	}
	if at := answerEvidence(r, p, w); at != "" {
		text += " (" + at + ")"
	}
	if beginsWithName(r, text, p) {
		return text + "."
	}
	return upperFirst(text) + "."
}

// beginsWithName tells a sentence whose first word is a component: names are left as
// they are.
func beginsWithName(r contracts.AnswerReason, text string, p place) bool {
	for _, v := range []*contracts.AnswerVersion{r.Consumer, r.Provider} {
		if v != nil && strings.HasPrefix(text, componentOf(v, p)+" ") {
			return true
		}
	}
	return r.API != "" && strings.HasPrefix(text, escape(r.API, p)+" ")
}

// proseOf is where running text of others stands.
func proseOf(p place) place {
	if p == inPlain {
		return inPlain
	}
	return inProse
}

// answerWords says what a reason is about, without its change and its line.
func answerWords(r contracts.AnswerReason, p place) string {
	consumer, provider := answerVersion(r.Consumer, p), answerVersion(r.Provider, p)
	if c := r.Consumer; c != nil && c.Environment+c.Release == "" && r.Code != contracts.CodeConsumerPlace {
		consumer += " on the default branch"
	}
	api, environment := escape(r.API, p), escape(r.Environment, p)
	switch r.Code {
	case contracts.CodeCompatible:
		return consumer + " is not hit"
	case contracts.CodeOffered:
		return provider + " offers what " + componentOf(r.Consumer, p) + " uses of " + api
	case contracts.CodeNoConsumer:
		return "no consumer of " + api + " is known to run in " + environment
	case contracts.CodeNothingHarmful:
		return "against what runs of " + api + " in " + environment + " nothing changes that could hurt anybody"
	case contracts.CodeAcknowledged:
		return consumer + " is hit, and that is acknowledged"
	case contracts.CodeNobodyUses:
		if r.Environment != "" {
			return "nobody in " + environment + " uses it"
		}
		return "nobody uses it"
	case contracts.CodeNoContract:
		return componentOf(r.Provider, p) + " provides no API and uses none"
	case contracts.CodeConsumerBreaks:
		return consumer + " breaks"
	case contracts.CodeConsumerMayBreak:
		return consumer + " may break"
	case contracts.CodeConsumerUnknown:
		if r.Consumer != nil && r.Consumer.Stale == "api-ambiguous" {
			return consumer + " names the API in short, and several repositories provide one of that name"
		}
		return consumer + " can't be judged: what it uses is not known well enough"
	case contracts.CodeConsumerPlace:
		return "nobody knows where " + consumer + " runs"
	case contracts.CodeConsumerUndeclared:
		return "what " + consumer + " uses is not known: the commit that runs does not say, and the default branch stands for it"
	case contracts.CodeConsumerMisdeclared:
		return consumer + " declares something that the contract does not have"
	case contracts.CodeBaselineUnreadable:
		return "the contract that " + consumer + " was written for can't be read"
	case contracts.CodeProviderBreaks:
		return provider + " differs from what " + componentOf(r.Consumer, p) + " was written for, and breaks it"
	case contracts.CodeProviderMayBreak:
		return provider + " differs from what " + componentOf(r.Consumer, p) + " was written for, and may break it"
	case contracts.CodeProviderUnknown:
		return "whether " + provider + " serves " + componentOf(r.Consumer, p) + " can't be told"
	case contracts.CodeNotOffered:
		return provider + " does not offer what " + componentOf(r.Consumer, p) + " uses of " + api
	case contracts.CodeHeld:
		return provider + " was to be rolled back there, and no maintainer has let it go since"
	case contracts.CodeProviderNotDeployed:
		return "no deployment of the provider of " + api + " to " + environment + " is known"
	case contracts.CodeProviderUnreadable:
		return "the contract of " + provider + " is not known"
	case contracts.CodeProviderAmbiguous:
		return "several repositories provide an API called " + api + ", and the declaration does not say which"
	case contracts.CodeNotRegistered:
		if r.API == "" {
			return provider + " has no plimsoll.yml that declares a component"
		}
		return "nobody is registered who provides " + api
	case contracts.CodeDeclarationBroken:
		return "the repository file of " + provider + " can't be used"
	case contracts.CodeContractUnreadable:
		return "the contract of " + api + " can't be read"
	case contracts.CodeStillReading:
		return "repositories are still being read for the first time, so more users of " + api + " may be found"
	case contracts.CodeExternalConsumers:
		return api + " has users that no registry knows (external: true)"
	case contracts.CodeEnvironmentUnknown:
		return "nobody has heard of the environment " + environment + ", and consumers of " + api + " run elsewhere"
	}
	return escape(strings.ReplaceAll(string(r.Code), "-", " "), proseOf(p)) // a reason that is younger than this text
}

func changeWords(r contracts.AnswerReason, p place) string {
	text := ""
	if r.Why != nil {
		text = ": it " + reasonSentence(*r.Why, p)
	}
	switch r.Code {
	case contracts.CodeProviderBreaks, contracts.CodeProviderMayBreak, contracts.CodeProviderUnknown:
		return text + ", and what runs there has " + changeSentence(*r.Change, p)
	}
	if r.Provider == nil { // the change is what is asked about
		return text
	}
	return text + ", and the commit " + changeSentence(*r.Change, p)
}

// hiddenSentence counts who may not be named.
func hiddenSentence(r contracts.AnswerReason, p place) string {
	text := count(r.Hidden, "consumer") + " that you may not see "
	one := r.Hidden == 1
	switch r.Code {
	case contracts.CodeCompatible, contracts.CodeOffered:
		text += map[bool]string{true: "is not hit", false: "are not hit"}[one]
	case contracts.CodeConsumerBreaks:
		text += map[bool]string{true: "breaks", false: "break"}[one]
	case contracts.CodeAcknowledged:
		text += map[bool]string{true: "is hit, and that is acknowledged", false: "are hit, and that is acknowledged"}[one]
	case contracts.CodeConsumerMayBreak:
		text += "may break"
	case contracts.CodeConsumerPlace:
		text += map[bool]string{true: "runs nobody knows where", false: "run nobody knows where"}[one]
	default:
		text += "can't be judged"
	}
	if r.API != "" {
		text += " (" + escape(r.API, p) + ")"
	}
	return upperFirst(text) + "."
}

// answerVersion names a version: "web of acme/web in production at 1a2b3c4".
func answerVersion(v *contracts.AnswerVersion, p place) string {
	if v == nil {
		return "it"
	}
	text := componentOf(v, p)
	if v.Component != "" && v.Repository != "" && !strings.HasSuffix(v.Repository, "/"+v.Component) {
		text += " of " + escape(v.Repository, p)
	}
	switch {
	case v.Release != "":
		text += " " + escape(v.Release, p)
	case v.Environment != "":
		text += " in " + escape(v.Environment, p)
		if v.Instance != "" {
			text += "/" + escape(v.Instance, p)
		}
	}
	if commit := cmp.Or(v.Deployed, v.Commit); commit != "" {
		text += " at " + escape(short(commit), p)
	}
	return text
}

func componentOf(v *contracts.AnswerVersion, p place) string {
	if v == nil {
		return "it"
	}
	return escape(cmp.Or(v.Component, v.Repository, "it"), p)
}

// answerEvidence is the line that declares the use.
func answerEvidence(r contracts.AnswerReason, p place, w web) string {
	if len(r.Evidence) == 0 || r.Consumer == nil {
		return ""
	}
	owner, name, _ := strings.Cut(r.Consumer.Repository, "/")
	at := r.Evidence[0].Position
	at.Column = 0
	return w.line(contracts.RepositoryRef{Owner: owner, Name: name}, r.Consumer.Commit, at, p)
}

// DeployAsked words the question of can-i-deploy.
func DeployAsked(repository, component, commit, environment string) string {
	what := repository
	if component != "" {
		what = component + " of " + repository
	}
	return fmt.Sprintf("%s at %s to %s", what, short(commit), environment)
}

// RemoveAsked words the question of can-remove.
func RemoveAsked(api string, r contracts.Removal, environment string) string {
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
		text += " as far as " + environment + " goes"
	}
	return text
}
