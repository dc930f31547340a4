package ledger

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// FaultKind is what is wrong with a ledger.
type FaultKind string

// The faults.
const (
	// EntryMissing: the entry is missing; the next existing one is Found.
	EntryMissing FaultKind = "missing"
	// EntryMisplaced: another entry has its position.
	EntryMisplaced FaultKind = "misplaced"
	// EntryChanged: it does not have its hash.
	EntryChanged FaultKind = "changed"
	// EntryUnlinked: it is whole but was written after another entry than the one before
	// it: one of the two was replaced.
	EntryUnlinked FaultKind = "unlinked"
	// EntryBeyond: it comes after the entry that the ledger stores as its last one.
	EntryBeyond FaultKind = "beyond"
	// EntryCut: it and its successors are missing, although the ledger stores Found as
	// the last one.
	EntryCut FaultKind = "cut"
	// EntryOther: it is whole but differs from a recorded head, or from the entry that
	// the ledger stores as its last one.
	EntryOther FaultKind = "other"
)

// Fault is the first thing that is wrong with a ledger.
type Fault struct {
	Installation int64     `json:"installation"`
	Sequence     int64     `json:"seq"`
	Kind         FaultKind `json:"kind"`
	// Found is the sequence that was found or recorded; see the kinds.
	Found int64 `json:"found,omitempty"`
	// Noted: it contradicts a head that was recorded elsewhere.
	Noted bool `json:"noted,omitempty"`
}

// Error names the entry and the fault.
func (f *Fault) Error() string {
	return fmt.Sprintf("entry %d of installation %d: %s", f.Sequence, f.Installation, f.Kind)
}

// Head is an entry by its sequence and its hash, which fix everything before it.
type Head struct {
	Installation int64  `json:"installation"`
	Sequence     int64  `json:"seq"`
	Hash         string `json:"hash"`
}

// String returns INSTALLATION:SEQ:HASH, which ParseHead reads.
func (h Head) String() string { return fmt.Sprintf("%d:%d:%s", h.Installation, h.Sequence, h.Hash) }

// ParseHead reads INSTALLATION:SEQ:HASH, or SEQ:HASH of the only installation
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

// Audit checks the ledger of one installation, entry by entry in order. It finds what a
// person with write access to the database may have done: entries changed, removed,
// inserted or swapped, and a tail cut off. A chain that was rewritten as a whole is found
// only by a head that was recorded out of that person's reach.
type Audit struct {
	installation int64
	noted        []Head
	last         *Entry
}

// NewAudit begins at the first entry. Recorded heads of other installations do not count.
func NewAudit(installation int64, noted []Head) *Audit {
	a := &Audit{installation: installation}
	for _, head := range noted {
		if head.Installation == installation {
			a.noted = append(a.noted, head)
		}
	}
	return a
}

// Entry checks the next entry; the error is a [*Fault].
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

// End checks the last entry against the end that the ledger stores (the zero head:
// nothing was ever written), and against the recorded heads.
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

// Last is the last entry that was found whole, to be recorded elsewhere.
func (a *Audit) Last() Head {
	if a.last == nil {
		return Head{Installation: a.installation}
	}
	return Head{a.installation, a.last.Sequence, a.last.Hash}
}
