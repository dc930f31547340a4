package queue

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"
)

// subject is what jobs are merged by.
type subject struct {
	installation int64
	kind, key    string
}

// model plays random steps on two replicas and knows what has to come out.
type model struct {
	*bench
	random   *rand.Rand
	replicas []*Queue
	claimed  []claimedJob
	newest   map[subject]int // enqueued last
	done     map[subject]int // done last
	steps    []string
}

type claimedJob struct {
	Job
	by *Queue
}

// ends frees the job's worker.
func (j claimedJob) ends() { j.by.poolOf(j.Job).end(j.Installation) }

// TestRandomSteps plays random enqueues, claims, endings of all classes, crashes
// and shutdowns, and then lets everything succeed. Of every subject the newest
// arguments must have been done, older ones never after newer ones, no key may have had
// two owners at once, and no installation more than its share of a pool.
func TestRandomSteps(t *testing.T) {
	seeds := uint64(12)
	if testing.Short() {
		seeds = 3
	}
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			config := Config{Owner: "one", Workers: 5, Pools: map[string]int{"apart": 2}, MaxFailures: 1000, MaxBackoff: time.Minute}
			each(t, config, func(t *testing.T, b *bench) {
				config := config // the databases run beside each other
				config.Owner = "two"
				m := &model{
					bench: b, random: rand.New(rand.NewPCG(seed, 1)), replicas: []*Queue{b.Queue, b.replica(config)},
					newest: map[subject]int{}, done: map[subject]int{},
				}
				for _, q := range m.replicas {
					q.RegisterIn("apart", "kind1", func(context.Context, Job) error { return nil })
				}
				for range 150 {
					m.step()
				}
				m.drain()
				if t.Failed() {
					t.Logf("steps: %q", m.steps)
				}
			})
		})
	}
}

func (m *model) step() {
	switch m.random.IntN(10) {
	case 0, 1, 2:
		m.enqueueSome()
	case 3, 4:
		m.claimSome()
	case 5, 6, 7:
		m.settleOne(m.someError())
	case 8:
		// The process that had it is gone: nobody settles it.
		if n := len(m.claimed); n > 0 {
			i := m.random.IntN(n)
			m.log("crash %s", m.claimed[i].ID)
			m.claimed[i].ends()
			m.claimed = append(m.claimed[:i], m.claimed[i+1:]...)
		}
	case 9:
		m.advance(time.Duration(m.random.IntN(40)) * time.Second)
		m.log("advance")
	}
}

func (m *model) log(format string, args ...any) {
	m.steps = append(m.steps, fmt.Sprintf(format, args...))
}

func (m *model) enqueueSome() {
	s := subject{int64(1 + m.random.IntN(2)), fmt.Sprintf("kind%d", m.random.IntN(2)), fmt.Sprintf("key%d", m.random.IntN(3))}
	m.newest[s]++
	m.log("enqueue %v %d", s, m.newest[s])
	m.enqueue(Job{Installation: s.installation, Kind: s.kind, Key: s.key, Args: []byte(strconv.Itoa(m.newest[s]))})
	m.advance(time.Millisecond)
}

func (m *model) claimSome() {
	q := m.replicas[m.random.IntN(2)]
	jobs, err := q.claim(m.t.Context())
	if err != nil {
		m.t.Fatal(err)
	}
	keys := map[string]bool{}
	for _, job := range jobs {
		key := fmt.Sprint(job.Installation, job.Key)
		if keys[key] {
			m.t.Errorf("two jobs of %s claimed at once", key)
		}
		keys[key] = true
		m.log("claim %s", job.ID)
		pool := q.poolOf(job)
		pool.begin(job.Installation)
		if n := pool.busy[job.Installation]; n > pool.share() || pool.free() < 0 {
			m.t.Errorf("%d workers of the pool %q work for installation %d, and %d are free", n, pool.name, job.Installation, pool.free())
		}
		m.claimed = append(m.claimed, claimedJob{job, q})
	}
}

// someError gives how a job ends, and the cause of its context.
func (m *model) someError() (err, cause error) {
	now := m.clock()
	switch m.random.IntN(6) {
	case 0:
		return errors.New("502"), nil
	case 1:
		return Snooze{Until: now.Add(30 * time.Second)}, nil
	case 2:
		return Snooze{Until: now.Add(30 * time.Second), Scope: ThisJob}, nil
	case 3:
		return context.Canceled, ErrShutdown
	}
	return nil, nil
}

// settleOne ends a claimed job; one whose lease was taken over is not heard.
func (m *model) settleOne(err, cause error) {
	if len(m.claimed) == 0 {
		return
	}
	i := m.random.IntN(len(m.claimed))
	job := m.claimed[i]
	m.claimed = append(m.claimed[:i], m.claimed[i+1:]...)
	job.ends()
	outcome, stored := job.by.settle(m.t.Context(), job.Job, err, cause)
	m.log("settle %s with %v: %s", job.ID, err, outcome)
	if stored != nil {
		m.t.Fatal(stored)
	}
	if outcome != outcomeDone {
		return
	}
	n, bad := strconv.Atoi(string(job.Args))
	if bad != nil {
		m.t.Fatal(bad)
	}
	s := subject{job.Installation, job.Kind, job.Key}
	if n < m.done[s] {
		m.t.Errorf("%v: %d was done after %d", s, n, m.done[s])
	}
	m.done[s] = n
}

// drain lets everything succeed and time pass, and looks at what was done.
func (m *model) drain() {
	for range 60 {
		m.claimSome()
		for len(m.claimed) > 0 {
			m.settleOne(nil, nil)
		}
		m.advance(15 * time.Second)
	}
	m.expectCounts(0, 0, 0)
	for s, n := range m.newest {
		if m.done[s] != n {
			m.t.Errorf("%v: %d was done last, %d was wanted last", s, m.done[s], n)
		}
	}
}
