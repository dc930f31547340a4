package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"plimsoll/server/store"
	"plimsoll/server/store/backup"
	"plimsoll/server/store/journal"
)

const (
	databaseWithin = 15 * time.Second
	readWithin     = time.Minute
	// mostRead is how large a SQLite file may be to be read as a whole.
	mostRead = 256 << 20
)

// database checks that the database answers and that this program can work with its tables, and
// reads a small SQLite file as a whole.
func (d *doctor) database() []group {
	if d.unusable("database") {
		return []group{{[]step{{"database", databaseWithin, func(context.Context) []Finding { return needsConfiguration("database", "") }}}}}
	}
	steps := []step{{"database", databaseWithin, d.schema}}
	if file, ok := d.conf.Database.SQLite(); ok {
		steps = append(steps, step{"database file", readWithin, func(ctx context.Context) []Finding { return wholeFile(ctx, file) }})
	}
	return []group{{steps}}
}

func (d *doctor) schema(ctx context.Context) []Finding {
	f := Finding{Check: "database", Subject: d.conf.Database.String(), State: Problem}
	dsn, isPostgres := d.conf.Database.PostgreSQL()
	if file, ok := d.conf.Database.SQLite(); ok {
		dsn = "sqlite:" + file
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return []Finding{newFile(f, filepath.Dir(file))}
		}
	}
	has, needs, err := store.Schema(ctx, dsn)
	why := ""
	if err != nil {
		why = strings.TrimPrefix(reason(ctx, err), "it is not a Plimsoll database, or can't be reached: ")
	}
	switch {
	case errors.Is(err, store.ErrNoTables):
		f.State, f.Found = OK, "It answers and is empty. The server makes its tables when it starts."
	case errors.Is(err, journal.ErrNoWAL), errors.Is(err, journal.ErrNotSQLite):
		f.Found, f.Fix = "The file can't be used: "+why+".", "Restore a backup, as docs/upgrade.md says."
	case err != nil && isPostgres:
		f.Found, f.Fix = "It does not answer: "+why+".", "See that it runs, that this machine reaches it, and that user and password are right."
	case err != nil:
		f.Found, f.Fix = "It can't be read: "+why+".", "Check the file's name and permissions."
	case has > needs:
		f.Found = fmt.Sprintf("A newer plimsoll has written it: its tables have version %d, this program knows versions up to %d.", has, needs)
		f.Fix = "Run the newer plimsoll, or restore a backup from before the upgrade."
	case has < needs:
		f.State, f.Found = OK, fmt.Sprintf("It answers. Its tables have version %d; the server migrates them to %d when it starts.", has, needs)
	default:
		f.State, f.Found = OK, fmt.Sprintf("It answers. Its tables have version %d, as this program needs.", has)
	}
	return []Finding{f}
}

// newFile is the finding for a SQLite file that is still to be made.
func newFile(f Finding, folder string) Finding {
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		f.Found, f.Fix = "There is no folder "+folder+".", "Make the folder, or correct database."
		return f
	}
	f.State, f.Found = OK, "The file is not there yet. The server makes it when it starts."
	return f
}

// wholeFile reads a SQLite file as `plimsoll restore --check` does, if it is small.
func wholeFile(ctx context.Context, file string) []Finding {
	f := Finding{Check: "database file", State: OK}
	info, err := os.Stat(file)
	if err != nil || info.Size() == 0 {
		return nil // said already, or nothing to read
	}
	if info.Size() > mostRead {
		f.Found = fmt.Sprintf("It has %d MiB and was not read as a whole. plimsoll backup does that.", info.Size()>>20)
		return []Finding{f}
	}
	_, err = backup.Check(ctx, file)
	refused, ok := errors.AsType[*backup.Refused](err)
	switch {
	case err == nil:
		f.Found = "It was read as a whole and is not damaged."
	case ctx.Err() != nil:
		f.State, f.Found = NotChecked, "Reading it as a whole takes too long. plimsoll backup does that as well."
	case errors.Is(err, store.ErrTooNew), errors.Is(err, store.ErrNoTables), errors.Is(err, journal.ErrNoWAL), !ok:
		return nil // said already
	default:
		f.State, f.Found, f.Fix = Problem, "It is damaged: "+reason(ctx, refused)+".", "Stop the server and restore a backup, as docs/upgrade.md says."
	}
	return []Finding{f}
}
