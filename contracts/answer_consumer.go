package contracts

import "slices"

// ConsumerQuestion is all that is known when it is asked whether one version of a
// consumer may go to an environment, for one API that it uses.
type ConsumerQuestion struct {
	// API as the consumer writes it, or in full where the provider is known.
	API         string
	Consumer    Consumer
	Environment string
	// Providers counts who provides an API of that name.
	Providers int
	// Scanning: the first reading of the repositories runs.
	Scanning bool
	// Offered are the versions of the provider that run in the environment.
	Offered []JudgedProvider
	// Home is the provider's repository, where it is known.
	Home *AnswerVersion
}

// JudgedProvider is one version of a provider that runs, with what it means for the
// consumer.
type JudgedProvider struct {
	Version LiveVersion
	// Problem says why its contract is not known; nil: it is.
	Problem *Problem
	// Assumed: which contract the consumer was written for is not known, and the
	// provider's default branch stands for it.
	Assumed bool
	Judged  Judged
}

// Reasons answers whether the consumer's version may go. What is not known of the
// provider is never a yes.
func (q *ConsumerQuestion) Reasons() []AnswerReason {
	w := &weigher{api: q.API, provider: q.Home}
	unknown := func(code AnswerCode) []AnswerReason {
		r := w.of(q.Consumer, code, AnswerUnknown)
		r.Environment = q.Environment
		w.say(r)
		return w.reasons
	}
	switch {
	case q.Providers == 0 && q.Scanning:
		return unknown(CodeStillReading)
	case q.Providers == 0:
		return unknown(CodeNotRegistered)
	case q.Providers > 1:
		return unknown(CodeProviderAmbiguous)
	case len(q.Offered) == 0:
		return unknown(CodeProviderNotDeployed)
	}
	for _, p := range q.Offered {
		q.weigh(w, p)
	}
	return w.reasons
}

func (q *ConsumerQuestion) weigh(w *weigher, p JudgedProvider) {
	before := len(w.reasons)
	say := func(r AnswerReason) {
		r.Provider = NameVersion(p.Version)
		w.say(r)
	}
	if p.Problem != nil {
		r := w.of(q.Consumer, CodeProviderUnreadable, AnswerUnknown)
		r.Problem = p.Problem
		say(r)
		return
	}
	if q.Consumer.Usage.Catalogue {
		say(w.of(q.Consumer, CodeConsumerUnknown, AnswerUnknown))
		return
	}
	for _, missing := range p.Judged.Missing {
		r := w.of(q.Consumer, CodeNotOffered, AnswerNo)
		r.Problem, r.Nearest = &missing.Problem, missing.Nearest
		r.Evidence = []Evidence{{Kind: q.Consumer.Usage.Evidence.Kind, Position: missing.Problem.Position}}
		say(r)
	}
	hits := slices.DeleteFunc(slices.Clone(p.Judged.Changes), func(h JudgedChange) bool { // that it is not offered says more
		return slices.ContainsFunc(p.Judged.Missing, func(m RegistrationProblem) bool {
			return len(h.Evidence) > 0 && h.Evidence[0].Position == m.Problem.Position
		})
	})
	for i, hit := range hits {
		if i == mostChangesTold {
			w.reasons[len(w.reasons)-1].More = len(hits) - i
			break
		}
		code, answer := CodeProviderMayBreak, AnswerUnknown
		switch {
		case hit.Verdict == Breaks && !p.Assumed:
			code, answer = CodeProviderBreaks, AnswerNo
		case hit.Verdict == Unknown:
			code = CodeProviderUnknown
		}
		say(w.hit(q.Consumer, hit, code, answer))
	}
	if p.Judged.Baseline != nil {
		r := w.of(q.Consumer, CodeBaselineUnreadable, AnswerUnknown)
		r.Problem = p.Judged.Baseline
		say(r)
	}
	if len(w.reasons) == before {
		say(w.of(q.Consumer, CodeOffered, AnswerYes))
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
func (q *RemovalQuestion) Reasons() []AnswerReason {
	w := &weigher{api: q.API}
	elsewhere := w.weighAll(q.Consumers, q.Environment, q.Production)
	if GravestAnswer(append([]AnswerReason{{Answer: AnswerYes}}, w.reasons...)) == AnswerYes {
		w.say(AnswerReason{Code: CodeNobodyUses, Answer: AnswerYes, Environment: q.Environment})
	}
	if q.Scanning {
		w.say(AnswerReason{Code: CodeStillReading, Answer: AnswerUnknown})
	}
	if q.External {
		w.say(AnswerReason{Code: CodeExternalConsumers, Answer: AnswerUnknown})
	}
	if !q.Known && elsewhere && w.live == 0 && q.Environment != "" {
		w.say(AnswerReason{Code: CodeEnvironmentUnknown, Answer: AnswerUnknown, Environment: q.Environment})
	}
	return w.reasons
}
