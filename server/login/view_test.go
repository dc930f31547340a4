package login_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// A page that refreshes itself does not ask GitHub each time whether the person may push.
func TestTheRightToPushIsKept(t *testing.T) {
	s := newSite(t, storetest.Open(t, store.Options{DSN: storetest.SQLite(t)}))
	alice := s.browser()
	alice.signIn("alice")
	var asked int64
	for range 3 {
		page, _ := alice.page()
		if !slices.Equal(page.Writes, []string{"acme/orders"}) {
			t.Errorf("alice may push to %v", page.Writes)
		}
		if asked == 0 {
			asked = s.deploys.Load()
		}
	}
	if asked == 0 || s.deploys.Load() != asked {
		t.Errorf("asked %d times for the first page, %d times in all", asked, s.deploys.Load())
	}
	s.late.Add(int64(6 * time.Minute))
	alice.page()
	if s.deploys.Load() != 2*asked {
		t.Errorf("asked %d times, expected %d after the answers have expired", s.deploys.Load(), 2*asked)
	}
}

// Many requests of one person at once ask GitHub once.
func TestQuestionsAreMerged(t *testing.T) {
	s := newSite(t, storetest.Open(t, store.Options{DSN: storetest.SQLite(t)}))
	b := s.browser()
	b.signIn("alice")
	before := len(s.github.Requests())
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			res, err := b.Get(b.at + "/")
			if err == nil {
				_ = res.Body.Close()
			}
		})
	}
	all.Wait()
	if n := len(s.github.Requests()) - before; n != 3 { // the user, installations, repositories
		t.Errorf("%d requests, expected 3", n)
	}
}
