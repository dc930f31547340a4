package store_test

import (
	"errors"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// A command and the server write at the same time: neither fails, and nothing is lost.
func TestOpenBesideWritesBesideAServer(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		server := storetest.Open(t, store.Options{DSN: dsn})
		command, err := store.OpenBeside(t.Context(), store.Options{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := command.Close(); err != nil {
				t.Error(err)
			}
		}()
		const each = 40
		at := time.UnixMilli(1_700_000_000_000)
		var all sync.WaitGroup
		for name, s := range map[string]*store.Store{"server": server, "command": command} {
			for i := range each {
				all.Go(func() {
					if err := s.PutWatermark(t.Context(), int64(i), name, at); err != nil {
						t.Errorf("%s: %v", name, err)
					}
				})
			}
		}
		all.Wait()
		for i := range each {
			for _, name := range []string{"server", "command"} {
				if got, err := server.Watermark(t.Context(), int64(i), name); err != nil || !got.Equal(at) {
					t.Errorf("%s %d: %v, %v", name, i, got, err)
				}
			}
		}
	})
}

func TestOpenBesideMakesAndMigratesNothing(t *testing.T) {
	file := t.TempDir() + "/none.db"
	if _, err := store.OpenBeside(t.Context(), store.Options{DSN: "sqlite:" + file}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := store.OpenBeside(t.Context(), store.Options{DSN: "mysql://x"}); err == nil || !strings.Contains(err.Error(), "unknown kind") {
		t.Errorf("an unknown kind: %v", err)
	}
	dsn := storetest.SQLite(t)
	s, err := store.Open(t.Context(), store.Options{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	execute(t, rawDB(t, dsn), "DELETE FROM goose_db_version WHERE version_id > 5")
	if _, err := store.OpenBeside(t.Context(), store.Options{DSN: dsn}); err == nil || !strings.Contains(err.Error(), "start the server of this version once") {
		t.Errorf("an older database: %v", err)
	}
}
