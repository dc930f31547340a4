package store_test

import (
	"database/sql"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"plimsoll/deploy/ledger"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// intact reads a whole ledger and gives how many entries it has, and the first
// fault in the chain.
func intact(t *testing.T, s *store.Store) (n int64, fault error) {
	t.Helper()
	var previous *ledger.Entry
	for entry, err := range s.Ledger(t.Context(), account, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if fault == nil {
			fault = entry.Intact(previous)
		}
		previous = &entry
		n++
	}
	return n, fault
}

func TestTheLedgerIsAChainWithoutAGap(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var writing sync.WaitGroup
		for range 8 {
			writing.Go(func() {
				for range 20 {
					entry := ledger.Entry{Installation: account, Kind: ledger.EntryAnswer, Repository: 1, Component: "orders", Body: json.RawMessage(`{"answer":"yes"}`)}
					if err := s.Append(t.Context(), entry, ledger.Entry{Installation: account + 1, Kind: ledger.EntryAnswer}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		writing.Wait()
		if n, fault := intact(t, s); n != 160 || fault != nil {
			t.Fatalf("%d entries, %v", n, fault)
		}
		once := ledger.Entry{Installation: account, Kind: ledger.EntryOverride, Actor: "ana", Once: "override/1"}
		for range 3 {
			if err := s.Append(t.Context(), once); err != nil {
				t.Fatal(err)
			}
		}
		if n, fault := intact(t, s); n != 161 || fault != nil {
			t.Fatalf("%d entries, %v", n, fault)
		}
	})
}

func TestAChangedLedgerIsNoticed(t *testing.T) {
	for name, change := range map[string]string{
		"a body":          `UPDATE ledger SET body = '{"answer":"no"}' WHERE seq = 3`,
		"an actor":        `UPDATE ledger SET actor = 'eve' WHERE seq = 3`,
		"an entry gone":   `DELETE FROM ledger WHERE seq = 3`,
		"an entry forged": `UPDATE ledger SET previous = 'x' WHERE seq = 4`,
	} {
		t.Run(name, func(t *testing.T) {
			dsn := storetest.SQLite(t)
			s, err := store.Open(t.Context(), store.Options{DSN: dsn})
			if err != nil {
				t.Fatal(err)
			}
			for range 5 {
				if err := s.Append(t.Context(), ledger.Entry{Installation: account, Kind: ledger.EntryAnswer, Actor: "ana", Body: json.RawMessage(`{"answer":"yes"}`)}); err != nil {
					t.Fatal(err)
				}
			}
			if _, fault := intact(t, s); fault != nil {
				t.Fatal(fault)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			db, err := sql.Open("sqlite", strings.TrimPrefix(dsn, "sqlite:"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.ExecContext(t.Context(), change); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			s = storetest.Open(t, store.Options{DSN: dsn})
			if _, fault := intact(t, s); fault == nil {
				t.Error("nobody noticed")
			}
		})
	}
}
