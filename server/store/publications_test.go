package store_test

import (
	"reflect"
	"testing"
	"time"

	"plimsoll/checks"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

func TestPublications(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, orders := t.Context(), repo(1, "orders")
		run := checks.CheckRun{Name: checks.ContractsRun, HeadSHA: "abc", Conclusion: checks.Failure, Title: "breaks"}
		verdict := func(number int, name, request string) checks.Publication {
			run := run
			run.Name = name
			return checks.VerdictPublication(checks.SubjectOfPull(number), run, request)
		}
		put := func(p checks.Publication) {
			t.Helper()
			if err := s.PutVerdict(ctx, orders, p); err != nil {
				t.Fatal(err)
			}
		}
		names := func() (all []string) {
			t.Helper()
			found, err := s.Verdicts(ctx, orders, "abc")
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range found {
				all = append(all, p.Subject+" "+p.Name+" "+p.Request)
			}
			return all
		}
		put(verdict(1, checks.ContractsRun, "rerun/a"))
		put(verdict(1, checks.ReadinessRun, ""))
		put(verdict(2, checks.ContractsRun, ""))
		put(verdict(1, checks.ContractsRun, "")) // nobody asks again: the request stays
		if got, want := names(), []string{"pull/1 plimsoll/contracts rerun/a", "pull/1 plimsoll/readiness ", "pull/2 plimsoll/contracts "}; !reflect.DeepEqual(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		put(verdict(1, "plimsoll/contracts (dev)", "")) // it has another base now
		if got, want := names(), []string{"pull/1 plimsoll/contracts (dev) ", "pull/1 plimsoll/readiness ", "pull/2 plimsoll/contracts "}; !reflect.DeepEqual(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		if err := s.DropVerdicts(ctx, orders, "pull/1"); err != nil {
			t.Fatal(err)
		}
		if got, want := names(), []string{"pull/2 plimsoll/contracts "}; !reflect.DeepEqual(got, want) {
			t.Errorf("%q, want %q", got, want)
		}

		// What is desired and what stands there are stored apart.
		comment := checks.CommentPublication("contracts", checks.CommentContent{Number: 1, Comment: checks.Comment{Text: "one"}})
		comment.Remote, comment.Published = 7, "old"
		if err := s.PutDesired(ctx, orders, comment); err != nil {
			t.Fatal(err)
		}
		actual := comment
		actual.Remote, actual.Published, actual.Unsure, actual.Memo, actual.Content = 8, comment.Digest, true, "@ana", nil
		if err := s.PutActual(ctx, orders, actual); err != nil {
			t.Fatal(err)
		}
		other := checks.CommentPublication("contracts", checks.CommentContent{Number: 1, Comment: checks.Comment{Text: "two"}})
		if err := s.PutDesired(ctx, orders, other); err != nil {
			t.Fatal(err)
		}
		got, ok, err := s.Publication(ctx, orders, "pull/1", checks.PublishedComment, "contracts")
		want := other
		want.Remote, want.Published, want.Unsure, want.Memo = 8, comment.Digest, true, "@ana"
		if err != nil || !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %t, %v, want %+v", got, ok, err, want)
		}
		if _, ok, err := s.Publication(ctx, repo(2, "web"), "pull/1", checks.PublishedComment, "contracts"); ok || err != nil {
			t.Errorf("another repository's: %t, %v", ok, err)
		}

		// What is old goes, but for the verdicts of open pull requests.
		if _, err := s.PrunePublications(ctx, time.Now().Add(365*24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, ok, err := s.Publication(ctx, orders, "pull/1", checks.PublishedComment, "contracts"); ok || err != nil {
			t.Errorf("it is still there: %t, %v", ok, err)
		}
		if got := names(); len(got) != 1 {
			t.Errorf("verdicts %q", got)
		}
	})
}
