package ledger

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"plimsoll/deploy"
	"plimsoll/deploy/signal"
)

// Replay is a verdict that was decided again from stored data.
type Replay struct {
	Stored VerdictEntry
	// Again is the verdict of this program; zero if it could not be decided.
	Again deploy.Verdict
	// Same: Again is Stored.Verdict, bit for bit.
	Same bool
	// Different are the first differences, and what explains them, in order.
	Different []Difference
}

// DifferenceKind is the kind of a difference.
type DifferenceKind string

// The differences.
const (
	// DifferentValue: the field At was Was and is now Is.
	DifferentValue DifferenceKind = "value"
	// DifferentEvaluator: version Was of the signal evaluation decided; this program has
	// version Is.
	DifferentEvaluator DifferenceKind = "judge"
	// DifferentThresholds: the threshold At was Was and is now Is.
	DifferentThresholds DifferenceKind = "thresholds"
	// DifferentPlan: the plan does not have the hash in the entry.
	DifferentPlan DifferenceKind = "plan"
	// MissingHistory: the history of the signals is not stored any more.
	MissingHistory DifferenceKind = "history-missing"
	// DifferentHistory: the history of the signals does not have the hash in the entry
	// (Was).
	DifferentHistory DifferenceKind = "history"
	// DifferentEntry: the entry does not have its hash.
	DifferentEntry DifferenceKind = "entry"
	// Undecided: by the stored data it was too early for a verdict.
	Undecided DifferenceKind = "undecided"
)

// Difference is one difference between the stored verdict and the new one.
type Difference struct {
	Kind DifferenceKind `json:"kind"`
	At   string         `json:"at,omitempty"`
	Was  string         `json:"was,omitempty"`
	Is   string         `json:"is,omitempty"`
}

// mostDifferences are kept.
const mostDifferences = 10

// ErrNoVerdict means that an entry of the ledger is not about a verdict.
var ErrNoVerdict = errors.New("the entry is not a verdict")

// DecideAgain decides the verdict of an entry again, from the entry and the history of the
// signals with its hash; h is nil if there is none. That a newer deployment superseded
// one is not decided by measurements: such a verdict stays the same.
func DecideAgain(e Entry, h *deploy.History, hash string) (Replay, error) {
	var r Replay
	if e.Kind != EntryVerdict {
		return r, ErrNoVerdict
	}
	if err := json.Unmarshal(e.Body, &r.Stored); err != nil {
		return r, fmt.Errorf("read the verdict: %w", err)
	}
	if r.Stored.Verdict.Answer == "" || r.Stored.Verification.Commit == "" || r.Stored.Verification.Plan.Declared && r.Stored.Verification.Plan.Every <= 0 {
		return r, fmt.Errorf("read the verdict: %w", ErrNoVerdict)
	}
	if digest, err := e.digest(); err != nil || e.Hash != digest {
		r.differs(Difference{Kind: DifferentEntry})
	}
	stored := r.Stored
	if stored.Verdict.Answer == deploy.Superseded {
		r.Again, r.Same = stored.Verdict, len(r.Different) == 0
		return r, nil
	}
	if plan := stored.Verification.Plan.Hash(); plan != stored.Plan {
		r.differs(Difference{Kind: DifferentPlan, Was: stored.Plan, Is: plan})
	}
	switch {
	case stored.History == "":
		h = nil
	case h == nil:
		r.differs(Difference{Kind: MissingHistory, Was: stored.History})
		return r, nil
	case hash != stored.History:
		r.differs(Difference{Kind: DifferentHistory, Was: stored.History, Is: hash})
	}
	if j := stored.Verdict.Signals; j != nil && j.Version != signal.Version {
		r.differs(Difference{Kind: DifferentEvaluator, Was: fmt.Sprint(j.Version), Is: fmt.Sprint(signal.Version)})
	}
	r.compareThresholds()
	again, decided := deploy.Decide(stored.Verification, h, stored.Samples, stored.Verdict.At)
	if !decided {
		r.differs(Difference{Kind: Undecided})
	}
	again.Newer = stored.Verdict.Newer // which was not measured
	r.Again = again
	was, is := plainJSON(stored.Verdict), plainJSON(again)
	if !bytes.Equal(was, is) {
		r.compare("", decoded(was), decoded(is))
	}
	r.Same = len(r.Different) == 0
	return r, nil
}

func (r *Replay) differs(d Difference) {
	if len(r.Different) < mostDifferences {
		r.Different = append(r.Different, d)
	}
}

func (r *Replay) compareThresholds() {
	before := len(r.Different)
	r.compare("thresholds", decoded(plainJSON(r.Stored.Verdict.Thresholds)), decoded(plainJSON(deploy.DefaultThresholds)))
	for i := range r.Different[before:] {
		r.Different[before+i].Kind = DifferentThresholds
	}
}

// compare notes where two JSON values differ, in the order of their names.
func (r *Replay) compare(at string, was, is any) {
	switch was := was.(type) {
	case map[string]any:
		if is, ok := is.(map[string]any); ok {
			names := slices.Sorted(maps.Keys(was))
			for name := range is {
				if _, there := was[name]; !there {
					names = append(names, name)
				}
			}
			slices.Sort(names)
			for _, name := range names {
				if at == "" && name == "thresholds" {
					continue // reported already
				}
				r.compare(join(at, name), was[name], is[name])
			}
			return
		}
	case []any:
		if is, ok := is.([]any); ok {
			for i := range max(len(was), len(is)) {
				var before, now any
				if i < len(was) {
					before = was[i]
				}
				if i < len(is) {
					now = is[i]
				}
				r.compare(fmt.Sprintf("%s[%d]", at, i), before, now)
			}
			return
		}
	}
	if before, now := string(plainJSON(was)), string(plainJSON(is)); before != now {
		r.differs(Difference{Kind: DifferentValue, At: at, Was: shortened(before), Is: shortened(now)})
	}
}

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// shortened cuts what one difference shows.
func shortened(text string) string {
	const most = 80
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return cmp.Or(text, "null")
}

func plainJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("plain data: %v", err))
	}
	return text
}

// decoded reads JSON with its numbers as they are written.
func decoded(text []byte) (v any) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&v); err != nil {
		panic(fmt.Sprintf("what was just encoded: %v", err))
	}
	return v
}
