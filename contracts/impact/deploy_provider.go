package impact

import (
	"slices"
	"strings"

	"plimsoll/contracts"
)

// mostChangesTold is how many changes an answer lists per version. More counts the rest.
const mostChangesTold = 5

// mostOperationsTold is how many operations an answer lists per change.
const mostOperationsTold = 3

// ProviderQuestion asks whether a version of a provider may be deployed to an environment,
// for one of its APIs. It holds everything that is known.
type ProviderQuestion struct {
	API string
	// Provider is the version in question.
	Provider    contracts.LiveVersion
	Environment string
	// Known: the environment has been seen before.
	Known bool
	// Production: the environment is of the production class, so that releases count too.
	Production bool
	// External: the API has consumers that no registry knows.
	External bool
	// Targetless: a consumer of which no deployment is known counts with its default branch.
	Targetless bool
	// Scanning: the repositories are still being read for the first time. Unread: some of
	// them can't be read.
	Scanning, Unread bool
	// Harmless: compared with every version that runs there, nothing changes that could affect
	// anybody.
	Harmless bool
	// Ruled gives what the rule settings make of a change; nil: there are none. Excused: they
	// set aside everything that could affect anybody.
	Ruled   func(contracts.Change) contracts.Ruling
	Excused *contracts.RuleSetting
	// Consumers are all versions of all consumers, each with what the change means for it.
	// Versions that run elsewhere are not part of the answer.
	Consumers []JudgedConsumer
	// Agreed tells whether an authorised person has acknowledged a change for a consumer.
	Agreed func(fingerprint string, consumer contracts.Consumer) bool
}

// JudgedConsumer is one consumer version with what is known about it.
type JudgedConsumer struct {
	Consumer contracts.Consumer
	Judged   contracts.Judged
}

// Reasons answers the question.
func (q *ProviderQuestion) Reasons() []contracts.AnswerReason {
	harmless := q.Harmless || q.Excused != nil
	w := &weigher{api: q.API, provider: contracts.NameVersion(q.Provider), harmless: harmless, ruled: q.Ruled, agreed: q.Agreed, counted: q.Targetless}
	elsewhere := w.weighAll(q.Consumers, q.Environment, q.Production)
	if w.live == 0 && len(w.reasons) == 0 {
		w.say(contracts.AnswerReason{Code: contracts.CodeNoConsumer, Answer: contracts.AnswerYes, Environment: q.Environment})
	}
	if q.Excused != nil && !slices.ContainsFunc(w.reasons, func(r contracts.AnswerReason) bool { return r.Code == contracts.CodeIgnored }) {
		w.say(contracts.AnswerReason{Code: contracts.CodeIgnored, Answer: contracts.AnswerYes, Environment: q.Environment, Setting: q.Excused})
	}
	if q.Harmless && len(q.Consumers) > 0 {
		w.say(contracts.AnswerReason{Code: contracts.CodeNothingHarmful, Answer: contracts.AnswerYes, Environment: q.Environment})
	}
	if q.Scanning && !harmless {
		w.say(contracts.AnswerReason{Code: contracts.CodeStillReading, Answer: contracts.AnswerUnknown})
	}
	if q.Unread && !harmless {
		w.say(contracts.AnswerReason{Code: contracts.CodeNotAllRead, Answer: contracts.AnswerUnknown})
	}
	if q.External && !harmless {
		w.say(contracts.AnswerReason{Code: contracts.CodeExternalConsumers, Answer: contracts.AnswerUnknown})
	}
	if !q.Known && elsewhere && w.live == 0 && !harmless {
		// A typo must not read as "nobody runs there".
		w.say(contracts.AnswerReason{Code: contracts.CodeEnvironmentUnknown, Answer: contracts.AnswerUnknown, Environment: q.Environment})
	}
	return w.reasons
}

// counting says whether a version counts for an environment.
type counting int

const (
	countsNot counting = iota
	countsHere
	countsPerhaps // it is unknown where it runs
)

// counts tells whether a consumer version counts for an environment. If the environment is
// empty, every version does.
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

// Counts tells whether a consumer version may count for an environment: it runs there, or it
// is unknown where it runs.
func Counts(c contracts.Consumer, environment string, production bool) bool {
	return counts(c, environment, production) != countsNot
}

