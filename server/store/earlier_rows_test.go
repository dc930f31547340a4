package store_test

import (
	"cmp"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/gate"
	"plimsoll/deploy/ledger"
	"plimsoll/deploy/signal"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
	"plimsoll/server/store"
	"plimsoll/server/store/sqlc"
	"plimsoll/server/store/storetest"
)

// earlierRows are rows that the story in server/earlier_story_test.go does not write: a
// verdict with signals, a rollback that can-i-deploy refuses, a gate, and jobs that wait.
type earlierRows struct {
	repo     contracts.RepositoryRef
	run      deploy.Verification
	verdict  deploy.Verdict
	rollback deploy.Rollback
	gate     gate.Asked
	jobs     []sqlc.PutJobParams
}

func earlierThresholds() signal.Thresholds {
	t := signal.Thresholds{}.WithDefaults()
	t.Reach, t.MostTraffic, t.GrossShare, t.GrossRequests, t.GrossSpan = 0, 0, 0, 0, 0 // they came later
	return t
}

func rowsOfAnEarlierVersion() earlierRows {
	repo := contracts.RepositoryRef{Installation: 300_001, ID: 20_001, Owner: "acme", Name: "orders"}
	noon := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	target := deploy.Target{Component: "orders", Environment: "production", Instance: "eu", Production: true}
	why := []contracts.AnswerReason{{Code: contracts.CodeConsumerUnknown, Answer: contracts.AnswerUnknown, API: "acme/orders/shop"}}
	run := deploy.Verification{Repository: repo, Deployment: 12, Target: target, Commit: "c0ffee", Began: noon, Plan: deploy.Plan{Declared: true, For: time.Hour, Every: time.Minute}}
	job := func(id, kind, key string, args any) sqlc.PutJobParams {
		return sqlc.PutJobParams{ID: id, Installation: repo.Installation, Kind: kind, Key: key, Dedupe: id, Args: string(encode(args)), RunAt: noon.UnixMilli(), CreatedAt: noon.UnixMilli()}
	}
	pull := work.PullArgs{Repository: repo, Number: 3, ContractsOnly: true}
	return earlierRows{
		repo: repo, run: run,
		verdict: deploy.Verdict{
			Answer: deploy.Investigate, At: noon.Add(time.Minute), Samples: 2, Reasons: []deploy.Reason{{Kind: deploy.ReasonSignal, Subject: "errors", Signal: &signal.Reason{Code: signal.Suspicious, Metric: "errors"}}},
			Signals: &signal.Evaluation{Version: 1, Answer: signal.Investigate, Decided: true, At: noon.Add(time.Minute).Unix(), Elapsed: 60, Thresholds: earlierThresholds()},
		},
		rollback: deploy.Rollback{
			Verification: run.ID(), Deployment: 12, Target: target, Commit: "c0ffee", Began: noon, State: deploy.RollbackRefused, ToCommit: "beef",
			Reasons: []deploy.RollbackReason{{Kind: deploy.RollbackUnclear, CanDeploy: why}},
		},
		gate: gate.Asked{
			Run: 7, Environment: "production", Deployment: 13, Asked: noon, Answered: noon.Add(time.Minute), Reports: 2, LastReport: "It waits.",
			Decision: &gate.Decision{State: gate.Rejected, Reasons: []gate.Reason{{Kind: gate.ReasonUnclear, State: gate.Held, Target: target, CanDeploy: why}}, Commit: "c0ffee", At: noon},
		},
		jobs: []sqlc.PutJobParams{
			job("a", work.KindEvaluate, work.PullKey(repo.ID, 3), pull),
			job("b", work.KindReevaluate, work.PullKey(repo.ID, 3), pull),
		},
	}
}

func encode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

func (e earlierRows) write(t *testing.T, s *store.Store) {
	t.Helper()
	ctx := t.Context()
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.BeginVerification(ctx, e.run)
	do(err)
	_, err = s.EndVerification(ctx, e.repo, e.run.ID(), e.verdict)
	do(err)
	do(s.MarkReported(ctx, e.repo, e.run.ID()))
	do(s.PutRollback(ctx, e.repo, e.rollback))
	do(s.AskGate(ctx, e.repo, e.gate))
	do(s.PutGate(ctx, e.repo, e.gate))
	do(s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
		for _, job := range e.jobs {
			if _, err := q.PutJob(ctx, job); err != nil {
				return err
			}
		}
		return nil
	}))
	entry := func(kind ledger.EntryKind, body any) ledger.Entry {
		return ledger.Entry{Installation: e.repo.Installation, Repository: e.repo.ID, Kind: kind, At: e.run.Began, Commit: "c0ffee", Body: encode(body)}
	}
	do(s.Append(ctx,
		entry(ledger.EntryDeployment, ledger.DeploymentEntry{Deployment: 12, State: deploy.Success, Targets: []ledger.TargetEntry{ledger.TargetEntry(e.run.Target)}}),
		entry(ledger.EntryVerdict, ledger.VerdictEntry{Verification: e.run, Verdict: e.verdict}),
	))
}

