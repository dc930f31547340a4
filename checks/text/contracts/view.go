package contracttext

import (
	"slices"
	"time"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// view is a report prepared for showing. The effects on one consumer are put together and
// everything is ordered by severity. On a public pull request, everything that belongs to
// a consumer that may not be named there is left out. All texts are written from the
// view, so that none can name what another leaves out.
type view struct {
	Report
	web     checks.Web
	entries []*entry
	// aside are the changes that do not count by the rule settings. Their consumers are not
	// among those below.
	aside []*entry
	// rulesEnd is when the first of the rule settings that count here ends.
	rulesEnd time.Time
	// consumers that are affected, the most severe first; hidden ones last among equals.
	consumers []*consumer
	// Consumers by the most severe effect on them; acknowledged ones would block without
	// the acknowledgement.
	blocking, acknowledged, breaking, maybe, unknown int
	// harmful counts breaking and risky changes without known affected consumers, external
	// those of them whose API has consumers that no registry knows.
	harmful, external int
	// words are the acknowledgements of the changes of each API, while the view is made.
	words map[*APIReport]map[wordKey]agreement
	// nextEnd is when the first of the acknowledgements that count here ends.
	nextEnd time.Time
	// shorts are the short forms of the fingerprints of what blocks.
	shorts map[string]string
	// moved counts the consumers that blocked before and have migrated, open those that no
	// longer break and may still be affected; before holds all that blocked at some time.
	moved, open int
	before      []Blocked
	// registrations that may be shown, and how many consumers' were left out.
	registrations       []contracts.RegistrationProblem
	hiddenRegistrations int
	// doubtful are the APIs with declared uses that do not match the contract: there,
	// "no known consumers" is not proved.
	doubtful map[*APIReport]bool
}

// entry is one change with the consumers that it affects.
type entry struct {
	api     *APIReport
	change  contracts.Change
	effects []*effect
	// verdict is the most severe among the effects.
	verdict contracts.Verdict
	blocks  bool
	// unaffected counts the consumer versions that the change does not reach.
	unaffected int
	// since: the change is already on the base branch and newer than the consumers'
	// baselines, so it blocks nothing.
	since bool
	// ruling is what the rule settings make of the change, whose level is then the one set;
	// usual is the level without them.
	ruling contracts.Ruling
	usual  contracts.Level
}

// demands reports whether the change fails the check run by the level that was set.
func (e *entry) demands() bool {
	return e.ruling.Level == contracts.Breaking && e.api.OnBreak != "warn" && !e.since
}

// warns reports whether the change is a warning by the level that was set.
func (e *entry) warns() bool {
	return e.ruling.Level == contracts.Risky || e.ruling.Level == contracts.Breaking && !e.demands()
}

// effect is what one change means for one consumer, all its versions together.
type effect struct {
	consumer *consumer
	entry    *entry
	verdict  contracts.Verdict
	blocks   bool
	// word is set where the effect would block without an acknowledgement, stuck where
	// none of the versions that block can still migrate.
	word  word
	stuck bool
	// given is what is in force, ended what was; nil where the consumer is hidden.
	given, ended *Acknowledgement
	// versions, the most severe first; empty where the consumer is hidden.
	versions []contracts.AffectedConsumer
}

// consumer is one component that is affected.
type consumer struct {
	hidden  bool // private, on a public pull request: it has nothing but its verdict
	effects []*effect
}

// name of the consumer's component; only of one that is not hidden.
func (c *consumer) version() contracts.Consumer { return c.effects[0].versions[0].Consumer }

func (c *consumer) verdict() contracts.Verdict { return c.effects[0].verdict }
func (c *consumer) blocks() bool               { return c.effects[0].blocks }
func (c *consumer) word() word                 { return c.effects[0].word }

type consumerKey struct {
	repository int64
	component  string
}

func keyOf(c contracts.Consumer) consumerKey {
	return consumerKey{c.Repository.ID, c.Component}
}

func newView(r Report) *view {
	v := &view{Report: r, web: checks.Web{Base: r.WebURL}, doubtful: map[*APIReport]bool{}, words: map[*APIReport]map[wordKey]agreement{}}
	v.APIs = slices.Clone(r.APIs) // the caller keeps its own
	known := map[consumerKey]*consumer{}
	for i := range v.APIs {
		v.words[&v.APIs[i]] = wordsOf(&v.APIs[i], r.Now)
		v.addChanges(&v.APIs[i], known)
		v.addRegistrations(v.APIs[i].Registrations)
		v.doubtful[&v.APIs[i]] = len(v.APIs[i].Registrations) > 0
	}
	v.sort()
	v.tally()
	v.countMoved(known)
	// What is not in the view is out of reach.
	v.Before, v.words = nil, nil
	for i := range v.APIs {
		v.APIs[i].Findings, v.APIs[i].Registrations, v.APIs[i].Acknowledgements = nil, nil, nil
	}
	return v
}

// hides says whether a consumer must not be named here.
func (v *view) hides(c contracts.Consumer) bool {
	return !v.Repository.MayName(c.Repository)
}

func (v *view) addChanges(api *APIReport, known map[consumerKey]*consumer) {
	findings := map[string]*contracts.Finding{}
	for i := range api.Findings {
		findings[api.Findings[i].Change.Fingerprint] = &api.Findings[i]
	}
	add := func(change contracts.Change, finding *contracts.Finding) {
		e := &entry{api: api, change: change, verdict: contracts.Unaffected}
		if finding != nil {
			e.since = finding.SinceBaseline
			e.unaffected = finding.Unaffected
			e.verdict = finding.Verdict()
		}
		v.rule(e)
		if e.setAside() {
			v.setAside(e, finding)
			return
		}
		if finding != nil {
			v.addHits(e, finding.Affected, known)
		}
		if e.since && !slices.ContainsFunc(e.effects, func(h *effect) bool { return !h.consumer.hidden }) {
			return // its words may be those of a private consumer's stored contract
		}
		v.entries = append(v.entries, e)
	}
	seen := map[string]bool{}
	for _, change := range api.Changes {
		if !seen[change.Fingerprint] {
			seen[change.Fingerprint] = true
			add(change, findings[change.Fingerprint])
		}
	}
	for i := range api.Findings { // a finding always stands for a change
		if finding := &api.Findings[i]; !seen[finding.Change.Fingerprint] {
			seen[finding.Change.Fingerprint] = true
			add(finding.Change, finding)
		}
	}
}

func (v *view) addHits(e *entry, affected []contracts.AffectedConsumer, known map[consumerKey]*consumer) {
	byConsumer := map[consumerKey]*effect{}
	for _, h := range affected {
		if h.Verdict == contracts.Unaffected {
			continue
		}
		key := keyOf(h.Consumer)
		ofEntry := byConsumer[key]
		if ofEntry == nil {
			c := known[key]
			if c == nil {
				c = &consumer{hidden: v.hides(h.Consumer)}
				known[key] = c
				v.consumers = append(v.consumers, c)
			}
			ofEntry = &effect{consumer: c, entry: e, verdict: contracts.Unaffected, stuck: true}
			byConsumer[key] = ofEntry
			c.effects = append(c.effects, ofEntry)
			e.effects = append(e.effects, ofEntry)
		}
		ofEntry.verdict = graver(ofEntry.verdict, h.Verdict)
		if !e.since && e.api.Blocks(e.change, h) {
			ofEntry.blocks, ofEntry.stuck = true, ofEntry.stuck && stuck(h.Consumer)
		}
		if !ofEntry.consumer.hidden {
			ofEntry.versions = append(ofEntry.versions, h)
		}
		e.verdict = graver(e.verdict, h.Verdict)
	}
	v.acknowledge(e, byConsumer)
}

func (v *view) addRegistrations(problems []contracts.RegistrationProblem) {
	hidden := map[consumerKey]bool{}
	for _, p := range problems {
		if v.hides(p.Consumer) {
			hidden[keyOf(p.Consumer)] = true
			continue
		}
		if !slices.ContainsFunc(v.registrations, func(q contracts.RegistrationProblem) bool {
			return keyOf(p.Consumer) == keyOf(q.Consumer) && p.Problem == q.Problem // of another version that says the same
		}) {
			v.registrations = append(v.registrations, p)
		}
	}
	v.hiddenRegistrations += len(hidden)
}

func (v *view) tally() {
	for _, c := range v.consumers {
		switch {
		case c.blocks():
			v.blocking++
		case c.word() != noWord:
			v.acknowledged++
		case c.verdict() == contracts.Breaks:
			v.breaking++
		case c.verdict() == contracts.MayBreak:
			v.maybe++
		default:
			v.unknown++
		}
	}
	var blocking []string
	for _, e := range v.entries {
		if e.blocks {
			blocking = append(blocking, e.change.Fingerprint)
		}
		if e.change.Level != contracts.Info && len(e.effects) == 0 {
			v.harmful++
			if e.api.External {
				v.external++
			}
		}
	}
	v.shorts = shorten(blocking)
}
