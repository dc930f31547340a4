package intake

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// smallBody is how much of each body is counted against the reserve. Most webhooks are
	// smaller.
	smallBody = 128 << 10
	// reservePart of all space is the reserve.
	reservePart = 0.25
	// firstSpace is what a body is given to begin with. It grows with what arrives.
	firstSpace = 4 << 10
	// slowRate, in bytes a second, is slow. GitHub waits 10 seconds for an answer, so it
	// has to send its largest bodies ten times as fast.
	slowRate = 256 << 10
	// patience is how long a body may bring nothing, or come slowly, while others wait for
	// space.
	patience = time.Second
	// lookEvery is how often slow bodies are looked for while others wait.
	checkEvery = 100 * time.Millisecond
)

// space is the memory for bodies. It is taken as bytes arrive, never for what a request
// declares: who sends it is known only when the whole body is there. A part of it is for
// the beginnings of bodies, so that large ones can't keep small ones out.
type space struct {
	// mu guards everything below it, and what bodies say about themselves.
	mu            sync.Mutex
	reserve, rest pool
	bodies        map[*body]struct{}
	// looking says that somebody looks for slow bodies.
	checking bool
}

// pool is one kind of space.
type pool struct {
	*semaphore.Weighted
	waiting int
}

func newSpace(all int64) *space {
	reserve := int64(float64(all) * reservePart)
	return &space{
		reserve: pool{Weighted: semaphore.NewWeighted(reserve)},
		rest:    pool{Weighted: semaphore.NewWeighted(all - reserve)},
		bodies:  map[*body]struct{}{},
	}
}

// body is what has arrived of a request's body. Its space is held until release.
type body struct {
	data  []byte
	space *space
	began time.Time

	// Guarded by space.mu.
	held    map[*pool]int64
	arrived int64
	// progressed is when the last bytes came, or the space for more.
	progressed time.Time
	// waits is the pool whose space is waited for, waited how long that took so far.
	waits  *pool
	waited time.Duration
	// whole: nothing more is waited for. ended: it had to give way.
	whole, ended bool

	// interrupt ends a wait for space, deadline a wait for bytes.
	interrupt context.CancelFunc
	deadline  func(time.Time) error
}

// begin adds a body that arrives. deadline sets until when its bytes are waited for.
func (s *space) begin(interrupt context.CancelFunc, deadline func(time.Time) error) *body {
	now := time.Now()
	b := &body{space: s, began: now, progressed: now, held: map[*pool]int64{}, interrupt: interrupt, deadline: deadline}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bodies[b] = struct{}{}
	return b
}

// end says that the body is not waited for any more. gaveWay tells that it was ended
// before, for the sake of others.
func (b *body) end() (gaveWay bool) {
	b.space.mu.Lock()
	defer b.space.mu.Unlock()
	b.whole = true
	return b.ended
}

// release gives the space back.
func (b *body) release() {
	b.space.mu.Lock()
	defer b.space.mu.Unlock()
	delete(b.space.bodies, b)
	for pool, n := range b.held {
		pool.Release(n)
	}
	b.held, b.data = nil, nil
}

// waitUntil sets until when the next bytes are waited for.
func (b *body) waitUntil(at time.Time) {
	b.space.mu.Lock()
	defer b.space.mu.Unlock()
	b.arrived, b.progressed = int64(len(b.data)), time.Now()
	if b.ended {
		at = time.Now()
	}
	// Requests that come over no connection have no deadlines, and need none.
	_ = b.deadline(at)
}

// grow makes room for more bytes: twice as many, at most as many as may come. It waits
// until ctx ends where others have the space.
func (b *body) grow(ctx context.Context, most int64) error {
	size := min(max(firstSpace, 2*int64(cap(b.data))), most)
	if err := b.take(ctx, &b.space.reserve, min(size, smallBody)); err != nil {
		return err
	}
	if err := b.take(ctx, &b.space.rest, max(0, size-smallBody)); err != nil {
		return err
	}
	data := make([]byte, len(b.data), size)
	copy(data, b.data)
	b.data = data
	return nil
}

// take takes space of a pool until the body holds as much as it wants.
func (b *body) take(ctx context.Context, from *pool, want int64) error {
	s := b.space
	s.mu.Lock()
	more := want - b.held[from]
	if more <= 0 || from.TryAcquire(more) {
		b.held[from] = want
		s.mu.Unlock()
		return nil
	}
	began := time.Now()
	from.waiting++
	b.waits = from
	if !s.checking {
		s.checking = true
		go s.makeRoom()
	}
	s.mu.Unlock()

	err := from.Acquire(ctx, more)

	s.mu.Lock()
	defer s.mu.Unlock()
	from.waiting--
	b.waits, b.waited = nil, b.waited+time.Since(began)
	b.progressed = time.Now()
	if err == nil {
		b.held[from] = want
	}
	return err
}

// makeRoom ends bodies as long as others wait for their space.
func (s *space) makeRoom() {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for range tick.C {
		s.mu.Lock()
		if s.reserve.waiting+s.rest.waiting == 0 {
			s.checking = false
			s.mu.Unlock()
			return
		}
		for b := range s.bodies {
			if b.slow() {
				b.giveWay()
			}
		}
		s.unlock(&s.reserve)
		s.unlock(&s.rest)
		s.mu.Unlock()
	}
}

// slow says that a body waits for its sender, and that it takes long.
func (b *body) slow() bool {
	took := time.Since(b.began) - b.waited
	return !b.whole && b.waits == nil && (time.Since(b.progressed) > patience || took > patience && float64(b.arrived) < slowRate*took.Seconds())
}

// unlock ends the oldest body that has space of a pool, where all of them wait for more:
// they would wait for each other.
func (s *space) unlock(p *pool) {
	var oldest *body
	for b := range s.bodies {
		switch {
		case b.held[p] == 0:
		case b.waits == nil || b.ended:
			return // it gives its space back
		case oldest == nil || b.began.Before(oldest.began):
			oldest = b
		}
	}
	if p.waiting > 0 && oldest != nil {
		oldest.giveWay()
	}
}

func (b *body) giveWay() {
	if !b.ended {
		b.ended = true
		b.interrupt()
		_ = b.deadline(time.Now())
	}
}
