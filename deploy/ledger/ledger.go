package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// EntryKind is what an entry is about.
type EntryKind string

// The kinds of entries.
const (
	// EntryDeployment: a deployment was requested, began or ended.
	EntryDeployment EntryKind = "deployment"
	// EntryAnswer: the answer of can-i-deploy when a deployment was requested.
	EntryAnswer EntryKind = "can-i-deploy"
	// EntryAcknowledgement: an owner of a consumer accepted an impact on it.
	EntryAcknowledgement EntryKind = "acknowledgement"
	// EntryVerdict: the verdict of a verification, with the data that decided it.
	EntryVerdict EntryKind = "verdict"
	// EntryGate: a deployment protection rule was answered.
	EntryGate EntryKind = "gate"
	// EntryRollback: a rollback was requested, proposed, performed, refused, or ended.
	EntryRollback EntryKind = "rollback"
	// EntryGateOverride: a maintainer let a commit be deployed again after a verdict to
	// roll it back.
	EntryGateOverride EntryKind = "gate-override"
	// EntryOverride: a maintainer of the provider accepted an impact that no owner of the
	// consumer accepted.
	EntryOverride EntryKind = "override"
)

// EntryKinds are the kinds that can be listed.
var EntryKinds = []EntryKind{EntryDeployment, EntryAnswer, EntryAcknowledgement, EntryVerdict, EntryGate, EntryRollback, EntryGateOverride, EntryOverride}

// Entry is one line of the ledger: what happened, who did it, and what was known then. It
// is never changed.
type Entry struct {
	// Sequence counts from 1 in each installation, without gaps.
	Sequence     int64     `json:"seq"`
	Installation int64     `json:"installation"`
	At           time.Time `json:"at"`
	Kind         EntryKind `json:"kind"`
	// Repository, Component, Environment and Commit that the entry is about; empty if
	// they do not apply.
	Repository  int64  `json:"repository,omitempty"`
	Component   string `json:"component,omitempty"`
	Environment string `json:"environment,omitempty"`
	Commit      string `json:"commit,omitempty"`
	// Actor is the login of the person who did it.
	Actor string `json:"actor,omitempty"`
	// Body holds the details of the kind, as JSON.
	Body json.RawMessage `json:"body,omitempty"`
	// Once names the entry: an installation's second entry of a name is not written.
	Once string `json:"once,omitempty"`
	// Previous is the hash of the previous entry, Hash the one of this entry.
	Previous string `json:"previous"`
	Hash     string `json:"hash"`
}

// Chained returns the entry with its sequence and hashes as the successor of previous; nil:
// as the first entry.
func (e Entry) Chained(previous *Entry) Entry {
	e.Sequence, e.Previous = 1, ""
	if previous != nil {
		e.Sequence, e.Previous = previous.Sequence+1, previous.Hash
	}
	e.At = e.At.UTC().Truncate(time.Millisecond)
	hash, err := e.digest()
	if err != nil {
		panic(fmt.Sprintf("a ledger's entry: %v", err)) // the writer checks the body
	}
	e.Hash = hash
	return e
}

// Intact checks that the entry is what was written after previous; nil: as the first
// entry. The error is a [*Fault].
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

// digest is the SHA-256 of the entry without its hash, as JSON. White space in the body
// does not count. A body that is not JSON is an error.
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

// Ledger stores entries: append-only, each chained to the previous one.
type Ledger interface {
	// Append writes entries at the end. It sets Sequence and the hashes, and At if that
	// is zero. An entry whose Once was written before is left out.
	Append(ctx context.Context, entries ...Entry) error
}
