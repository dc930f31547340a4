package probe

import "sync"

// slots bound how many do something at once, by key. Nothing waits for a slot. An unused
// key takes no memory.
type slots[K comparable] struct {
	most int
	mu   sync.Mutex
	held map[K]int
}

func newSlots[K comparable](most int) *slots[K] {
	return &slots[K]{most: most, held: map[K]int{}}
}

// take takes a slot of a key and gives what frees it again; ok is false where none is
// free.
func (s *slots[K]) take(key K) (free func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[key] == s.most {
		return nil, false
	}
	s.held[key]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.held[key]--; s.held[key] == 0 {
			delete(s.held, key)
		}
	}, true
}
