//go:build unix

package filelock_test

import (
	"errors"
	"path/filepath"
	"testing"

	"plimsoll/server/store/filelock"
)

func TestLockIsHeldOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db.lock")
	held, err := filelock.Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := filelock.Lock(path); !errors.Is(err, filelock.ErrHeld) {
		t.Errorf("a second lock: %v, want ErrHeld", err)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := filelock.Lock(path)
	if err != nil {
		t.Fatalf("after the lock was released: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestLockInNoFolder(t *testing.T) {
	if _, err := filelock.Lock(filepath.Join(t.TempDir(), "none", "db.lock")); err == nil || errors.Is(err, filelock.ErrHeld) {
		t.Errorf("got %v", err)
	}
}
