package intake_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"plimsoll/server/intake"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// fakeLog is GitHub's log of deliveries, oldest first; redeliver says what a request does.
// A cursor is the number of attempts that were on the pages before.
type fakeLog struct {
	attempts  []intake.Attempt
	perPage   int
	pages     []string
	asked     []int64
	redeliver func(id int64) error
}

func (f *fakeLog) Deliveries(_ context.Context, cursor string) (page []intake.Attempt, next string, err error) {
	f.pages = append(f.pages, cursor)
	newest := slices.Clone(f.attempts)
	slices.Reverse(newest)
	from, _ := strconv.Atoi(cursor)
	newest = newest[min(from, len(newest)):]
	if f.perPage > 0 && len(newest) > f.perPage {
		return newest[:f.perPage], strconv.Itoa(from + f.perPage), nil
	}
	return newest, "", nil
}

func (f *fakeLog) Redeliver(_ context.Context, id int64) error {
	f.asked = append(f.asked, id)
	if f.redeliver != nil {
		return f.redeliver(id)
	}
	return nil
}

// whole is what is done with older parts of a log that has one page.
func whole(context.Context, intake.Older) error { return errors.New("the log has one page") }

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
		log := &fakeLog{attempts: []intake.Attempt{{ID: 1, GUID: "d-lost", At: time.Now().Add(-time.Minute)}}}
		log.redeliver = func(int64) error {
			b.expectSent(t, request("push", "d-lost", `{"pull":1}`), 200, `"stored"`)
			return nil
		}
		replayer := intake.NewReplayer(b.store, log, intake.ReplayConfig{}, whole)
		if found, err := replayer.Run(t.Context()); err != nil || found != (intake.Replayed{Missing: 1, Asked: 1}) {
			t.Errorf("first run: %+v, %v", found, err)
		}
		b.runDue(t)
		b.expect(t, `push d-lost {"pull":1}`)
		if found, err := replayer.Run(t.Context()); err != nil || found != (intake.Replayed{}) {
			t.Errorf("second run: %+v, %v", found, err)
		}
	})
}

func TestTheReplayMovesItsWatermarkAndAsksLessAndLess(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		start := time.UnixMilli(1_700_000_000_000).UTC()
		now := start
		s := storetest.Open(t, store.Options{DSN: dsn, Clock: func() time.Time { return now }})
		log := &fakeLog{attempts: []intake.Attempt{{ID: 9, GUID: "too old", At: start.Add(-73 * time.Hour)}}}
		replayer := intake.NewReplayer(s, log, intake.ReplayConfig{Pause: time.Minute}, whole)
		run := func(want intake.Replayed) {
			t.Helper()
			if found, err := replayer.Run(t.Context()); err != nil || found != want {
				t.Errorf("found %+v, %v; want %+v", found, err, want)
			}
		}
		run(intake.Replayed{})
		now = start.Add(time.Hour)
		log.attempts = append(log.attempts,
			intake.Attempt{ID: 0, GUID: "settled", At: start.Add(-20 * time.Minute)},
			intake.Attempt{ID: 1, GUID: "a", At: start.Add(30 * time.Minute)},
			intake.Attempt{ID: 2, GUID: "b", At: start.Add(40 * time.Minute)})
		run(intake.Replayed{Missing: 2, Asked: 2})
		run(intake.Replayed{Missing: 2}) // asked a moment ago
		now = now.Add(time.Minute)
		log.attempts = append(log.attempts, intake.Attempt{ID: 3, GUID: "a", At: now})
		run(intake.Replayed{Missing: 2, Asked: 2})
		if want := []int64{1, 2, 2, 3}; !slices.Equal(log.asked, want) {
			t.Errorf("asked for %v, expected %v: the newest attempt", log.asked, want)
		}
		now = now.Add(time.Minute)
		run(intake.Replayed{Missing: 2}) // the second pause is longer
		if at, err := s.Watermark(t.Context(), 0, "deliveries"); err != nil || !at.Equal(start.Add(40*time.Minute)) {
			t.Errorf("watermark %v, %v; want the oldest that is missing", at, err)
		}
		// GitHub forgets them.
		log.attempts = nil
		run(intake.Replayed{})
		if at, err := s.Watermark(t.Context(), 0, "deliveries"); err != nil || !at.Equal(now) {
			t.Errorf("watermark %v, %v; want now", at, err)
		}
	})
}

