package store_test

import (
	"testing"

	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

func TestAScanCountsEachRepositoryOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		expect := func(running bool, done, total int) {
			t.Helper()
			if scan, err := s.Scan(ctx, account); err != nil || scan.Running != running || scan.Done != done || scan.Total != total {
				t.Errorf("scan %+v, %v; expected running %t, %d of %d", scan, err, running, done, total)
			}
		}
		start := func(total int) {
			t.Helper()
			if err := s.StartScan(ctx, account, total); err != nil {
				t.Fatal(err)
			}
		}
		list := func(page int, last bool, repositories ...int64) {
			t.Helper()
			if _, err := s.ListPage(ctx, account, page, repositories, last); err != nil {
				t.Fatal(err)
			}
		}
		step := func(repositories ...int64) {
			t.Helper()
			for _, repository := range repositories {
				if _, err := s.StepScan(ctx, account, repository); err != nil {
					t.Fatal(err)
				}
			}
		}
		step(1)
		expect(false, 0, 0)
		start(4) // that many when the first page was listed
		expect(true, 0, 4)
		list(1, false, 1, 2)
		step(1, 1, 9) // again after a crash; one that was not listed
		expect(true, 1, 4)
		step(2)
		list(2, true, 2, 3) // one has gone since, so that the pages have shifted
		expect(true, 2, 3)
		step(2)
		expect(true, 2, 3)
		step(3)
		expect(false, 3, 3)
		step(3)
		list(2, true, 4)
		expect(false, 3, 3)
		start(4)
		expect(true, 0, 4)
		list(1, true) // none at all
		expect(false, 0, 0)
	})
}

func TestAScanEndsWithTheListThatComesLast(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if err := s.StartScan(t.Context(), account, 1); err != nil {
			t.Fatal(err)
		}
		if _, err := s.ListPage(t.Context(), account, 1, []int64{1}, false); err != nil {
			t.Fatal(err)
		}
		for _, last := range []bool{false, true} {
			scan, err := s.StepScan(t.Context(), account, 1)
			if last && err == nil {
				scan, err = s.ListPage(t.Context(), account, 2, nil, true)
			}
			if err != nil || scan.Running == last {
				t.Errorf("last page listed %t: %+v, %v", last, scan, err)
			}
		}
	})
}
