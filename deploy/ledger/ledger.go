package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// EntryKind says what a ledger's entry is about.
type EntryKind string

// The kinds of entries.
const (
	// EntryDeployment: a deployment was asked for, began or ended.
	EntryDeployment EntryKind = "deployment"
	// EntryAnswer: what can-i-deploy said when a deployment was asked for.
	EntryAnswer EntryKind = "can-i-deploy"
	// EntryAcknowledgement: an owner of a consumer agreed to an impact on it.
	EntryAcknowledgement EntryKind = "acknowledgement"
	// EntryVerdict: what the watching of a deployment came to, with what it was decided by.
	EntryVerdict EntryKind = "verdict"
	// EntryGate: a deployment protection rule was answered.
	EntryGate EntryKind = "gate"
	// EntryRollback: a roll back was asked for, proposed, performed, refused, or is over.
	EntryRollback EntryKind = "rollback"
	// EntryGateOverride: a maintainer has let a commit go again where it was to be
	// rolled back.
	EntryGateOverride EntryKind = "gate-override"
	// EntryOverride: a maintainer of the provider let an impact pass that no owner
	// of the consumer has agreed to.
	EntryOverride EntryKind = "override"
)

// EntryKinds are all of them.
var EntryKinds = []EntryKind{EntryDeployment, EntryAnswer, EntryAcknowledgement, EntryVerdict, EntryGate, EntryOverride}

// Entry is one line of the ledger: something that happened, by whom, with what
// was known then. It is never changed.
type Entry struct {
	// Sequence counts from 1 in each installation, without a gap.
	Sequence     int64     `json:"seq"`
	Installation int64     `json:"installation"`
	At           time.Time `json:"at"`
	Kind         EntryKind `json:"kind"`
	// Repository, Component, Environment and Commit that it is about; what does not
	// apply is empty.
	Repository  int64  `json:"repository,omitempty"`
	Component   string `json:"component,omitempty"`
	Environment string `json:"environment,omitempty"`
	Commit      string `json:"commit,omitempty"`
	// Actor is the login of who did it.
	Actor string `json:"actor,omitempty"`
	// Body is what the kind tells besides, as JSON.
	Body json.RawMessage `json:"body,omitempty"`
	// Once names the entry: a second one of that name in an installation is not written.
	Once string `json:"once,omitempty"`
	// Previous is the hash of the entry before, Hash that of this one.
	Previous string `json:"previous"`
	Hash     string `json:"hash"`
}

// Chained gives the entry as it follows previous (nil: it is the first one), with
// its sequence and hashes.
func (e Entry) Chained(previous *Entry) Entry {
	e.Sequence, e.Previous = 1, ""
	if previous != nil {
		e.Sequence, e.Previous = previous.Sequence+1, previous.Hash
	}
	e.At = e.At.UTC().Truncate(time.Millisecond)
	hash, err := e.digest()
	if err != nil {
		panic(fmt.Sprintf("a ledger's entry: %v", err)) // whoever writes checks that
	}
	e.Hash = hash
	return e
}

// Intact tells whether the entry is what was written behind previous (nil: as the
// first one). The error is a [*LedgerFault].
func (e Entry) Intact(previous *Entry) error {
	sequence, hash := int64(1), ""
	if previous != nil {
		sequence, hash = previous.Sequence+1, previous.Hash
	}
	fault := func(kind FaultKind, at int64) error {
		return &Fault{Installation: e.Installation, Sequence: at, Kind: kind, Found: e.Sequence}
	}
	digest, err := e.digest()
	switch {
	case e.Sequence > sequence:
		return fault(EntryMissing, sequence)
	case e.Sequence < sequence:
		return fault(EntryMisplaced, sequence)
	case err != nil || e.Hash != digest:
		return fault(EntryChanged, sequence)
	case e.Previous != hash:
		return fault(EntryUnlinked, sequence)
	}
	return nil
}

// digest is the SHA-256 of everything but the hash itself, as JSON. Blanks between the
// parts of the body do not count: they say nothing. A body that is no JSON is an error.
func (e Entry) digest() (string, error) {
	e.Hash = ""
	if len(e.Body) == 0 {
		e.Body = nil
	}
	text, err := json.Marshal(e)
	if err != nil {
		return "", fmt.Errorf("the body of entry %d is no JSON: %w", e.Sequence, err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// Ledger keeps entries: append-only, each chained to the one before it.
// Implemented by the store.
type Ledger interface {
	// Append writes entries behind what is there; it sets Sequence and the hashes,
	// and At where that is zero. An entry whose Once was written before is left out.
	Append(ctx context.Context, entries ...Entry) error
}
