package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// supervisor starts the server and ends it, and removes its folder, when standard
// input is closed: which the kernel does when the test process ends, however.
const supervisor = `
postgres=$1 folder=$2
shift 2
"$postgres" -D "$folder/data" -k "$folder" "$@" </dev/null >"$folder/log" 2>&1 &
server=$!
cat >/dev/null
kill -QUIT $server
wait $server
cd / && rm -rf "$folder"
`

// startServer starts a PostgreSQL that listens on a socket in a folder of its own
// and gives its URL.
func startServer(settings ...string) (string, error) {
	bin, err := binaries()
	if err != nil {
		return "", err
	}
	// Socket paths may have 107 bytes: TMPDIR could be too long.
	folder, err := os.MkdirTemp("/tmp", "plimsoll-pg-")
	if err != nil {
		return "", fmt.Errorf("make a folder for PostgreSQL: %w", err)
	}
	attributes := &syscall.SysProcAttr{Setsid: true} // Ctrl-C is for the test; the supervisor follows it
	if os.Geteuid() == 0 {
		if attributes.Credential, err = unprivileged(folder); err != nil {
			return "", err
		}
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(folder, "data"),
		"-U", "plimsoll", "-A", "trust", "--no-locale", "-E", "UTF8", "-N")
	initdb.Dir, initdb.SysProcAttr = folder, attributes
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w\n%s", err, out)
	}
	arguments := []string{"-c", supervisor, "sh", filepath.Join(bin, "postgres"), folder}
	settings = append(settings, "listen_addresses=", "max_connections=200", "shared_buffers=64MB")
	for _, setting := range settings {
		arguments = append(arguments, "-c", setting)
	}
	if err := supervise(arguments, folder, attributes); err != nil {
		return "", err
	}
	dsn := "postgres://plimsoll@/postgres?host=" + url.QueryEscape(folder)
	return dsn, awaitServer(dsn, folder)
}

// supervise starts the supervisor. Nothing waits for it: it outlives the process
// for as long as the shutdown takes.
func supervise(arguments []string, folder string, attributes *syscall.SysProcAttr) error {
	command := exec.Command("/bin/sh", arguments...)
	command.Dir, command.SysProcAttr = folder, attributes
	stdin, err := command.StdinPipe()
	if err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	if err := command.Start(); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	// The pipe must stay open until the process ends: a collected file is closed.
	go func() {
		_ = command.Wait()
		runtime.KeepAlive(stdin)
	}()
	return nil
}

func awaitServer(dsn, folder string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return fmt.Errorf("open PostgreSQL: %w", err)
	}
	defer func() { _ = db.Close() }()
	for {
		err := db.PingContext(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			log, _ := os.ReadFile(filepath.Join(folder, "log"))
			return fmt.Errorf("wait for PostgreSQL: %w\n%s", err, log)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// binaries finds the newest installed PostgreSQL.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) > 0 {
		version := func(path string) int {
			n, _ := strconv.Atoi(strings.Split(path, "/")[4])
			return n
		}
		return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", errNotInstalled
}

// unprivileged gives the folder to a user who is not root, because PostgreSQL
// refuses to run as root.
func unprivileged(folder string) (*syscall.Credential, error) {
	for _, name := range []string{"nobody", "postgres"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.Atoi(account.Uid)
		gid, errGID := strconv.Atoi(account.Gid)
		if errUID != nil || errGID != nil {
			continue
		}
		if err := os.Chown(folder, uid, gid); err != nil {
			return nil, fmt.Errorf("give %s to %s: %w", folder, name, err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, fmt.Errorf("PostgreSQL refuses to run as root, and there is no user nobody or postgres")
}