func (e earlierRows) expect(t *testing.T, s *store.Store) {
	t.Helper()
	ctx := t.Context()
	run, err := s.Verification(ctx, e.repo, e.run.ID())
	if err != nil || !reflect.DeepEqual(run.Verification, e.run) || !run.Reported {
		t.Errorf("the verification: %+v, %v\nexpected %+v", run, err, e.run)
	}
	if run.Verdict == nil || !reflect.DeepEqual(*run.Verdict, e.verdict) {
		t.Errorf("the verdict: %s\nexpected %s", encode(run.Verdict), encode(e.verdict))
	}
	if run.Rollback == nil || !reflect.DeepEqual(*run.Rollback, e.rollback) {
		t.Errorf("the rollback: %+v\nexpected %+v", run.Rollback, e.rollback)
	}
	asked, err := s.Gate(ctx, e.repo, e.gate.Run, e.gate.Environment)
	if err != nil || !reflect.DeepEqual(asked, e.gate) {
		t.Errorf("the gate: %+v, %v\nexpected %+v", asked, err, e.gate)
	}
	if head, err := s.AuditLedger(ctx, e.repo.Installation, nil, nil); err != nil || head.Sequence != 2 {
		t.Errorf("the ledger: %+v, %v; expected 2 entries", head, err)
	}
	entries, _, err := s.LedgerPage(ctx, e.repo.Installation, 0)
	if err != nil || len(entries) != 2 {
		t.Fatalf("%d entries, %v; expected 2", len(entries), err)
	}
	if targets := entries[0].Targets(); !reflect.DeepEqual(targets, []ledger.TargetEntry{ledger.TargetEntry(e.run.Target)}) {
		t.Errorf("the deployment's targets: %+v", targets)
	}
	var decided ledger.VerdictEntry
	if err := json.Unmarshal(entries[1].Body, &decided); err != nil || !reflect.DeepEqual(decided.Verification, e.run) || !reflect.DeepEqual(decided.Verdict, e.verdict) {
		t.Errorf("the verdict's entry: %s, %v", encode(decided), err)
	}
	if delivered := ledger.Deliveries(entries); len(delivered) != 1 || len(delivered[0]) != 1 || delivered[0][0].Target != e.run.Target || delivered[0][0].Answer != e.verdict.Answer {
		t.Errorf("deliveries: %+v", delivered)
	}
	if _, _, err := s.PutRepository(ctx, source.Repository{RepositoryRef: e.repo}); err != nil {
		t.Fatal(err)
	}
	if again, err := s.RollbacksNaming(ctx, e.repo); err != nil || len(again) != 1 {
		t.Errorf("rollbacks that name the repository: %+v, %v; expected one", again, err)
	}
	for _, job := range e.jobs {
		row, err := s.Read().GetJob(ctx, job.ID)
		if err != nil || row.Kind != job.Kind || row.State != "ready" || row.Args != job.Args {
			t.Errorf("job %s: %+v, %v\nexpected %+v", job.ID, row, err, job)
		}
	}
}

// The rows that an earlier version wrote are read as those that this version writes.
func TestEarlierRows(t *testing.T) {
	rows := rowsOfAnEarlierVersion()
	storetest.EachEarlierRows(t, func(t *testing.T, dsn string) {
		rows.expect(t, storetest.Open(t, store.Options{DSN: dsn}))
	})
	t.Run("this version", func(t *testing.T) {
		storetest.Each(t, func(t *testing.T, s *store.Store) {
			rows.write(t, s)
			rows.expect(t, s)
		})
	})
}

// TestWriteEarlierRows keeps the rows of this version for later ones to read: see
// testdata/earlier/README.md.
func TestWriteEarlierRows(t *testing.T) {
	dsn := storetest.SQLite(t)
	s := storetest.Open(t, store.Options{DSN: dsn})
	rowsOfAnEarlierVersion().write(t, s)
	file := filepath.Join(t.TempDir(), "small.db")
	db, err := sql.Open("sqlite", strings.TrimPrefix(dsn, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // it was only read
	if _, err := db.ExecContext(t.Context(), "VACUUM INTO ?", file); err != nil {
		t.Fatal(err)
	}
	small, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(filepath.Join(cmp.Or(os.Getenv("PLIMSOLL_WRITE_DATABASE"), t.TempDir()), "rows.gz"))
	if err != nil {
		t.Fatal(err)
	}
	zip, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := zip.Write(small); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
