package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll/handlers/source"
	"plimsoll/server/store"
	"plimsoll/server/store/sqlc"
	"plimsoll/server/store/storetest"
)

func TestOpenRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, dsn := range []string{"", "mysql://root:secret@db/x", "plimsoll.db", "sqlite:"} {
		if s, err := store.Open(t.Context(), store.Options{DSN: dsn}); err == nil {
			_ = s.Close()
			t.Errorf("Open(%q) gave no error", dsn)
		}
	}
}

func TestTheFileIsForItsOwnerAlone(t *testing.T) {
	dsn := storetest.NewSQLite(t)
	storetest.Open(t, store.Options{DSN: dsn})
	files, err := filepath.Glob(strings.TrimPrefix(dsn, "sqlite:") + "*")
	if err != nil || len(files) < 3 {
		t.Fatalf("files %q, %v", files, err)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file, info.Mode(), err)
		}
	}
}

func TestASecondProcessMayNotOpenTheFile(t *testing.T) {
	dsn := storetest.SQLite(t)
	first, err := store.Open(t.Context(), store.Options{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), store.Options{DSN: dsn}); !errors.Is(err, store.ErrLocked) {
		t.Fatalf("second Open: %v, want ErrLocked", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	storetest.Open(t, store.Options{DSN: dsn})
}

func TestReplicasMayMigrateAtOnce(t *testing.T) {
	dsn := storetest.Postgres(t)
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			s, err := store.Open(context.Background(), store.Options{DSN: dsn})
			if err != nil {
				t.Error(err)
				return
			}
			_ = s.Close()
		})
	}
	group.Wait()
}

func TestTransactionsOfAGroupDoNotShareTheirFaults(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		refused := errors.New("refused")
		var group sync.WaitGroup
		errs := make([]error, 60)
		for i := range errs {
			group.Go(func() {
				errs[i] = s.Tx(t.Context(), func(ctx context.Context, q *sqlc.Queries) error {
					if err := q.PutWatermark(ctx, 1, fmt.Sprintf("mark %d", i), 7); err != nil {
						return err
					}
					if i%3 == 0 {
						return refused
					}
					return nil
				})
			})
		}
		group.Wait()
		for i, err := range errs {
			at, readErr := s.Watermark(t.Context(), 1, fmt.Sprintf("mark %d", i))
			if readErr != nil {
				t.Fatal(readErr)
			}
			if refusal := i%3 == 0; refusal != errors.Is(err, refused) || refusal != at.IsZero() {
				t.Errorf("transaction %d: error %v, stored %v", i, err, at)
			}
		}
	})
}

func TestACancelledTransactionLeavesNoTrace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.PutWatermark(ctx, 1, "x", time.UnixMilli(5)); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want context.Canceled", err)
		}
		if at, err := s.Watermark(t.Context(), 1, "x"); err != nil || !at.IsZero() {
			t.Errorf("watermark %v, %v", at, err)
		}
	})
}

func TestPingTellsThatTheDatabaseIsGone(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		s, err := store.Open(t.Context(), store.Options{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Errorf("ping: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.Ping(t.Context()); err == nil {
			t.Error("ping after Close gave no error")
		}
		if err := s.PutWatermark(t.Context(), 1, "x", time.UnixMilli(5)); err == nil {
			t.Error("a write after Close gave no error")
		}
	})
}

func TestTheDatabasesClockIsClose(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const off = time.Second
		before := time.Now()
		now, err := s.Now(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if after := time.Now(); now.Before(before.Add(-off)) || now.After(after.Add(off)) {
			t.Errorf("the clock showed %v between %v and %v", now, before, after)
		}
	})
}

func TestInstallations(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		if _, err := s.Installation(ctx, 5); !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("unknown installation: %v", err)
		}
		for _, step := range []struct {
			put, want store.Installation
		}{
			{store.Installation{ID: 5, Account: "acme", State: store.Active}, store.Installation{ID: 5, Account: "acme", State: store.Active}},
			{store.Installation{ID: 5, State: store.Suspended}, store.Installation{ID: 5, Account: "acme", State: store.Suspended}},
			{store.Installation{ID: 5, State: store.Active}, store.Installation{ID: 5, Account: "acme", State: store.Active}},
			{store.Installation{ID: 5, State: store.Removed}, store.Installation{ID: 5, Account: "acme", State: store.Removed}},
		} {
			if err := s.PutInstallation(ctx, step.put.ID, source.Account{Login: step.put.Account}, string(step.put.State)); err != nil {
				t.Fatal(err)
			}
			if got, err := s.Installation(ctx, 5); err != nil || got != step.want {
				t.Errorf("got %+v, %v; want %+v", got, err, step.want)
			}
		}
	})
}

// A program that finds a database of a newer one does not touch it.
func TestANewerDatabaseIsRefused(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		s, err := store.Open(t.Context(), store.Options{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		db := rawDB(t, dsn)
		execute(t, db, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, TRUE)")
		for name, open := range map[string]func(context.Context, store.Options) (*store.Store, error){
			"open": store.Open, "beside": store.OpenBeside, "reading": store.OpenReading,
		} {
			_, err := open(t.Context(), store.Options{DSN: dsn})
			if !errors.Is(err, store.ErrTooNew) {
				t.Errorf("%s: %v", name, err)
				continue
			}
			for _, part := range []string{"version 9000", "knows versions up to", "Start the newer plimsoll, or restore a backup"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%s: %v, expected %q in it", name, err, part)
				}
			}
		}
		execute(t, db, "DELETE FROM goose_db_version WHERE version_id = 9000")
		storetest.Open(t, store.Options{DSN: dsn}) // the file is not locked
	})
}

// A database that no server has used yet is another thing than one that can't be reached.
func TestSchemaOfAnEmptyDatabase(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		has, needs, err := store.Schema(t.Context(), dsn)
		if err != nil || has == 0 || has != needs {
			t.Fatal(has, needs, err)
		}
		db := rawDB(t, dsn)
		execute(t, db, "ALTER TABLE goose_db_version RENAME TO gone")
		defer execute(t, db, "ALTER TABLE gone RENAME TO goose_db_version") // the database is used again
		if _, _, err := store.Schema(t.Context(), dsn); !errors.Is(err, store.ErrNoTables) {
			t.Errorf("an empty database: %v", err)
		}
	})
	for _, dsn := range []string{"sqlite:" + t.TempDir() + "/gone.db", "postgres://nobody@127.0.0.1:1/nothing?connect_timeout=5"} {
		if _, _, err := store.Schema(t.Context(), dsn); err == nil || errors.Is(err, store.ErrNoTables) {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}
