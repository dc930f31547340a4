package demo

import (
	"sync"
	"time"
)

// Clock is the story's time, which GitHub, the server and production have in common. It
// leaps where the story says so. Between the leaps it goes fifty times slower than
// another clock: what happens at which minute must not depend on how fast the machine
// is, and what waits for a moment to come must not wait for ever.
type Clock struct {
	follows func() time.Time
	mu      sync.Mutex
	at      time.Time     // the story's time …
	since   time.Time     // … when the other clock was here
	slower  time.Duration // by so many times
}

// slower is by how much the story's time goes slower.
const slower = 50

// NewClock makes a clock that follows another, from the whole minute on.
func NewClock(follows func() time.Time) *Clock {
	now := follows()
	return &Clock{follows: follows, at: now.Truncate(time.Minute), since: now, slower: slower}
}

// Now is the story's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time { return c.at.Add(c.follows().Sub(c.since) / c.slower) }

// Pass lets time go by.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// Go has the clock go as fast as the other from now on: the story is over.
func (c *Clock) Go() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.since, c.slower = c.now(), c.follows(), 1
}
