package contracts

import "encoding/json"

// Verdict is what one change means for one consumer version.
type Verdict string

// The verdicts, from the most severe to the least. Only a complete list of what is used
// can give Unaffected.
const (
	Breaks     Verdict = "breaks"
	MayBreak   Verdict = "may-break"
	Unknown    Verdict = "unknown"
	Unaffected Verdict = "unaffected"
)

// Rank orders verdicts: the more severe, the larger.
func (v Verdict) Rank() int {
	switch v {
	case Breaks:
		return 3
	case MayBreak:
		return 2
	case Unknown:
		return 1
	default:
		return 0
	}
}

// Consumer is one version of a component that uses an API.
type Consumer struct {
	Component  string        `json:"component"`
	Owner      string        `json:"owner,omitempty"`
	Repository RepositoryRef `json:"repository"`
	// Commit whose files state the use.
	Commit string `json:"commit,omitempty"`
	// Environment where this version is live. Without it and without Release the
	// version is the default branch's head.
	Environment string `json:"environment,omitempty"`
	// Instance tells several places of one environment apart (regions, tenants).
	Instance string `json:"instance,omitempty"`
	// Release is the tag of a version that lives on wherever it was installed.
	Release string `json:"release,omitempty"`
	// Production: the version runs in an environment of the production class, or is
	// a release.
	Production bool `json:"production,omitempty"`
	// Rolling: its deployment has begun and not ended; another version still runs.
	Rolling bool `json:"rolling,omitempty"`
	// Deployed is the commit that runs, where what that commit declares is not known
	// and the default branch's declaration at Commit stands for it; else empty.
	Deployed string `json:"deployed,omitempty"`
	// Runs: this version runs, or some version of the component is known to run in
	// production or to be released. Of a component of which none is, the default
	// branch counts as what runs.
	Runs bool `json:"runs,omitempty"`
	// Written is the contract that the use was written against, or nil where the registry
	// does not know it. Usage.Baseline takes precedence.
	Written *ContractVersion `json:"-"`
	Usage   Usage            `json:"usage"`
	// Content identifies the content of Usage where the caller has such an identifier:
	// equal content has an equal identifier. Clear it when you change Usage.
	Content string `json:"-"`
	// Stale says why the last known state is shown ("archived", "uninstalled",
	// "file-broken"); empty: it is current.
	Stale string `json:"stale,omitempty"`
}

// ReasonCode says why a verdict was given. The texts live in package checks.
type ReasonCode string

// The reasons.
const (
	ReasonReads              ReasonCode = "reads"               // lists Node among what it reads
	ReasonSends              ReasonCode = "sends"               // lists Node among what it sends
	ReasonUsesOperation      ReasonCode = "uses-operation"      // uses the operation that Node names
	ReasonReadsUnlisted      ReasonCode = "reads-unlisted"      // does not list what it reads
	ReasonSendsUnlisted      ReasonCode = "sends-unlisted"      // does not list what it sends
	ReasonOperationsUnlisted ReasonCode = "operations-unlisted" // lists no operations, so that which Node names counts as used
	ReasonNotListed          ReasonCode = "not-listed"          // a complete list that does not hold the edge
	ReasonOperationUnused    ReasonCode = "operation-unused"    // lists its operations, none reaches the edge
	ReasonTolerant           ReasonCode = "tolerant"            // copes with absence at Node
	ReasonExhaustive         ReasonCode = "exhaustive"          // closed switch at Node
	ReasonStatus             ReasonCode = "status"              // handles the status that Node names
	ReasonMustNowSend        ReasonCode = "must-now-send"       // sends the parent without what is now required
	ReasonIgnoredSilently    ReasonCode = "ignored-silently"    // the new schema is open: what is sent is dropped
	ReasonClosedSchema       ReasonCode = "closed-schema"       // the new schema refuses what is sent
	ReasonGenerated          ReasonCode = "generated"           // a generator keys on the name
	ReasonCatalogueOnly      ReasonCode = "catalogue-only"      // known only from a catalogue
	ReasonRegistrationError  ReasonCode = "registration-error"  // a selector or pattern matches nothing
	ReasonUnproved           ReasonCode = "unproved"            // can't be proved either way
	ReasonSafe               ReasonCode = "safe"                // the change hurts nobody in this direction
	ReasonAlternativeLeft    ReasonCode = "alternative-left"    // an accepted alternative is left
	ReasonNoWitness          ReasonCode = "no-witness"          // no example of a failure at Node was found
)

