package impact

import (
	"slices"
	"strings"

	"plimsoll/contracts"
)

// mostChangesTold is how many changes are told of one version; More counts the rest.
const mostChangesTold = 5

// mostOperationsTold is how many operations are told of a change in an answer.
const mostOperationsTold = 3

// ProviderQuestion is all that is known when it is asked whether one version of a
// provider may go to an environment, for one of its APIs.
type ProviderQuestion struct {
	API string
	// Provider is the version that is asked about.
	Provider    contracts.LiveVersion
	Environment string
	// Known: somebody has heard of that environment.
	Known bool
	// Production: it is of the production class, so that releases count too.
	Production bool
	// External: consumers exist that no registry knows.
	External bool
	// Scanning: the first reading of the repositories runs.
	Scanning bool
	// Harmless: against every version that runs there nothing changes that could
	// hurt anybody.
	Harmless bool
	// Consumers are all versions of all consumers, each with what the change means
	// for it. Those that run elsewhere are left out of the answer here.
	Consumers []JudgedConsumer
	// Agreed tells whether somebody who may has agreed to a change for a consumer.
	Agreed func(fingerprint string, consumer contracts.Consumer) bool
}

// JudgedConsumer is one consumer version with what is known of it.
type JudgedConsumer struct {
	Consumer contracts.Consumer
	Judged   contracts.Judged
}

// Reasons answers whether the provider's version may go.
func (q *ProviderQuestion) Reasons() []contracts.AnswerReason {
	w := &weigher{api: q.API, provider: contracts.NameVersion(q.Provider), harmless: q.Harmless, agreed: q.Agreed}
	elsewhere := w.weighAll(q.Consumers, q.Environment, q.Production)
	if w.live == 0 && len(w.reasons) == 0 {
		w.say(contracts.AnswerReason{Code: contracts.CodeNoConsumer, Answer: contracts.AnswerYes, Environment: q.Environment})
	}
	if q.Harmless && len(q.Consumers) > 0 {
		w.say(contracts.AnswerReason{Code: contracts.CodeNothingHarmful, Answer: contracts.AnswerYes, Environment: q.Environment})
	}
	if q.Scanning && !q.Harmless {
		w.say(contracts.AnswerReason{Code: contracts.CodeStillReading, Answer: contracts.AnswerUnknown})
	}
	if q.External && !q.Harmless {
		w.say(contracts.AnswerReason{Code: contracts.CodeExternalConsumers, Answer: contracts.AnswerUnknown})
	}
	if !q.Known && elsewhere && w.live == 0 && !q.Harmless {
		// A typo must not read as "nobody runs there".
		w.say(contracts.AnswerReason{Code: contracts.CodeEnvironmentUnknown, Answer: contracts.AnswerUnknown, Environment: q.Environment})
	}
	return w.reasons
}

// counting is whether a version counts for an environment.
type counting int

const (
	countsNot counting = iota
	countsHere
	countsPerhaps // nobody knows where it runs
)

// counts tells whether a consumer version counts for an environment; for "" every
// version does.
func counts(c contracts.Consumer, environment string, production bool) counting {
	switch {
	case environment == "":
		return countsHere
	case c.Release != "":
		if production {
			return countsHere
		}
	case c.Environment != "" && strings.EqualFold(c.Environment, environment):
		return countsHere
	case c.Environment == "" && !c.Runs:
		return countsPerhaps
	}
	return countsNot
}

// Counts tells whether a consumer version may have a say in what goes to an
// environment: it runs there, or nobody knows where it runs.
func Counts(c contracts.Consumer, environment string, production bool) bool {
	return counts(c, environment, production) != countsNot
}

// weigher makes reasons of what was judged.
type weigher struct {
	api      string
	provider *contracts.AnswerVersion
	harmless bool
	agreed   func(string, contracts.Consumer) bool
	live     int
	reasons  []contracts.AnswerReason
}

func (w *weigher) say(r contracts.AnswerReason) {
	r.API = w.api
	if r.Provider == nil {
		r.Provider = w.provider
	}
	w.reasons = append(w.reasons, r)
}

// of begins a reason that speaks of a consumer.
func (w *weigher) of(c contracts.Consumer, code contracts.AnswerCode, answer contracts.Answer) contracts.AnswerReason {
	return contracts.AnswerReason{Code: code, Answer: answer, Consumer: contracts.NameConsumer(c), Evidence: useEvidence(c)}
}

// useEvidence is the line that declares the use as a whole; none where there is no
// such line.
func useEvidence(c contracts.Consumer) []contracts.Evidence {
	if c.Usage.Evidence.File == "" {
		return nil
	}
	return []contracts.Evidence{c.Usage.Evidence}
}

