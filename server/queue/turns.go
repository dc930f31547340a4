package queue

import (
	"math"
	"slices"

	"plimsoll/server/store/sqlc"
)

// turns is what one claim takes for a pool. Installations take turns in the order of their
// numbers: every installation with work comes once in a round, however much work another
// one has.
type turns struct {
	pool *pool
	free int           // workers without a job
	busy map[int64]int // jobs by installation: those that run and those that were claimed
	last int64         // the installation that had the last turn
	rows []sqlc.Job
}

// room is how many more workers an installation may have.
func (t *turns) room(installation int64) int { return max(0, t.pool.share()-t.busy[installation]) }

// full is how many installations have their share.
func (t *turns) full() int {
	n := 0
	for installation := range t.busy {
		if t.room(installation) == 0 {
			n++
		}
	}
	return n
}

func (t *turns) take(installation int64, rows []sqlc.Job) {
	t.rows = append(t.rows, rows...)
	t.free -= len(rows)
	t.busy[installation] += len(rows)
}

// inTurn gives the installations of due jobs of the pool, beginning with the one whose
// turn is next.
func (t *turns) inTurn(due []sqlc.ListFirstDueRow) []int64 {
	var waiting []int64
	for _, job := range due {
		if job.Pool == t.pool.name && !job.Paused {
			waiting = append(waiting, job.Installation)
		}
	}
	slices.Sort(waiting)
	waiting = slices.Compact(waiting)
	next, _ := slices.BinarySearch(waiting, t.last+1)
	return slices.Concat(waiting[next:], waiting[:next])
}

// deal says how many jobs each installation may claim when each gets one in turn until
// all workers have one.
func (t *turns) deal(waiting []int64) []int {
	wanted, left := make([]int, len(waiting)), t.free
	for dealt := true; dealt && left > 0; {
		dealt = false
		for i, installation := range waiting {
			if left > 0 && wanted[i] < t.room(installation) {
				wanted[i]++
				left--
				dealt, t.last = true, installation
			}
		}
	}
	return wanted
}

// ring goes round the numbers of installations once: from the one behind start up to the
// largest, and then from the smallest to start.
type ring struct {
	start, after  int64
	wrapped, over bool
}

// until is the last number of the part that is being read.
func (r *ring) until() int64 {
	if r.wrapped {
		return r.start
	}
	return math.MaxInt64
}

// advance goes behind what was found; unless there may be more, to the next part.
func (r *ring) advance(found []int64, more bool) {
	switch {
	case more:
		r.after = found[len(found)-1]
	case r.wrapped:
		r.over = true
	default:
		r.after, r.wrapped = math.MinInt64, true
	}
}
