package store_test

import (
	"sync"
	"testing"

	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// Commands that come at once, to several replicas, are not more than the budget allows; a
// source that comes again counts once; another person and another account have their own.
func TestBudgetOfCommands(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		spend := func(installation int64, login, source string, commands int) (int, bool) {
			allowed, tell, err := s.SpendCommands(t.Context(), installation, login, source, commands, 10)
			if err != nil {
				t.Error(err)
			}
			return allowed, tell
		}
		var mu sync.Mutex
		var all sync.WaitGroup
		sum, told := 0, 0
		for _, source := range []string{"a", "b", "c", "d", "e", "f"} {
			all.Go(func() {
				allowed, tell := spend(1, "Eve", source, 3)
				mu.Lock()
				defer mu.Unlock()
				if sum += allowed; tell {
					told++
				}
			})
		}
		all.Wait()
		if sum != 10 || told != 1 {
			t.Errorf("%d commands of 18, told %d times, expected 10 and once", sum, told)
		}
		if allowed, tell := spend(1, "eve", "g", 1); allowed != 0 || tell {
			t.Errorf("after that %d, %t", allowed, tell)
		}
		for range 2 {
			if allowed, tell := spend(1, "ana", "a", 12); allowed != 10 || !tell {
				t.Errorf("ana: %d, %t", allowed, tell)
			}
		}
		if allowed, _ := spend(2, "eve", "a", 3); allowed != 3 {
			t.Errorf("another account: %d", allowed)
		}
	})
}
