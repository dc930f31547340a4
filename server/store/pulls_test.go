package store_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"plimsoll/checks"
	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/handlers/pulls"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

func TestPullStates(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		if got, err := s.PullState(ctx, repo(1, "orders"), 12); err != nil || !reflect.DeepEqual(got, pulls.PullState{}) {
			t.Errorf("unknown pull request: %+v, %v", got, err)
		}
		want := pulls.PullState{
			Head: "h", Open: true, Comment: checks.CommentState{ID: 6},
			Blocked: []contracttext.Blocked{{Fingerprint: "f", Repository: repo(2, "web"), Component: "web"}}, Named: []int64{2, 3},
		}
		for _, put := range []struct {
			number int
			state  pulls.PullState
		}{{12, pulls.PullState{Head: "old"}}, {12, want}, {13, pulls.PullState{Open: true}}} {
			if err := s.PutPullState(ctx, repo(1, "orders"), put.number, put.state); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := s.PullState(ctx, repo(1, "orders"), 12); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	})
}

func TestAcknowledgements(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		until := time.Date(2026, 11, 9, 0, 0, 0, 0, time.UTC)
		first := contracttext.Acknowledgement{Fingerprint: "f", Repository: 2, Component: "web", Login: "ana", Reason: "later", Number: 12}
		again := first
		again.Login, again.Until, again.Number = "ben", until, 13
		override := first
		override.Override = true
		for _, acks := range [][]contracttext.Acknowledgement{{first}, {again, override}} {
			if err := s.PutAcknowledgements(ctx, repo(1, "orders"), acks...); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.Acknowledgements(ctx, repo(1, "orders"))
		if err != nil || len(got) != 2 {
			t.Fatalf("got %+v, %v", got, err)
		}
		for i := range got {
			if got[i].At.IsZero() {
				t.Errorf("no time: %+v", got[i])
			}
			got[i].At = time.Time{}
		}
		if !slices.Contains(got, again) || !slices.Contains(got, override) {
			t.Errorf("got %+v, want %+v and %+v", got, again, override)
		}
		if other, err := s.Acknowledgements(ctx, repo(9, "legacy")); err != nil || len(other) != 0 {
			t.Errorf("of another provider: %+v, %v", other, err)
		}
	})
}
