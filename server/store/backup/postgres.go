package backup

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
)

// PostgreSQL has pg_dump write a database to a file that does not exist yet: one consistent
// state, in pg_dump's own form, read once before the file gets its name.
func PostgreSQL(ctx context.Context, dsn, to string) error {
	address, password, err := withoutPassword(dsn)
	if err != nil {
		return err
	}
	return intoPlace(to, func(made string) error {
		if err := program(ctx, password, "pg_dump", "--format=custom", "--no-password", "--file="+made, "--dbname="+address); err != nil {
			return err
		}
		return checkDump(ctx, made)
	})
}

// checkDump reads every table of a dump.
func checkDump(ctx context.Context, file string) error {
	return program(ctx, "", "pg_restore", "--file="+os.DevNull, file)
}

// withoutPassword takes the password out of a URL: every user of the machine can read the
// arguments of a program.
func withoutPassword(dsn string) (address, password string, err error) {
	parsed, err := url.Parse(dsn)
	if err != nil {
		return "", "", errors.New("read the postgres URL: it is not a URL") // the error would show the password
	}
	query := parsed.Query()
	password = query.Get("password")
	query.Del("password")
	parsed.RawQuery = query.Encode()
	if given, ok := parsed.User.Password(); ok {
		password = given
		parsed.User = url.User(parsed.User.Username())
	}
	return parsed.String(), password, nil
}

var errNoProgram = errors.New("not found: install PostgreSQL's client programs, in the version of the server or a newer one")

// program runs one of PostgreSQL's programs.
func program(ctx context.Context, password, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = os.Environ()
	if password != "" {
		cmd.Env = append(cmd.Env, "PGPASSWORD="+password)
	}
	output, err := cmd.CombinedOutput()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("%s: %w", name, errNoProgram)
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("%s failed (%w): %s", name, err, strings.TrimSpace(string(output)))
	}
	return nil
}
