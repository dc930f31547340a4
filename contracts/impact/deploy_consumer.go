package impact

import (
	"slices"

	"plimsoll/contracts"
)

// ConsumerQuestion is all that is known when it is asked whether one version of a
// consumer may go to an environment, for one API that it uses.
type ConsumerQuestion struct {
	// API as the consumer writes it, or in full where the provider is known.
	API         string
	Consumer    contracts.Consumer
	Environment string
	// Providers counts who provides an API of that name.
	Providers int
	// Scanning: the first reading of the repositories runs.
	Scanning bool
	// Offered are the versions of the provider that run in the environment.
	Offered []JudgedProvider
	// Home is the provider's repository, where it is known.
	Home *contracts.AnswerVersion
}

// JudgedProvider is one version of a provider that runs, with what it means for the
// consumer.
type JudgedProvider struct {
	Version contracts.LiveVersion
	// Problem says why its contract is not known; nil: it is.
	Problem *contracts.Problem
	// Assumed: which contract the consumer was written for is not known, and the
	// provider's default branch stands for it.
	Assumed bool
	Judged  contracts.Judged
}

// Reasons answers whether the consumer's version may go. What is not known of the
// provider is never a yes.
func (q *ConsumerQuestion) Reasons() []contracts.AnswerReason {
	w := &weigher{api: q.API, provider: q.Home}
	unknown := func(code contracts.AnswerCode) []contracts.AnswerReason {
		r := w.of(q.Consumer, code, contracts.AnswerUnknown)
		r.Environment = q.Environment
		w.say(r)
		return w.reasons
	}
	switch {
	case q.Providers == 0 && q.Scanning:
		return unknown(contracts.CodeStillReading)
	case q.Providers == 0:
		return unknown(contracts.CodeNotRegistered)
	case q.Providers > 1:
		return unknown(contracts.CodeProviderAmbiguous)
	case len(q.Offered) == 0:
		return unknown(contracts.CodeProviderNotDeployed)
	}
	for _, p := range q.Offered {
		q.weigh(w, p)
	}
	return w.reasons
}

func (q *ConsumerQuestion) weigh(w *weigher, p JudgedProvider) {
	before := len(w.reasons)
	say := func(r contracts.AnswerReason) {
		r.Provider = contracts.NameVersion(p.Version)
		w.say(r)
	}
	if p.Problem != nil {
		r := w.of(q.Consumer, contracts.CodeProviderUnreadable, contracts.AnswerUnknown)
		r.Problem = p.Problem
		say(r)
		return
	}
	if q.Consumer.Usage.Catalogue {
		say(w.of(q.Consumer, contracts.CodeConsumerUnknown, contracts.AnswerUnknown))
		return
	}
	for _, missing := range p.Judged.Missing {
		r := w.of(q.Consumer, contracts.CodeNotOffered, contracts.AnswerNo)
		r.Problem, r.Nearest = &missing.Problem, missing.Nearest
		r.Evidence = []contracts.Evidence{{Kind: q.Consumer.Usage.Evidence.Kind, Position: missing.Problem.Position}}
		say(r)
	}
	hits := slices.DeleteFunc(slices.Clone(p.Judged.Changes), func(h contracts.JudgedChange) bool { // that it is not offered says more
		return slices.ContainsFunc(p.Judged.Missing, func(m contracts.RegistrationProblem) bool {
			return len(h.Evidence) > 0 && h.Evidence[0].Position == m.Problem.Position
		})
	})
	for i, hit := range hits {
		if i == mostChangesTold {
			w.reasons[len(w.reasons)-1].More = len(hits) - i
			break
		}
		code, answer := contracts.CodeProviderMayBreak, contracts.AnswerUnknown
		switch {
		case hit.Verdict == contracts.Breaks && !p.Assumed:
			code, answer = contracts.CodeProviderBreaks, contracts.AnswerNo
		case hit.Verdict == contracts.Unknown:
			code = contracts.CodeProviderUnknown
		}
		say(w.hit(q.Consumer, hit, code, answer))
	}
	if p.Judged.Baseline != nil {
		r := w.of(q.Consumer, contracts.CodeBaselineUnreadable, contracts.AnswerUnknown)
		r.Problem = p.Judged.Baseline
		say(r)
	}
	if len(w.reasons) == before {
		say(w.of(q.Consumer, contracts.CodeOffered, contracts.AnswerYes))
	}
}

// RemovalQuestion is all that is known when it is asked whether an operation or a
// field may go.
type RemovalQuestion struct {
	API string
	// Environment, where only what runs there counts; "": every version that counts
	// anywhere.
	Environment        string
	Known              bool
	Production         bool
	External, Scanning bool
	// Consumers with what the removal alone means for each.
	Consumers []JudgedConsumer
}

// Reasons answers whether it may go: yes only where it is proved that nobody uses it.
func (q *RemovalQuestion) Reasons() []contracts.AnswerReason {
	w := &weigher{api: q.API}
	elsewhere := w.weighAll(q.Consumers, q.Environment, q.Production)
	if contracts.GravestAnswer(append([]contracts.AnswerReason{{Answer: contracts.AnswerYes}}, w.reasons...)) == contracts.AnswerYes {
		w.say(contracts.AnswerReason{Code: contracts.CodeNobodyUses, Answer: contracts.AnswerYes, Environment: q.Environment})
	}
	if q.Scanning {
		w.say(contracts.AnswerReason{Code: contracts.CodeStillReading, Answer: contracts.AnswerUnknown})
	}
	if q.External {
		w.say(contracts.AnswerReason{Code: contracts.CodeExternalConsumers, Answer: contracts.AnswerUnknown})
	}
	if !q.Known && elsewhere && w.live == 0 && q.Environment != "" {
		w.say(contracts.AnswerReason{Code: contracts.CodeEnvironmentUnknown, Answer: contracts.AnswerUnknown, Environment: q.Environment})
	}
	return w.reasons
}
