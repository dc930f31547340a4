package impact

import (
	"slices"

	"plimsoll/contracts"
)

// ConsumerQuestion asks whether a version of a consumer may be deployed to an environment,
// for one API that it uses. It holds everything that is known.
type ConsumerQuestion struct {
	// API as the consumer writes it, or in full where the provider is known.
	API         string
	Consumer    contracts.Consumer
	Environment string
	// Providers is the number of providers of an API with that name.
	Providers int
	// Scanning: the repositories are still being read for the first time. Unread: some of
	// them can't be read.
	Scanning, Unread bool
	// Offered are the versions of the provider that run in the environment.
	Offered []JudgedProvider
	// Home is the provider's repository, where it is known.
	Home *contracts.AnswerVersion
}

// JudgedProvider is one live version of a provider, with what it means for the consumer.
type JudgedProvider struct {
	Version contracts.LiveVersion
	// Problem says why its contract is unknown; nil if it is known.
	Problem *contracts.Problem
	// Assumed: the contract that the consumer was written for is unknown, and that of the
	// provider's default branch is used instead.
	Assumed bool
	Judged  contracts.Judged
}

// Reasons answers the question. What is unknown about the provider never counts as a yes.
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
	case q.Providers == 0 && q.Unread:
		return unknown(contracts.CodeNotAllRead)
	case q.Providers == 0:
		return unknown(contracts.CodeNotRegistered)
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
	changes := slices.DeleteFunc(slices.Clone(p.Judged.Changes), func(h contracts.JudgedChange) bool { // not-offered already says this
		return slices.ContainsFunc(p.Judged.Missing, func(m contracts.RegistrationProblem) bool {
			return len(h.Evidence) > 0 && h.Evidence[0].Position == m.Problem.Position
		})
	})
	for i, change := range changes {
		if i == mostChangesTold {
			w.reasons[len(w.reasons)-1].More = len(changes) - i
			break
		}
		code, answer := contracts.CodeProviderMayBreak, contracts.AnswerUnknown
		switch {
		case change.Verdict == contracts.Breaks && !p.Assumed:
			code, answer = contracts.CodeProviderBreaks, contracts.AnswerNo
		case change.Verdict == contracts.Unknown:
			code = contracts.CodeProviderUnknown
		}
		say(w.affected(q.Consumer, change, code, answer))
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

// RemovalQuestion asks whether an operation or a field may be removed. It holds everything
// that is known.
type RemovalQuestion struct {
	API string
	// Environment restricts the question to what runs there. If it is empty, every version
	// that counts anywhere matters.
	Environment string
	Known       bool
	Production  bool
	External    bool
	// Scanning: the repositories are still being read for the first time. Unread: some of
	// them can't be read.
	Scanning, Unread bool
	// Consumers, each with what the removal alone means for it.
	Consumers []JudgedConsumer
}

// Reasons answers the question. Yes requires a proof that nobody uses it.
func (q *RemovalQuestion) Reasons() []contracts.AnswerReason {
	w := &weigher{api: q.API}
	elsewhere := w.weighAll(q.Consumers, q.Environment, q.Production)
	if contracts.GravestAnswer(append([]contracts.AnswerReason{{Answer: contracts.AnswerYes}}, w.reasons...)) == contracts.AnswerYes {
		w.say(contracts.AnswerReason{Code: contracts.CodeNobodyUses, Answer: contracts.AnswerYes, Environment: q.Environment})
	}
	if q.Scanning {
		w.say(contracts.AnswerReason{Code: contracts.CodeStillReading, Answer: contracts.AnswerUnknown})
	}
	if q.Unread {
		w.say(contracts.AnswerReason{Code: contracts.CodeNotAllRead, Answer: contracts.AnswerUnknown})
	}
	if q.External {
		w.say(contracts.AnswerReason{Code: contracts.CodeExternalConsumers, Answer: contracts.AnswerUnknown})
	}
	if !q.Known && elsewhere && w.live == 0 && q.Environment != "" {
		w.say(contracts.AnswerReason{Code: contracts.CodeEnvironmentUnknown, Answer: contracts.AnswerUnknown, Environment: q.Environment})
	}
	return w.reasons
}