// weighAll weighs every consumer that counts in an environment, and tells whether
// there are others that run elsewhere.
func (w *weigher) weighAll(consumers []JudgedConsumer, environment string, production bool) (elsewhere bool) {
	for _, c := range consumers {
		switch counts(c.Consumer, environment, production) {
		case countsHere:
			w.live++
			w.weigh(c)
		case countsPerhaps:
			w.placeless(c)
		default:
			elsewhere = elsewhere || c.Consumer.Runs
		}
	}
	return elsewhere
}

// weigh says what is known of a version that counts.
func (w *weigher) weigh(c JudgedConsumer) {
	before := len(w.reasons)
	hits := make([]contracts.AnswerReason, len(c.Judged.Changes))
	for i, hit := range c.Judged.Changes {
		code, answer := w.codeOf(hit, c.Consumer)
		hits[i] = w.hit(c.Consumer, hit, code, answer)
	}
	slices.SortStableFunc(hits, func(a, b contracts.AnswerReason) int { return b.Answer.Rank() - a.Answer.Rank() })
	if more := len(hits) - mostChangesTold; more > 0 {
		hits = hits[:mostChangesTold]
		hits[mostChangesTold-1].More = more
	}
	for _, hit := range hits {
		w.say(hit)
	}
	w.doubts(c)
	if len(w.reasons) == before {
		w.say(w.of(c.Consumer, contracts.CodeCompatible, contracts.AnswerYes))
	}
}

// doubts says what keeps a version from being proved unharmed.
func (w *weigher) doubts(c JudgedConsumer) {
	if p := c.Judged.Baseline; p != nil && !w.harmless {
		r := w.of(c.Consumer, contracts.CodeBaselineUnreadable, contracts.AnswerUnknown)
		r.Problem = p
		w.say(r)
	}
	if c.Judged.Verdict() != contracts.Breaks && !w.harmless {
		for _, missing := range c.Judged.Missing {
			r := w.of(c.Consumer, contracts.CodeConsumerMisdeclared, contracts.AnswerUnknown)
			r.Problem, r.Nearest = &missing.Problem, missing.Nearest
			r.Evidence = []contracts.Evidence{{Kind: c.Consumer.Usage.Evidence.Kind, Position: missing.Problem.Position}}
			w.say(r)
		}
	}
	if c.Consumer.Deployed != "" && c.Judged.Verdict() == contracts.Unaffected && !w.harmless {
		w.say(w.of(c.Consumer, contracts.CodeConsumerUndeclared, contracts.AnswerUnknown))
	}
}

// placeless says what is known of a consumer of which nobody knows where it runs:
// its default branch proves nothing about what does.
func (w *weigher) placeless(c JudgedConsumer) {
	if w.harmless && len(c.Judged.Changes) == 0 {
		return
	}
	r := w.of(c.Consumer, contracts.CodeConsumerPlace, contracts.AnswerUnknown)
	if len(c.Judged.Changes) > 0 {
		r = w.hit(c.Consumer, c.Judged.Changes[0], contracts.CodeConsumerPlace, contracts.AnswerUnknown)
		r.More = len(c.Judged.Changes) - 1
	}
	w.say(r)
}

func (w *weigher) hit(c contracts.Consumer, hit contracts.JudgedChange, code contracts.AnswerCode, answer contracts.Answer) contracts.AnswerReason {
	r := w.of(c, code, answer)
	change, why := hit.Change, hit.Reason
	change.Operations = slices.Clone(change.Operations[:min(len(change.Operations), mostOperationsTold)])
	r.Change, r.Why, r.Evidence = &change, &why, hit.Evidence
	return r
}

// staleAmbiguous marks a consumer that may mean another API of that name.
const staleAmbiguous = "api-ambiguous"

// codeOf says what one hit comes to.
func (w *weigher) codeOf(hit contracts.JudgedChange, c contracts.Consumer) (contracts.AnswerCode, contracts.Answer) {
	switch {
	case w.agreed != nil && hit.Verdict.Rank() >= contracts.MayBreak.Rank() && w.agreed(hit.Change.Fingerprint, c):
		return contracts.CodeAcknowledged, contracts.AnswerYes
	case c.Stale == staleAmbiguous, hit.Verdict == contracts.Unknown:
		return contracts.CodeConsumerUnknown, contracts.AnswerUnknown
	case hit.Verdict == contracts.Breaks:
		return contracts.CodeConsumerBreaks, contracts.AnswerNo
	default:
		return contracts.CodeConsumerMayBreak, contracts.AnswerUnknown
	}
}
