package store_test

import (
	"slices"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// reading is one installation whose repositories are read.
type reading struct {
	t       *testing.T
	s       *store.Store
	started int64
}

var readingRepos = map[int64]contracts.RepositoryRef{1: repo(1, "a"), 2: repo(2, "b"), 3: repo(3, "c"), 4: repo(4, "d")}

// pushed is when a repository was pushed to last.
func pushed(hour int) time.Time { return time.Date(2026, 11, 2, hour, 0, 0, 0, time.UTC) }

func (r *reading) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *reading) start(total int, anew bool) {
	r.t.Helper()
	var err error
	r.started, err = r.s.StartScan(r.t.Context(), account, total, anew, false)
	r.must(err)
}

// list lists repositories as they were pushed to at an hour, and returns what is to be read.
func (r *reading) list(page, hour int, last bool, ids ...int64) (due []int64) {
	r.t.Helper()
	var listed []source.ListedRepository
	for _, id := range ids {
		described := source.Repository{RepositoryRef: readingRepos[id], DefaultBranch: "main", PushedAt: pushed(hour)}
		_, _, err := r.s.PutRepository(r.t.Context(), described)
		r.must(err)
		listed = append(listed, source.ListedRepository{Repository: described, OpenIssues: 1})
	}
	due, unlisted, current, err := r.s.ListPage(r.t.Context(), account, r.started, page, listed, last)
	r.must(err)
	if !current {
		r.t.Error("the listing is not the newest")
	}
	for _, repo := range unlisted {
		due = append(due, -repo.ID)
	}
	return due
}

func (r *reading) read(hour int, ids ...int64) {
	r.t.Helper()
	for _, id := range ids {
		r.must(r.s.PutReading(r.t.Context(), readingRepos[id], source.Reading{Commit: "c", Branch: "main", PushedAt: pushed(hour), OpenIssues: 1}))
	}
}

func (r *reading) expect(running bool, done, total, failed int) {
	r.t.Helper()
	if scan, err := r.s.Scan(r.t.Context(), account); err != nil || scan.Running != running || scan.Done != done || scan.Total != total || scan.Failed != failed {
		r.t.Errorf("scan %+v, %v; expected running %t, %d of %d, %d failed", scan, err, running, done, total, failed)
	}
}

func (r *reading) due(got []int64, want ...int64) {
	r.t.Helper()
	if slices.Sort(got); !slices.Equal(got, want) {
		r.t.Errorf("to be read: %v, expected %v", got, want)
	}
}

func everyReading(t *testing.T, do func(t *testing.T, r *reading)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) { do(t, &reading{t: t, s: s}) })
}

func TestAnInstallationIsReadWhenAllOfItIs(t *testing.T) {
	everyReading(t, func(t *testing.T, r *reading) {
		r.expect(true, 0, 0, 0) // nothing is known
		r.start(4, true)        // that many when the first page was listed
		r.expect(true, 0, 4, 0)
		r.due(r.list(1, 1, false, 1, 2), 1, 2)
		r.read(1, 1, 1, 4) // again after a crash; one that nobody knows
		r.expect(true, 1, 4, 0)
		r.read(1, 2)
		r.due(r.list(2, 1, true, 2, 3), 3) // one has gone since, so that the pages have shifted
		r.expect(true, 2, 3, 0)
		r.read(1, 3)
		r.expect(false, 3, 3, 0)
		r.due(r.list(3, 1, true, 4), 4) // added later
		r.expect(true, 3, 4, 0)
		r.must(r.s.GoneRepository(t.Context(), readingRepos[4], "deleted"))
		r.expect(false, 3, 3, 0)
		r.start(0, true)
		r.expect(true, 3, 3, 0)
		r.due(r.list(1, 1, true), -3, -2, -1) // none at all: GitHub is asked about each
		r.expect(false, 3, 3, 0)
	})
}

func TestWhatDidNotChangeIsNotReadAgain(t *testing.T) {
	everyReading(t, func(t *testing.T, r *reading) {
		r.start(3, true)
		r.list(1, 1, true, 1, 2, 3)
		r.read(1, 1, 2, 3)
		r.start(3, false)
		r.due(r.list(1, 1, false, 1, 2))
		r.due(r.list(2, 2, true, 3), 3) // pushed to
		r.expect(false, 3, 3, 0)        // events may be on their way: what was read counts
		r.read(2, 3)
		r.start(3, false)
		r.due(r.list(1, 1, false, 1, 2))
		r.due(r.list(2, 2, true, 3))
		r.must(r.s.DoubtScans(t.Context(), time.Now().Add(time.Hour)))
		r.expect(true, 3, 3, 0)
		r.start(3, false)
		r.due(r.list(1, 3, true, 1, 2, 3), 1, 2, 3)
		r.expect(true, 0, 3, 0) // an old list: what was pushed to counts as not read
		r.read(3, 1, 2, 3)
		r.expect(false, 3, 3, 0)
		older := r.started
		r.start(3, false)
		if _, _, current, err := r.s.ListPage(t.Context(), account, older, 2, nil, true); err != nil || current {
			t.Errorf("an older listing went on: %v", err)
		}
	})
}

func TestWhatCanNotBeReadIsTriedAgainLater(t *testing.T) {
	everyReading(t, func(t *testing.T, r *reading) {
		r.start(2, true)
		r.list(1, 1, true, 1, 2)
		r.read(1, 1)
		r.must(r.s.NoteReading(t.Context(), readingRepos[2], "GitHub answered 403"))
		r.expect(true, 1, 2, 0)
		r.must(r.s.FailReading(t.Context(), readingRepos[2]))
		r.expect(false, 1, 2, 1)
		scan, err := r.s.Scan(t.Context(), account)
		if err != nil || len(scan.Unreadable) != 1 || scan.Unreadable[0].Repository.Name != "b" || scan.Unreadable[0].Reason != "GitHub answered 403" || scan.Unreadable[0].Since.IsZero() {
			t.Errorf("%+v, %v", scan, err)
		}
		r.start(2, false)
		r.due(r.list(1, 1, true, 1, 2)) // its pause has not ended
		r.read(1, 2)
		r.expect(false, 2, 2, 0)
		r.must(r.s.PutInstallation(t.Context(), account, source.Account{Login: "acme"}, string(store.Removed)))
		r.expect(false, 0, 0, 0)
	})
}
