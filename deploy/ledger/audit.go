package ledger

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// FaultKind says what is wrong with a ledger.
type FaultKind string

// The faults.
const (
	// EntryMissing: the entry is not there; the next that is there is Found.
	EntryMissing FaultKind = "missing"
	// EntryMisplaced: another entry stands in its place.
	EntryMisplaced FaultKind = "misplaced"
	// EntryChanged: it is not what its hash was made of.
	EntryChanged FaultKind = "changed"
	// EntryUnlinked: it is whole, and was written behind another entry than the one
	// that stands before it: one of the two has been written anew.
	EntryUnlinked FaultKind = "unlinked"
	// EntryBeyond: it stands behind the entry that the ledger keeps as its last one.
	EntryBeyond FaultKind = "beyond"
	// EntryCut: it and what followed is not there, though the ledger keeps that Found
	// was the last one.
	EntryCut FaultKind = "cut"
	// EntryOther: it is whole, and not the one that was noted, or that the ledger keeps
	// as its last one.
	EntryOther FaultKind = "other"
)

// LedgerFault is the first thing that is wrong with a ledger.
type Fault struct {
	Installation int64     `json:"installation"`
	Sequence     int64     `json:"seq"`
	Kind         FaultKind `json:"kind"`
	// Found is the sequence that stands there, or that was noted; see the kinds.
	Found int64 `json:"found,omitempty"`
	// Noted: it goes against a head that was noted elsewhere.
	Noted bool `json:"noted,omitempty"`
}

// Error names the entry and the fault.
func (f *Fault) Error() string {
	return fmt.Sprintf("entry %d of installation %d: %s", f.Sequence, f.Installation, f.Kind)
}

// Head is an entry by its place and its hash: with it everything before it is fixed.
type Head struct {
	Installation int64  `json:"installation"`
	Sequence     int64  `json:"seq"`
	Hash         string `json:"hash"`
}

// String gives INSTALLATION:SEQ:HASH, which ParseHead reads.
func (h Head) String() string { return fmt.Sprintf("%d:%d:%s", h.Installation, h.Sequence, h.Hash) }

// ParseHead reads INSTALLATION:SEQ:HASH, or SEQ:HASH of whatever installation there is
// (Installation is 0 then).
func ParseHead(text string) (Head, error) {
	bad := errors.New("expected INSTALLATION:SEQ:HASH, or SEQ:HASH where there is one installation")
	parts := strings.Split(strings.TrimSpace(text), ":")
	if len(parts) == 2 {
		parts = append([]string{"0"}, parts...)
	} else if len(parts) == 3 && strings.Trim(parts[0], "0") == "" {
		return Head{}, bad
	}
	if len(parts) != 3 {
		return Head{}, bad
	}
	installation, err1 := strconv.ParseInt(parts[0], 10, 64)
	sequence, err2 := strconv.ParseInt(parts[1], 10, 64)
	hash := strings.ToLower(parts[2])
	if err1 != nil || err2 != nil || installation < 0 || sequence < 1 || len(hash) != 64 || strings.Trim(hash, "0123456789abcdef") != "" {
		return Head{}, bad
	}
	return Head{installation, sequence, hash}, nil
}

// Audit checks the ledger of one installation, entry by entry in order. What one who
// can write to the database may have done is found: an entry changed, taken out, put in
// or swapped, the tail cut off. Who writes the whole chain anew, hashes and end
// included, is found by a head that was noted where he does not reach, and by nothing
// else.
type Audit struct {
	installation int64
	noted        []Head
	last         *Entry
}

// NewAudit begins at the first entry. The heads that were noted of other installations
// do not count.
func NewAudit(installation int64, noted []Head) *Audit {
	a := &Audit{installation: installation}
	for _, head := range noted {
		if head.Installation == installation {
			a.noted = append(a.noted, head)
		}
	}
	return a
}

// Entry checks the next entry; the error is a [*LedgerFault].
func (a *Audit) Entry(e Entry) error {
	if err := e.Intact(a.last); err != nil {
		return err
	}
	for _, head := range a.noted {
		if head.Sequence == e.Sequence && head.Hash != e.Hash {
			return &Fault{Installation: a.installation, Sequence: e.Sequence, Kind: EntryOther, Noted: true}
		}
	}
	a.last = &e
	return nil
}

// End checks the last entry that there was against what the ledger keeps as its end
// (the zero head: nothing was ever written), and against the heads that were noted.
func (a *Audit) End(end Head) error {
	last := a.Last()
	fault := func(kind FaultKind, at, found int64, noted bool) error {
		return &Fault{Installation: a.installation, Sequence: at, Kind: kind, Found: found, Noted: noted}
	}
	switch {
	case end.Sequence > last.Sequence:
		return fault(EntryCut, last.Sequence+1, end.Sequence, false)
	case end.Sequence < last.Sequence:
		return fault(EntryBeyond, end.Sequence+1, last.Sequence, false)
	case end.Hash != last.Hash:
		return fault(EntryOther, last.Sequence, 0, false)
	}
	for _, head := range a.noted {
		if head.Sequence > last.Sequence {
			return fault(EntryCut, last.Sequence+1, head.Sequence, true)
		}
	}
	return nil
}

// Last is the last entry that was checked and found whole, to be noted.
func (a *Audit) Last() Head {
	if a.last == nil {
		return Head{Installation: a.installation}
	}
	return Head{a.installation, a.last.Sequence, a.last.Hash}
}
