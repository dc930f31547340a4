package storetest

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"

	"github.com/google/uuid"

	"plimsoll/server/store"
)

// pool is the databases of one server: making one takes longer than most tests.
type pool struct {
	server string

	mu       sync.Mutex
	admin    *sql.DB // the server's own database
	template string
	free     []string
}

var pools sync.Map // server → *pool

func poolOf(server string) *pool {
	p, _ := pools.LoadOrStore(server, &pool{server: server})
	return p.(*pool)
}

// take gives the name of an empty, migrated database.
func (p *pool) take() (name string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.free); n > 0 {
		name, p.free = p.free[n-1], p.free[:n-1]
		return name, nil
	}
	if p.admin == nil {
		if p.admin, err = sql.Open("pgx", p.server); err != nil {
			return "", err
		}
		p.admin.SetMaxOpenConns(1)
	}
	if os.Getenv(Env) != "" {
		return p.migrated() // a template would be left behind there
	}
	if p.template == "" {
		if p.template, err = p.migrated(); err != nil {
			return "", fmt.Errorf("make the template: %w", err)
		}
	}
	name = newName()
	return name, p.execute("CREATE DATABASE " + name + " TEMPLATE " + p.template)
}

// migrated makes a database from nothing.
func (p *pool) migrated() (name string, err error) {
	name = newName()
	if err := p.execute("CREATE DATABASE " + name); err != nil {
		return "", err
	}
	s, err := store.Open(context.Background(), store.Options{DSN: withDatabase(p.server, name)})
	if err != nil {
		return "", err
	}
	return name, s.Close()
}

// giveBack ends whatever is still connected to a database and empties it for the
// next test. On a server that is not ours it is dropped.
func (p *pool) giveBack(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if os.Getenv(Env) != "" {
		return p.execute("DROP DATABASE " + name + " WITH (FORCE)")
	}
	const wait = 10_000 // milliseconds: a killed process may have left a transaction
	_, err := p.admin.Exec("SELECT pg_terminate_backend(pid, $2) FROM pg_stat_activity WHERE datname = $1", name, wait)
	if err == nil {
		err = empty(withDatabase(p.server, name))
	}
	if err != nil {
		return errors.Join(err, p.execute("DROP DATABASE "+name+" WITH (FORCE)"))
	}
	p.free = append(p.free, name)
	return nil
}

// empty deletes every row of every table but the migrations'.
func empty(dsn string) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.Exec(`DO $$ DECLARE one RECORD; BEGIN
		FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'goose_db_version' LOOP
			EXECUTE 'DELETE FROM ' || quote_ident(one.tablename);
		END LOOP;
	END $$`)
	return err
}

func (p *pool) execute(statement string) error {
	if _, err := p.admin.Exec(statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

// newName makes a name that no other process that shares the server makes.
func newName() string {
	id := uuid.New()
	return "plimsoll_" + hex.EncodeToString(id[:])
}

func withDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic("the server's URL was used before: " + err.Error())
	}
	u.Path = "/" + name
	return u.String()
}
