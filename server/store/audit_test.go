package store_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"plimsoll/deploy/ledger"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// rawDB opens the database beside the store, as somebody would who means harm.
func rawDB(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	driver := "pgx"
	if file, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		driver, dsn = "sqlite", file
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// filled writes five entries for each of two installations.
func filled(t *testing.T, dsn string) *store.Store {
	t.Helper()
	s := storetest.Open(t, store.Options{DSN: dsn})
	for i := range 5 {
		for _, installation := range []int64{account, account + 1} {
			entry := ledger.Entry{
				Installation: installation, Kind: ledger.EntryVerdict, Repository: 7, Component: "orders", Environment: "production", Commit: strings.Repeat("a", 40),
				Actor: "ana", Body: json.RawMessage(fmt.Sprintf(`{"answer":"verified","text":"<b> & é","n":%d}`, i)), Once: fmt.Sprintf("verdict/%d", i),
			}
			if err := s.Append(t.Context(), entry); err != nil {
				t.Fatal(err)
			}
		}
	}
	return s
}

func execute(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// Whatever is done to one row is found, and the entry is named. The other installation
// stays whole.
func TestAnAuditFindsWhatWasDone(t *testing.T) {
	row := func(n int) string { return fmt.Sprintf(" WHERE installation = %d AND seq = %d", account, n) }
	for name, c := range map[string]struct {
		do   []string
		want ledger.Fault
	}{
		"installation":   {[]string{"UPDATE ledger SET installation = 99" + row(3)}, ledger.Fault{Sequence: 3, Kind: ledger.EntryMissing, Found: 4}},
		"seq":            {[]string{"UPDATE ledger SET seq = 30" + row(3)}, ledger.Fault{Sequence: 3, Kind: ledger.EntryMissing, Found: 4}},
		"at":             {[]string{"UPDATE ledger SET at = at + 1" + row(3)}, ledger.Fault{Sequence: 3, Kind: ledger.EntryChanged, Found: 3}},
		"kind":           {[]string{"UPDATE ledger SET kind = 'gate'" + row(3)}, ledger.Fault{Sequence: 3, Kind: ledger.EntryChanged, Found: 3}},
		"repository":     {[]string{"UPDATE ledger SET repository = 8" + row(3)}, ledger.Fault{Sequence: 3, Kind: ledger.EntryChanged, Found: 3}},
		"component":      {[]string{"UPDATE ledger SET component = ''" + row(3)}, ledger.Fault{Sequence: 3, Kind: ledger.EntryChanged, Found: 3}},
		"environment":    {[]string{"UPDATE ledger SET environment = 'Production'" + row(3)}, ledger.Fault{Sequence: 3, Kind: ledger.EntryChanged, Found: 3}},
		"commit":         {[]string{"UPDATE ledger SET commit_sha = 'b'" + row(3)}, ledger.Fault{Sequence: 3, Kind: ledger.EntryChanged, Found: 3}},
		"actor":          {[]string{"UPDATE ledger SET actor = 'eve'" + row(3)}, ledger.Fault{Sequence: 3, Kind: ledger.EntryChanged, Found: 3}},
		"body":           {[]string{`UPDATE ledger SET body = '{"answer":"verified","text":"<b> & e","n":2}'` + row(3)}, ledger.Fault{Sequence: 3, Kind: ledger.EntryChanged, Found: 3}},
		"body not JSON":  {[]string{"UPDATE ledger SET body = 'verified'" + row(3)}, ledger.Fault{Sequence: 3, Kind: ledger.EntryChanged, Found: 3}},
		"body gone":      {[]string{"UPDATE ledger SET body = ''" + row(3)}, ledger.Fault{Sequence: 3, Kind: ledger.EntryChanged, Found: 3}},
		"once":           {[]string{"UPDATE ledger SET once = ''" + row(3)}, ledger.Fault{Sequence: 3, Kind: ledger.EntryChanged, Found: 3}},
		"previous":       {[]string{"UPDATE ledger SET previous = ''" + row(3)}, ledger.Fault{Sequence: 3, Kind: ledger.EntryChanged, Found: 3}},
		"hash":           {[]string{"UPDATE ledger SET hash = previous" + row(3)}, ledger.Fault{Sequence: 3, Kind: ledger.EntryChanged, Found: 3}},
		"the first gone": {[]string{"DELETE FROM ledger" + row(1)}, ledger.Fault{Sequence: 1, Kind: ledger.EntryMissing, Found: 2}},
		"the last gone":  {[]string{"DELETE FROM ledger" + row(5)}, ledger.Fault{Sequence: 5, Kind: ledger.EntryCut, Found: 5}},
		"all gone":       {[]string{fmt.Sprintf("DELETE FROM ledger WHERE installation = %d", account)}, ledger.Fault{Sequence: 1, Kind: ledger.EntryCut, Found: 5}},
		"swapped": {[]string{
			"UPDATE ledger SET seq = 30" + row(3), "UPDATE ledger SET seq = 3" + row(4), "UPDATE ledger SET seq = 4" + row(30),
		}, ledger.Fault{Sequence: 3, Kind: ledger.EntryChanged, Found: 3}},
		"put before the first": {[]string{
			fmt.Sprintf("INSERT INTO ledger SELECT installation, 0, at, kind, repository, component, environment, commit_sha, actor, body, 'new', previous, hash FROM ledger WHERE installation = %d AND seq = 1", account),
		}, ledger.Fault{Sequence: 1, Kind: ledger.EntryMisplaced, Found: 0}},
		"the end set back":   {[]string{fmt.Sprintf("UPDATE ledger_ends SET seq = 4 WHERE installation = %d", account)}, ledger.Fault{Sequence: 5, Kind: ledger.EntryBeyond, Found: 5}},
		"the end gone":       {[]string{fmt.Sprintf("DELETE FROM ledger_ends WHERE installation = %d", account)}, ledger.Fault{Sequence: 1, Kind: ledger.EntryBeyond, Found: 5}},
		"the end's hash":     {[]string{fmt.Sprintf("UPDATE ledger_ends SET hash = 'x' WHERE installation = %d", account)}, ledger.Fault{Sequence: 5, Kind: ledger.EntryOther}},
		"one of the other's": {[]string{"UPDATE ledger SET installation = 98" + row(5)}, ledger.Fault{Sequence: 5, Kind: ledger.EntryCut, Found: 5}},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.EachDSN(t, func(t *testing.T, dsn string) {
				filled(t, dsn)
				reading, err := store.OpenReading(t.Context(), store.Options{DSN: dsn})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = reading.Close() })
				if head, err := reading.AuditLedger(t.Context(), account, nil, nil); err != nil || head.Sequence != 5 {
					t.Fatalf("before: %v, %v", head, err)
				}
				execute(t, rawDB(t, dsn), c.do...)
				head, err := reading.AuditLedger(t.Context(), account, nil, nil)
				fault, ok := errors.AsType[*ledger.Fault](err)
				want := c.want // the same on both databases, which run beside each other
				want.Installation = account
				if !ok || *fault != want {
					t.Errorf("found %+v, expected %+v (%v)", fault, want, err)
				}
				if head.Sequence >= max(want.Sequence, 1) && want.Kind != ledger.EntryBeyond && want.Kind != ledger.EntryOther {
					t.Errorf("%v counts as whole", head)
				}
				if head, err := reading.AuditLedger(t.Context(), account+1, nil, nil); err != nil || head.Sequence != 5 {
					t.Errorf("the other one: %v, %v", head, err)
				}
			})
		})
	}
}

