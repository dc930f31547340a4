// Package journal notices that a SQLite file was copied without its write-ahead log (-wal),
// which holds what was written last.
//
// While a server has a file open, the file holds a random mark, and so does the file of the
// lock beside it. A server that stops writes everything into the file and takes the mark away.
// A file that has a mark but no log is whole only if it lies beside the lock of the same
// mark: another program has then written the log into it after a crash.
//
// It must not know the tables.
package journal

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ErrNoWAL means that a file was copied without its write-ahead log.
var ErrNoWAL = errors.New("copied without its write-ahead log")

// ErrNotSQLite means that a file is no SQLite database.
var ErrNotSQLite = errors.New("not a SQLite database")

// https://www.sqlite.org/fileformat2.html#the_database_header
const (
	magic      = "SQLite format 3\x00"
	headerSize = 100
	markOffset = 60 // the "user version", which SQLite leaves to programs
)

// Check refuses a file that was copied without its log. A file that is empty or missing is a
// new database.
func Check(file string) error {
	mark, err := readMark(file)
	if err != nil || mark == 0 {
		return err
	}
	resolved, err := filepath.EvalSymlinks(file) // SQLite's log lies beside the file itself
	if err != nil {
		return err
	}
	if _, err := os.Stat(resolved + "-wal"); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if locked, err := os.ReadFile(file + ".lock"); err == nil && strings.TrimSpace(string(locked)) == strconv.FormatUint(uint64(mark), 10) {
		return nil
	}
	name := filepath.Base(file)
	return fmt.Errorf("%w: %s-wal is missing, and the newest changes with it. A server was writing when %s was copied. "+
		"Use a copy that plimsoll backup made. If there is none, take over what the file holds: "+
		"plimsoll backup --without-wal --database sqlite:%s NEW-FILE", ErrNoWAL, name, name, name)
}

// readMark reads the mark from the file itself, without its log.
func readMark(file string) (mark uint32, err error) {
	opened, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	header := make([]byte, headerSize)
	switch n, err := io.ReadFull(opened, header); {
	case n == 0 && errors.Is(err, io.EOF):
		return 0, nil
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return 0, err
	case n < headerSize || string(header[:len(magic)]) != magic:
		return 0, ErrNotSQLite
	}
	return binary.BigEndian.Uint32(header[markOffset:]), nil
}

// Begin marks a database that its owner begins to write to. lock is the file of its lock.
func Begin(ctx context.Context, db *sql.DB, lock *os.File) error {
	mark := rand.Int32N(1<<31-2) + 1
	// With the lock first: if the power fails between the two, the log is there.
	text := strconv.AppendInt(nil, int64(mark), 10)
	if err := lock.Truncate(0); err != nil {
		return err
	}
	if _, err := lock.WriteAt(append(text, '\n'), 0); err != nil {
		return err
	}
	if err := set(ctx, db, mark); err != nil {
		return err
	}
	// Into the file itself, as far as readers allow. What they keep back now follows with the
	// next checkpoint.
	if _, err := db.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
		return fmt.Errorf("mark the database as open: %w", err)
	}
	return nil
}

// End takes the mark away; the database is closed next.
func End(ctx context.Context, db *sql.DB) error { return set(ctx, db, 0) }

func set(ctx context.Context, db *sql.DB, mark int32) error {
	if _, err := db.ExecContext(ctx, "PRAGMA user_version = "+strconv.FormatInt(int64(mark), 10)); err != nil {
		return fmt.Errorf("mark the database: %w", err)
	}
	return nil
}
