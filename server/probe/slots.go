package probe

import (
	"context"
	"sync"
)

// slots bound how many do something at once, by key. A key that nobody uses takes no
// memory.
type slots[K comparable] struct {
	most int
	mu   sync.Mutex
	used map[K]*slot
}

type slot struct {
	free  chan struct{}
	users int // who hold it or wait for it
}

func newSlots[K comparable](most int) *slots[K] {
	return &slots[K]{most: most, used: map[K]*slot{}}
}

// take waits for a free place of a key, in the order of arrival, and gives what frees it
// again. ok is false when ctx ended first.
func (s *slots[K]) take(ctx context.Context, key K) (free func(), ok bool) {
	s.mu.Lock()
	one := s.used[key]
	if one == nil {
		one = &slot{free: make(chan struct{}, s.most)}
		s.used[key] = one
	}
	one.users++
	s.mu.Unlock()
	leave := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if one.users--; one.users == 0 {
			delete(s.used, key)
		}
	}
	select {
	case one.free <- struct{}{}:
		return func() {
			<-one.free
			leave()
		}, true
	case <-ctx.Done():
		leave()
		return nil, false
	}
}
