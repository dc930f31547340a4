package deploy

import (
	"slices"
	"time"
)

// Changes are the commits that a deployment brought to a target where others ran before.
type Changes struct {
	// Of is how many there are, Committed when each of those that are known was
	// written (its author's date), in Unix seconds, the oldest first. A squash merge is
	// one commit of the time of the merge: what was in it is not known here.
	Of        int     `json:"of"`
	Committed []int64 `json:"committed,omitempty"`
}

// NewChanges returns the changes by the times of some of them; a zero time is not known.
func NewChanges(of int, committed []time.Time) *Changes {
	c := &Changes{Of: max(of, len(committed))}
	for _, at := range committed {
		if !at.IsZero() {
			c.Committed = append(c.Committed, at.Unix())
		}
	}
	slices.Sort(c.Committed)
	return c
}
