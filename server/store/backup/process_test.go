//go:build unix

package backup_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"plimsoll/server/store"
	"plimsoll/server/store/backup"
	"plimsoll/server/store/storetest"
)

// A test starts its own program again to back up in a process that it can kill, or that has no
// space.
const (
	fromEnv  = "PLIMSOLL_TEST_BACKUP_FROM"
	toEnv    = "PLIMSOLL_TEST_BACKUP_TO"
	limitEnv = "PLIMSOLL_TEST_BACKUP_LIMIT"
)

func TestMain(m *testing.M) {
	if os.Getenv(fromEnv) == "" {
		os.Exit(m.Run())
	}
	if err := backUp(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func backUp() error {
	if text := os.Getenv(limitEnv); text != "" {
		limit, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return err
		}
		signal.Ignore(syscall.SIGXFSZ) // a write then fails as on a full disk
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			return err
		}
	}
	return backup.SQLite(context.Background(), os.Getenv(fromEnv), os.Getenv(toEnv), backup.Options{})
}

func process(t *testing.T, from, to, limit string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), fromEnv+"="+from, toEnv+"="+to, limitEnv+"="+limit)
	return cmd
}

// large is a database of about 1 MB.
func large(t *testing.T) string {
	t.Helper()
	dsn := storetest.SQLite(t)
	s, err := store.Open(t.Context(), store.Options{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	execute(t, dsn, `INSERT INTO deliveries (id, installation, repository, event, headers, body, job, ignored, received_at)
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT 'd' || i, 1, 1, 'push', '{}', hex(randomblob(1000)), '', '', i FROM n`)
	return strings.TrimPrefix(dsn, "sqlite:")
}

func TestBackupOnAFullDisk(t *testing.T) {
	from, folder := large(t), t.TempDir()
	to := filepath.Join(folder, "copy.db")
	output, err := process(t, from, to, "400000").CombinedOutput()
	if err == nil || !strings.Contains(string(output), "copy the database") {
		t.Errorf("%v: %s", err, output)
	}
	if _, err := os.Lstat(to); err == nil {
		t.Error("there is a file")
	}
	nothingLeft(t, folder)
}

// kill -9 as soon as this much of the copy is there: what has the final name is whole.
func TestBackupThatIsKilled(t *testing.T) {
	from := large(t)
	for _, when := range []int64{-1, 0, 500_000} {
		t.Run(fmt.Sprint(when), func(t *testing.T) {
			folder := t.TempDir()
			to := filepath.Join(folder, "copy.db")
			cmd := process(t, from, to, "")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			look := time.NewTicker(time.Millisecond)
			defer look.Stop()
			for over := false; !over && !madeOf(folder, when); {
				select {
				case err := <-ended:
					ended <- err
					over = true
				case <-look.C:
				}
			}
			_ = cmd.Process.Kill() // it may have ended
			<-ended
			if _, err := os.Lstat(to); err != nil {
				return
			}
			if _, err := backup.Check(t.Context(), to); err != nil {
				t.Error(err)
			}
		})
	}
}

// madeOf reports whether the copy under way has a size; -1: its folder is enough.
func madeOf(folder string, size int64) bool {
	folders, err := filepath.Glob(filepath.Join(folder, ".plimsoll-backup-*"))
	if err != nil || len(folders) == 0 {
		return false
	}
	info, err := os.Stat(filepath.Join(folders[0], "copy"))
	return size < 0 || err == nil && info.Size() >= size
}