// Who writes a chain anew, or sets its end back with its tail, is found by a head that
// was noted, and only by that.
func TestANotedHeadFindsAChainThatWasWrittenAnew(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		s := filled(t, dsn)
		noted, err := s.AuditLedger(t.Context(), account, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		read, err := ledger.ParseHead(noted.String())
		if err != nil || read != noted {
			t.Fatalf("%v reads back as %v, %v", noted, read, err)
		}
		db := rawDB(t, dsn)
		execute(t, db, fmt.Sprintf("DELETE FROM ledger WHERE installation = %d AND seq = 5", account),
			fmt.Sprintf("UPDATE ledger_ends SET seq = 4, hash = (SELECT hash FROM ledger WHERE installation = %d AND seq = 4) WHERE installation = %d", account, account))
		if _, err := s.AuditLedger(t.Context(), account, nil, nil); err != nil {
			t.Errorf("without a head: %v", err)
		}
		_, err = s.AuditLedger(t.Context(), account, []ledger.Head{noted}, nil)
		if fault, ok := errors.AsType[*ledger.Fault](err); !ok || *fault != (ledger.Fault{Installation: account, Sequence: 5, Kind: ledger.EntryCut, Found: 5, Noted: true}) {
			t.Errorf("cut: %v", err)
		}
		if err := s.Append(t.Context(), ledger.Entry{Installation: account, Kind: ledger.EntryGate}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.AuditLedger(t.Context(), account, nil, nil); err != nil {
			t.Errorf("without a head: %v", err)
		}
		_, err = s.AuditLedger(t.Context(), account, []ledger.Head{noted}, nil)
		if fault, ok := errors.AsType[*ledger.Fault](err); !ok || *fault != (ledger.Fault{Installation: account, Sequence: 5, Kind: ledger.EntryOther, Noted: true}) {
			t.Errorf("anew: %v", err)
		}
		if _, err := s.AuditLedger(t.Context(), account+1, []ledger.Head{noted}, nil); err != nil {
			t.Errorf("the other installation: %v", err)
		}
	})
}

