package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/ledger"
	"plimsoll/server/store"
	"plimsoll/server/store/sqlc"
	"plimsoll/server/store/storetest"
)

// watched keeps a verification with a history and so many samples, one a minute.
func watched(t *testing.T, s *store.Store, deployment int64, began time.Time, samples int, reported bool) deploy.Verification {
	t.Helper()
	repo := contracts.RepositoryRef{Installation: account, ID: 7, Owner: "acme", Name: "orders"}
	v := deploy.Verification{Repository: repo, Deployment: deployment, Target: deploy.Target{Component: "orders", Environment: "production"}, Commit: "c", Began: began}
	verdict := deploy.Verdict{Answer: deploy.Verified, At: began.Add(time.Hour)}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.BeginVerification(t.Context(), v)
	do(err)
	do(s.PutHistory(t.Context(), repo, v.ID(), &deploy.History{Asked: began}))
	for n := range samples {
		_, err := s.PutSample(t.Context(), repo, v.ID(), deploy.Sample{N: n, At: began.Add(time.Duration(n) * time.Minute)})
		do(err)
	}
	_, err = s.EndVerification(t.Context(), repo, v.ID(), verdict)
	do(err)
	if reported {
		do(s.MarkReported(t.Context(), repo, v.ID()))
	}
	do(s.Append(t.Context(), ledger.Entry{
		Installation: account, Kind: ledger.EntryVerdict, Repository: repo.ID, Component: "orders", Environment: "production", Commit: "c",
		At: verdict.At, Once: "verdict/" + v.ID(), Body: json.RawMessage(`{}`),
	}))
	return v
}

// kept tells how many samples a verification has and whether it has its history.
func kept(t *testing.T, s *store.Store, v deploy.Verification) string {
	t.Helper()
	samples, err := s.Samples(t.Context(), v.Repository, v.ID())
	if err != nil {
		t.Fatal(err)
	}
	history, _, err := s.History(t.Context(), v.Repository, v.ID())
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d samples, history %t", len(samples), history != nil)
}

// What is too old goes, to the minute; what nobody was told of, the verification and the
// ledger stay.
func TestSamplesAreKeptForAsLongAsTheOperatorWants(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		start := time.UnixMilli(1_000_000_000_000)
		old := watched(t, s, 1, start, 10, true)
		unpublished := watched(t, s, 2, start, 10, false)
		recent := watched(t, s, 3, start.Add(5*time.Minute), 10, true)
		const whole = "10 samples, history true"
		for _, step := range []struct {
			before             time.Duration
			samples, histories int64
			old, recent        string
		}{
			{0, 0, 0, whole, whole},
			{5 * time.Minute, 5, 1, "5 samples, history false", whole},
			{24 * time.Hour, 15, 1, "0 samples, history false", "0 samples, history false"},
			{24 * time.Hour, 0, 0, "0 samples, history false", "0 samples, history false"},
		} {
			samples, histories, err := s.PruneSamples(t.Context(), start.Add(step.before))
			if err != nil || samples != step.samples || histories != step.histories {
				t.Errorf("before %s: %d samples and %d histories, %v; expected %d and %d", step.before, samples, histories, err, step.samples, step.histories)
			}
			for _, c := range []struct {
				v    deploy.Verification
				want string
			}{{old, step.old}, {unpublished, whole}, {recent, step.recent}} {
				if got := kept(t, s, c.v); got != c.want {
					t.Errorf("before %s: of deployment %d there are %s, expected %s", step.before, c.v.Deployment, got, c.want)
				}
			}
		}
		if run, err := s.Verification(t.Context(), old.Repository, old.ID()); err != nil || run.Verdict == nil {
			t.Errorf("the verdict: %+v, %v", run, err)
		}
		entries := 0
		for _, err := range s.Ledger(t.Context(), account, 0) {
			if err != nil {
				t.Fatal(err)
			}
			entries++
		}
		if entries != 3 {
			t.Errorf("%d entries in the ledger, expected 3", entries)
		}
	})
}

// Many are deleted in several transactions.
func TestManySamplesAreDeletedInOneRun(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const many = 1_234
		start := time.UnixMilli(1_000_000_000_000)
		v := watched(t, s, 1, start, 0, true)
		err := s.Tx(t.Context(), func(ctx context.Context, q *sqlc.Queries) error {
			for n := range int64(many) {
				if _, err := q.PutSample(ctx, sqlc.PutSampleParams{Installation: account, Repository: v.Repository.ID, Verification: v.ID(), N: n, At: start.UnixMilli() + n, Body: "{}"}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if samples, _, err := s.PruneSamples(t.Context(), start.Add(time.Hour)); err != nil || samples != many {
			t.Errorf("%d deleted, %v; expected %d", samples, err, many)
		}
	})
}