// Reason is a typed reason; Node is the pattern, operation, status or name that
// it speaks of.
type Reason struct {
	Code ReasonCode `json:"code"`
	Node string     `json:"node,omitempty"`
}

// AffectedConsumer is what one change means for one consumer version.
type AffectedConsumer struct {
	Consumer Consumer `json:"consumer"`
	Verdict  Verdict  `json:"verdict"`
	Reason   Reason   `json:"reason"`
	// Evidence are the lines that declare the affected use, the most specific first. There
	// is at least one.
	Evidence []Evidence `json:"evidence"`
	// Witness is the smallest example of what breaks; nil for Unknown, and where none was
	// found.
	Witness *Witness `json:"witness,omitempty"`
}

// Witness is a concrete example of what a change breaks: a message that one version of the
// contract allows, and that the consumer (a response) or the other version (a request)
// cannot take.
type Witness struct {
	Direction Direction `json:"direction"`
	// AllowedBy is the version that allows the example: "base" or "head".
	AllowedBy string `json:"allowed_by"`
	Operation string `json:"operation"`
	Status    string `json:"status,omitempty"`
	MediaType string `json:"media_type,omitempty"`
	// Parameter names the parameter or header of which Document is the value, such as
	// "query limit". Without it Document is a body.
	Parameter string `json:"parameter,omitempty"`
	// Document is the example, as JSON; nil where the change concerns the message as a
	// whole (its method and path, status or credentials).
	Document json.RawMessage `json:"document,omitempty"`
	// Fails says in a few words what is wrong with it.
	Fails string `json:"fails"`
	// Reading says how the contracts have to be read for the example, if not as usual.
	Reading Reading `json:"reading,omitempty"`
}

// Reading is a way to read a contract that is not the usual one.
type Reading string

// The readings.
const (
	ReadingAnyVariant  Reading = "any-variant" // a value may fit several branches of a oneOf
	ReadingUndescribed Reading = "undescribed" // a sender sends more than is described
	ReadingStrict      Reading = "strict"      // a reader relies on every keyword
)

// Finding is a change with the consumers that it affects, the most severe verdict first.
// Unaffected consumers are counted, not listed.
type Finding struct {
	Change     Change             `json:"change"`
	Affected   []AffectedConsumer `json:"affected"`
	Unaffected int                `json:"unaffected"`
	// SinceBaseline is set where the change lies between the baseline of the listed
	// consumers and the head, not between base and head. Source.Base is then a position in
	// the baseline.
	SinceBaseline bool `json:"since_baseline,omitempty"`
}

// Verdict gives the most severe verdict of all affected consumers, or Unaffected.
func (f *Finding) Verdict() Verdict {
	worst := Unaffected
	for i := range f.Affected {
		if f.Affected[i].Verdict.Rank() > worst.Rank() {
			worst = f.Affected[i].Verdict
		}
	}
	return worst
}

// RegistrationProblem is a selector or pattern of a consumer that matches nothing in the
// contract, with the nearest names that exist.
type RegistrationProblem struct {
	Consumer Consumer `json:"consumer"`
	Problem  Problem  `json:"problem"`
	Nearest  []string `json:"nearest,omitempty"`
}

// Only gives the affected consumer of a finding that was made for a single consumer, or
// nil where that consumer is unaffected.
func (f *Finding) Only() *AffectedConsumer {
	if len(f.Affected) == 0 {
		return nil
	}
	return &f.Affected[0]
}