// What is written while the ledger is read is read with it.
func TestAnAuditBesideAWriter(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		s := filled(t, dsn)
		reading, err := store.OpenReading(t.Context(), store.Options{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = reading.Close() })
		written := 0
		head, err := reading.AuditLedger(t.Context(), account, nil, func(int64, int64) {
			if written++; written <= 3 {
				if err := s.Append(t.Context(), ledger.Entry{Installation: account, Kind: ledger.EntryGate}); err != nil {
					t.Error(err)
				}
			}
		})
		if err != nil || head.Sequence != 8 {
			t.Errorf("%v, %v; expected 8 entries", head, err)
		}
		if err := reading.Append(t.Context(), ledger.Entry{Installation: account}); !errors.Is(err, store.ErrReading) {
			t.Errorf("writing: %v", err)
		}
	})
}

// A database is read although nobody serves it, and one that is none is refused.
func TestReadingADatabaseAtRest(t *testing.T) {
	dsn := storetest.NewSQLite(t)
	if _, err := store.OpenReading(t.Context(), store.Options{DSN: dsn}); err == nil {
		t.Error("a file that is not there was opened")
	}
	s, err := store.Open(t.Context(), store.Options{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Append(t.Context(), ledger.Entry{Installation: account, Kind: ledger.EntryGate}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		reading, err := store.OpenReading(t.Context(), store.Options{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		if all, err := reading.Ledgers(t.Context()); err != nil || len(all) != 1 || all[0].Sequence != 1 {
			t.Errorf("%v, %v", all, err)
		}
		if err := reading.Close(); err != nil {
			t.Fatal(err)
		}
	}
	db := rawDB(t, dsn)
	execute(t, db, "DELETE FROM goose_db_version WHERE version_id > 5")
	if _, err := store.OpenReading(t.Context(), store.Options{DSN: dsn}); err == nil || !strings.Contains(err.Error(), "start the server of this version once") {
		t.Errorf("an older one: %v", err)
	}
	execute(t, db, "DROP TABLE goose_db_version")
	if _, err := store.OpenReading(t.Context(), store.Options{DSN: dsn}); err == nil || !strings.Contains(err.Error(), "not a Plimsoll database") {
		t.Errorf("somebody else's: %v", err)
	}
}