// A long log is read page by page by jobs of their own, each of which asks for what is
// missing on its page. What is stored is not asked for, whatever GitHub got as an answer.
func TestTheReplayReadsALongLogInParts(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		now := time.Now()
		log := &fakeLog{perPage: 2}
		for i := range 9 { // 0 is too old
			log.attempts = append(log.attempts, intake.Attempt{ID: int64(i), GUID: fmt.Sprintf("d-%d", i), At: now.Add(time.Duration(i-9) * 8 * time.Hour)})
		}
		b.expectSent(t, request("push", "d-3", `{"pull":1}`), 200, `"stored"`)
		b.expectSent(t, request("push", "d-6", `{"pull":2}`), 200, `"stored"`)
		var parts []intake.Older
		replayer := intake.NewReplayer(b.store, log, intake.ReplayConfig{Pages: 2, Most: 2}, func(_ context.Context, older intake.Older) error {
			parts = append(parts, older)
			return nil
		})
		if found, err := replayer.Run(t.Context()); err != nil || found != (intake.Replayed{Missing: 3, Asked: 2}) {
			t.Errorf("%+v, %v", found, err)
		}
		if want := []int64{5, 7}; !slices.Equal(log.asked, want) || len(parts) != 1 {
			t.Fatalf("asked for %v and left %v, expected %v and a part", log.asked, parts, want)
		}
		for i := 0; i < len(parts); i++ {
			if err := replayer.Older(t.Context(), parts[i]); err != nil {
				t.Fatal(err)
			}
		}
		if want := []int64{5, 7, 4, 1, 2}; !slices.Equal(log.asked, want) {
			t.Errorf("asked for %v, expected %v", log.asked, want)
		}
		if want := []string{"", "2", "4", "6", "8"}; !slices.Equal(log.pages, want[:len(log.pages)]) || len(log.pages) < 4 {
			t.Errorf("read pages %q, expected %q", log.pages, want)
		}
	})
}

// A job that lost its lease may still run when the next one begins. They ask for a delivery
// once between them.
func TestRunsOfTheReplayTakeTurns(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		s := storetest.Open(t, store.Options{DSN: dsn})
		log := &fakeLog{}
		for id := range int64(10) {
			log.attempts = append(log.attempts, intake.Attempt{ID: id, GUID: strconv.FormatInt(id, 10), At: time.Now().Add(-time.Minute)})
		}
		replayer := intake.NewReplayer(s, log, intake.ReplayConfig{}, whole)
		var second sync.WaitGroup
		log.redeliver = func(id int64) error {
			if id == 0 {
				second.Go(func() {
					if _, err := replayer.Run(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			return nil
		}
		if _, err := replayer.Run(t.Context()); err != nil {
			t.Error(err)
		}
		second.Wait()
		if want := []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}; !slices.Equal(log.asked, want) {
			t.Errorf("asked for %v, expected each once", log.asked)
		}
	})
}

func TestTheReplayStopsAskingWhenGitHubRefuses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		refused := errors.New("rate limited")
		log := &fakeLog{redeliver: func(int64) error { return refused }}
		for i := range 10 {
			log.attempts = append(log.attempts, intake.Attempt{ID: int64(i), GUID: string(rune('a' + i)), At: time.Now().Add(-time.Hour)})
		}
		replayer := intake.NewReplayer(s, log, intake.ReplayConfig{}, whole)
		found, err := replayer.Run(t.Context())
		if !errors.Is(err, refused) || found.Asked != 0 || len(log.asked) != 3 {
			t.Errorf("asked %d times, %+v, %v", len(log.asked), found, err)
		}
		log.asked = nil
		if err := replayer.Older(t.Context(), intake.Older{}); !errors.Is(err, refused) || len(log.asked) != 3 {
			t.Errorf("an older part: asked %d times, %v", len(log.asked), err)
		}
		// One that is gone keeps nothing else from being asked for.
		log.asked, log.redeliver = nil, func(id int64) error {
			if id == 4 {
				return refused
			}
			return nil
		}
		if err := replayer.Older(t.Context(), intake.Older{}); err != nil || len(log.asked) != 10 {
			t.Errorf("an older part with one that is gone: asked %d times, %v", len(log.asked), err)
		}
	})
}