// weigher turns what was judged into reasons.
type weigher struct {
	api      string
	provider *contracts.AnswerVersion
	harmless bool
	agreed   func(string, contracts.Consumer) bool
	ruled    func(contracts.Change) contracts.Ruling
	counted  bool // consumers of which no deployment is known count
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

// of gives a reason about a consumer.
func (w *weigher) of(c contracts.Consumer, code contracts.AnswerCode, answer contracts.Answer) contracts.AnswerReason {
	return contracts.AnswerReason{Code: code, Answer: answer, Consumer: contracts.NameConsumer(c), Evidence: useEvidence(c)}
}

// useEvidence gives the line that declares the use of the API, if there is one.
func useEvidence(c contracts.Consumer) []contracts.Evidence {
	if c.Usage.Evidence.File == "" {
		return nil
	}
	return []contracts.Evidence{c.Usage.Evidence}
}

// weighAll weighs every consumer that counts in an environment. It tells whether there are
// others that run elsewhere.
func (w *weigher) weighAll(consumers []JudgedConsumer, environment string, production bool) (elsewhere bool) {
	for _, c := range consumers {
		how := counts(c.Consumer, environment, production)
		if how == countsPerhaps && w.counted {
			how = countsHere
		}
		switch how {
		case countsHere:
			w.live++
			w.weigh(c)
		case countsPerhaps:
			w.targetless(c)
		default:
			elsewhere = elsewhere || c.Consumer.Runs
		}
	}
	return elsewhere
}

// weigh gives the reasons for a version that counts.
func (w *weigher) weigh(c JudgedConsumer) {
	before := len(w.reasons)
	reasons := make([]contracts.AnswerReason, len(c.Judged.Changes))
	for i, change := range c.Judged.Changes {
		code, answer := w.codeOf(change, c.Consumer)
		reasons[i] = w.affected(c.Consumer, change, code, answer)
		if code == contracts.CodeIgnored {
			reasons[i].Setting = w.ruling(change.Change).By
		}
	}
	slices.SortStableFunc(reasons, func(a, b contracts.AnswerReason) int { return b.Answer.Rank() - a.Answer.Rank() })
	if more := len(reasons) - mostChangesTold; more > 0 {
		reasons = reasons[:mostChangesTold]
		reasons[mostChangesTold-1].More = more
	}
	for _, reason := range reasons {
		w.say(reason)
	}
	w.doubts(c)
	if len(w.reasons) == before {
		w.say(w.of(c.Consumer, contracts.CodeCompatible, contracts.AnswerYes))
	}
}

// doubts gives the reasons why a version cannot be proved unaffected.
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

// targetless gives the reasons for a consumer of which it is unknown where it runs. Its
// default branch proves nothing about what runs.
func (w *weigher) targetless(c JudgedConsumer) {
	if w.harmless && len(c.Judged.Changes) == 0 {
		return
	}
	r := w.of(c.Consumer, contracts.CodeConsumerTarget, contracts.AnswerUnknown)
	if len(c.Judged.Changes) > 0 {
		r = w.affected(c.Consumer, c.Judged.Changes[0], contracts.CodeConsumerTarget, contracts.AnswerUnknown)
		r.More = len(c.Judged.Changes) - 1
	}
	w.say(r)
}

func (w *weigher) affected(c contracts.Consumer, judged contracts.JudgedChange, code contracts.AnswerCode, answer contracts.Answer) contracts.AnswerReason {
	r := w.of(c, code, answer)
	change, why := judged.Change, judged.Reason
	change.Operations = slices.Clone(change.Operations[:min(len(change.Operations), mostOperationsTold)])
	r.Change, r.Why, r.Evidence = &change, &why, judged.Evidence
	return r
}

// staleAmbiguous marks a consumer that may mean another API with that name.
const staleAmbiguous = "api-ambiguous"

// codeOf gives the code and the answer that follow from one change.
func (w *weigher) codeOf(judged contracts.JudgedChange, c contracts.Consumer) (contracts.AnswerCode, contracts.Answer) {
	switch {
	case w.ruling(judged.Change).SetAside(judged.Verdict):
		return contracts.CodeIgnored, contracts.AnswerYes
	case w.agreed != nil && judged.Verdict.Rank() >= contracts.MayBreak.Rank() && w.agreed(judged.Change.Fingerprint, c):
		return contracts.CodeAcknowledged, contracts.AnswerYes
	case c.Stale == staleAmbiguous, judged.Verdict == contracts.Unknown:
		return contracts.CodeConsumerUnknown, contracts.AnswerUnknown
	case judged.Verdict == contracts.Breaks:
		return contracts.CodeConsumerBreaks, contracts.AnswerNo
	default:
		return contracts.CodeConsumerMayBreak, contracts.AnswerUnknown
	}
}

func (w *weigher) ruling(change contracts.Change) contracts.Ruling {
	if w.ruled == nil {
		return contracts.Ruling{}
	}
	return w.ruled(change)
}
