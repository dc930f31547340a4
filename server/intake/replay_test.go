package intake_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"plimsoll/server/intake"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// fakeLog is GitHub's log of deliveries; redeliver says what a request does.
type fakeLog struct {
	failures  []intake.Failure
	since     time.Time
	asked     []int64
	redeliver func(id int64) error
}

func (f *fakeLog) FailedDeliveries(_ context.Context, since time.Time) ([]intake.Failure, error) {
	f.since = since
	return slices.DeleteFunc(slices.Clone(f.failures), func(d intake.Failure) bool { return d.DeliveredAt.Before(since) }), nil
}

func (f *fakeLog) Redeliver(_ context.Context, id int64) error {
	f.asked = append(f.asked, id)
	if f.redeliver != nil {
		return f.redeliver(id)
	}
	return nil
}

func TestADatabaseThatIsGoneIsA500AndTheReplayFindsTheDelivery(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		gone, err := store.Open(t.Context(), store.Options{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		b := newBench(t, gone, intake.Config{})
		if err := gone.Close(); err != nil {
			t.Fatal(err)
		}
		b.expectSent(t, request("push", "d-lost", `{"pull":1}`), 500, `"failed"`)
		b.expectSent(t, request("star", "d-ignored", `{}`), 500, `"failed"`)

		// The database is back; GitHub's log shows what failed.
		b = newBench(t, storetest.Open(t, store.Options{DSN: dsn}), intake.Config{})
		log := &fakeLog{failures: []intake.Failure{{ID: 1, GUID: "d-lost", Event: "push", DeliveredAt: time.Now().Add(-time.Minute)}}}
		log.redeliver = func(int64) error {
			b.expectSent(t, request("push", "d-lost", `{"pull":1}`), 200, `"stored"`)
			return nil
		}
		replayer := intake.NewReplayer(b.store, log, intake.ReplayConfig{})
		if found, err := replayer.Run(t.Context()); err != nil || found != (intake.Replayed{Failed: 1, Asked: 1}) {
			t.Errorf("first run: %+v, %v", found, err)
		}
		b.runDue(t)
		b.expect(t, `push d-lost {"pull":1}`)
		if found, err := replayer.Run(t.Context()); err != nil || found != (intake.Replayed{Failed: 1, Stored: 1}) {
			t.Errorf("second run: %+v, %v", found, err)
		}
	})
}

func TestTheReplayMovesItsWatermarkAndAsksLessAndLess(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		start := time.UnixMilli(1_700_000_000_000).UTC()
		now := start
		s := storetest.Open(t, store.Options{DSN: dsn, Clock: func() time.Time { return now }})
		log := &fakeLog{}
		replayer := intake.NewReplayer(s, log, intake.ReplayConfig{Pause: time.Minute})
		run := func(want intake.Replayed) {
			t.Helper()
			if found, err := replayer.Run(t.Context()); err != nil || found != want {
				t.Errorf("found %+v, %v; want %+v", found, err, want)
			}
		}
		run(intake.Replayed{})
		if want := start.Add(-72 * time.Hour); !log.since.Equal(want) {
			t.Errorf("the first run looked back to %v, want %v", log.since, want)
		}
		now = start.Add(time.Hour)
		log.failures = []intake.Failure{
			{ID: 1, GUID: "a", DeliveredAt: start.Add(30 * time.Minute)},
			{ID: 2, GUID: "b", DeliveredAt: start.Add(40 * time.Minute)},
		}
		run(intake.Replayed{Failed: 2, Asked: 2})
		if want := start.Add(-15 * time.Minute); !log.since.Equal(want) {
			t.Errorf("looked back to %v, want %v", log.since, want)
		}
		run(intake.Replayed{Failed: 2}) // asked a moment ago
		now = now.Add(time.Minute)
		run(intake.Replayed{Failed: 2, Asked: 2})
		now = now.Add(time.Minute)
		run(intake.Replayed{Failed: 2}) // the second pause is longer
		if at, err := s.Watermark(t.Context(), 0, "deliveries"); err != nil || !at.Equal(start.Add(30*time.Minute)) {
			t.Errorf("watermark %v, %v; want the oldest that is missing", at, err)
		}
		// GitHub gives up on one, the other one arrives.
		log.failures = nil
		run(intake.Replayed{})
		if at, err := s.Watermark(t.Context(), 0, "deliveries"); err != nil || !at.Equal(now) {
			t.Errorf("watermark %v, %v; want now", at, err)
		}
	})
}

func TestTheReplayStopsAskingWhenGitHubRefuses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		refused := errors.New("rate limited")
		log := &fakeLog{redeliver: func(int64) error { return refused }}
		for i := range 10 {
			log.failures = append(log.failures, intake.Failure{ID: int64(i), GUID: string(rune('a' + i)), DeliveredAt: time.Now().Add(-time.Hour)})
		}
		found, err := intake.NewReplayer(s, log, intake.ReplayConfig{}).Run(t.Context())
		if !errors.Is(err, refused) || found.Asked != 0 || len(log.asked) != 3 {
			t.Errorf("asked %d times, %+v, %v", len(log.asked), found, err)
		}
	})
}
