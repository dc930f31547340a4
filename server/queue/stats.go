package queue

import (
	"context"
	"fmt"
	"time"
)

// Stats is the state of the queue, over all replicas. Finished jobs are not
// counted: there may be many.
type Stats struct {
	Counts []Count
	// Due: a job is ready and due.
	Due bool
	// OldestDue is how long the first ready job has been due; 0 without one.
	OldestDue time.Duration
	// Paused says until when installations sleep.
	Paused map[int64]time.Time
}

// Pause is an installation that is paused: no job of it begins.
type Pause struct {
	Installation int64
	// Until it is tried again, and why it is paused: the error of the last job, which may
	// name repositories.
	Until  time.Time
	Reason string
	// Since is when the circuit of the installation opened in this process; zero where a
	// rate limit pauses it, or another replica.
	Since time.Time
}

// Pauses lists the installations that are paused.
func (q *Queue) Pauses(ctx context.Context) ([]Pause, error) {
	now, err := q.store.Now(ctx)
	if err != nil {
		return nil, fmt.Errorf("list pauses: %w", err)
	}
	rows, err := q.store.Read().ListPauses(ctx, now.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("list pauses: %w", err)
	}
	pauses := make([]Pause, len(rows))
	for i, row := range rows {
		pauses[i] = Pause{Installation: row.Installation, Until: time.UnixMilli(row.Until), Reason: row.Reason, Since: q.circuits.opened(row.Installation)}
	}
	return pauses, nil
}

// Count is how many jobs of a kind are in a state.
type Count struct {
	State State
	Kind  string
	Jobs  int
}

// Of gives how many jobs are in a state.
func (s Stats) Of(state State) int {
	n := 0
	for _, count := range s.Counts {
		if count.State == state {
			n += count.Jobs
		}
	}
	return n
}

// Stats counts what is in the queue.
func (q *Queue) Stats(ctx context.Context) (Stats, error) {
	stats, err := q.stats(ctx)
	if err != nil {
		return Stats{}, fmt.Errorf("count jobs: %w", err)
	}
	return stats, nil
}

func (q *Queue) stats(ctx context.Context) (Stats, error) {
	stats := Stats{Paused: map[int64]time.Time{}}
	now, err := q.store.Now(ctx)
	if err != nil {
		return stats, err
	}
	read := q.store.Read()
	counts, err := read.CountJobs(ctx)
	if err != nil {
		return stats, err
	}
	for _, row := range counts {
		stats.Counts = append(stats.Counts, Count{State: State(row.State), Kind: row.Kind, Jobs: int(row.Jobs)})
	}
	oldest, err := read.OldestDue(ctx, now.UnixMilli())
	if err != nil {
		return stats, err
	}
	if len(oldest) > 0 {
		stats.Due = true
		stats.OldestDue = now.Sub(time.UnixMilli(oldest[0]))
	}
	pauses, err := read.ListPauses(ctx, now.UnixMilli())
	if err != nil {
		return stats, err
	}
	for _, pause := range pauses {
		stats.Paused[pause.Installation] = time.UnixMilli(pause.Until)
	}
	return stats, nil
}

// Load is what the queue holds of one installation.
type Load struct {
	Installation int64
	// Due jobs may begin; Waiting ones may not yet, the first of them at Next.
	Due, Waiting, Running, Dead int
	Next                        time.Time
}

// Loads counts what the queue holds of each installation that has a job. The number 0 stands
// for jobs of no installation.
func (q *Queue) Loads(ctx context.Context) ([]Load, error) {
	now, err := q.store.Now(ctx)
	if err != nil {
		return nil, fmt.Errorf("count jobs of installations: %w", err)
	}
	rows, err := q.store.Read().CountJobsOfInstallations(ctx, now.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("count jobs of installations: %w", err)
	}
	loads := make([]Load, len(rows))
	for i, row := range rows {
		loads[i] = Load{Installation: row.Installation, Due: int(row.Due), Waiting: int(row.Waiting), Running: int(row.Running), Dead: int(row.Dead)}
		if row.FirstWaiting > 0 {
			loads[i].Next = time.UnixMilli(row.FirstWaiting)
		}
	}
	return loads, nil
}
