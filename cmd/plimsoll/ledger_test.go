package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"plimsoll/cmd/plimsoll/internal/entries"
	"plimsoll/contracts"
	"plimsoll/deploy/ledger"
	"plimsoll/handlers/source"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

var ledgerNoon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// ledgerOf writes some entries and keeps the database open, as a server does.
func ledgerOf(t *testing.T, dsn string) {
	t.Helper()
	s := storetest.Open(t, store.Options{DSN: dsn})
	for i, name := range []string{"orders", "web"} {
		ref := contracts.RepositoryRef{Installation: 11, ID: int64(70 + i), Owner: "acme", Name: name}
		if _, _, err := s.PutRepository(t.Context(), source.Repository{RepositoryRef: ref}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.PutInstallation(t.Context(), 11, source.Account{Login: "acme"}, string(store.Active)); err != nil {
		t.Fatal(err)
	}
	entry := func(kind ledger.EntryKind, repository int64, hours int, body string) ledger.Entry {
		return ledger.Entry{
			Installation: 11, Kind: kind, Repository: repository, At: ledgerNoon.Add(time.Duration(hours) * time.Hour), Component: "orders", Environment: "production",
			Commit: strings.Repeat("c", 40), Actor: "bob\x1b[31m", Body: json.RawMessage(body),
		}
	}
	web := entry(ledger.EntryAcknowledgement, 71, 26, `{"reason":"we | move on"}`)
	web.Component, web.Environment = "web", ""
	err := s.Append(t.Context(),
		entry(ledger.EntryDeployment, 70, 0, `{"deployment":5,"state":"success","task":"deploy"}`),
		entry(ledger.EntryVerdict, 70, 1, `{"verdict":{"answer":"roll back"}}`),
		entry(ledger.EntryDeployment, 70, 2, `{"deployment":6,"state":"success","task":"rollback"}`),
		web,
	)
	if err != nil {
		t.Fatal(err)
	}
}

var anyHash = regexp.MustCompile(`[0-9a-f]{64}`)

func TestLedgerCommands(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		ledgerOf(t, dsn)
		ask := func(args ...string) string {
			t.Helper()
			env := map[string]string{"PLIMSOLL_DATABASE": dsn}
			told := strings.SplitAfterN(asked(t, env, append([]string{"ledger"}, args...)...), "\n", 2)[1]
			return strings.ReplaceAll(strings.TrimSpace(told), dsn, "DSN")
		}
		whole := ask("verify")
		head := anyHash.FindString(whole)
		if want := "intact: installation 11: 4 entries\n  keep this in another place for the next run: --head 11:4:" + head + "\n[0]"; whole != want {
			t.Errorf("%s\nexpected %s", whole, want)
		}
		for _, c := range []struct{ args, want string }{
			{"list", `ENTRY  AT (UTC)             KIND             REPOSITORY   COMPONENT  ENVIRONMENT  COMMIT   BY       WHAT
11:1   2026-11-02 12:00:00  deployment       acme/orders  orders     production   ccccccc  bob[31m  success
11:2   2026-11-02 13:00:00  verdict          acme/orders  orders     production   ccccccc  bob[31m  roll back
11:3   2026-11-02 14:00:00  deployment       acme/orders  orders     production   ccccccc  bob[31m  success (rollback)
11:4   2026-11-03 14:00:00  acknowledgement  acme/web     web        -            ccccccc  bob[31m  we | move on
[0]`},
			{"list --repository Acme/Orders --kind deployment --since 2026-11-02T13:30:00Z --environment Production", `ENTRY  AT (UTC)             KIND        REPOSITORY   COMPONENT  ENVIRONMENT  COMMIT   BY       WHAT
11:3   2026-11-02 14:00:00  deployment  acme/orders  orders     production   ccccccc  bob[31m  success (rollback)
[0]`},
			{"list --component nothing", "[0]"},
			{"list --repository acme/nothing", "plimsoll: --repository acme/nothing: the server does not know this repository\n[2]"},
			{"list --kind verdicts", "plimsoll: --kind verdicts: use one of deployment, can-i-deploy, acknowledgement, verdict, gate, rollback, gate-override, override\n[2]"},
			{"list --since yesterday", "plimsoll: --since: expected a date (2026-11-02), a time (2026-11-02T12:00:00Z) or an age (30d, 12h)\n[2]"},
			{"verify --head 4:" + head, whole},
			{"verify --head 11:4:" + head, whole},
			{"verify --head 3:" + head, "broken: installation 11: entry 3 does not match the given head: the ledger was rewritten.\n[1]"},
			{"verify --head 9:" + head, "broken: installation 11: entry 5 and all later entries are missing: the given head records 9 entries. The end was cut off.\n[1]"},
			{"verify --head 12:9:" + head, "intact: installation 11: 4 entries\n  keep this in another place for the next run: --head 11:4:" + head + "\nbroken: installation 12: entry 1 and all later entries are missing: the given head records 9 entries. The end was cut off.\n[1]"},
			{"verify --head 4", "plimsoll: --head 4: expected INSTALLATION:SEQ:HASH, or SEQ:HASH where there is one installation\n[2]"},
			{"verify --database mysql://x", "plimsoll: --database: expected a database, found something else (write sqlite:plimsoll.db or postgres://user@host/name)\n[2]"},
		} {
			if got := ask(strings.Fields(c.args)...); got != c.want {
				t.Errorf("%s:\n%s\nexpected:\n%s", c.args, got, c.want)
			}
		}
		var lines []ledger.Entry
		for line := range strings.Lines(strings.TrimSuffix(ask("list", "--format", "json"), "\n[0]")) {
			var entry ledger.Entry
			if err := json.Unmarshal([]byte(line), &entry); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			lines = append(lines, entry)
		}
		audit := ledger.NewAudit(11, nil)
		for _, entry := range lines {
			if err := audit.Entry(entry); err != nil {
				t.Errorf("what is listed is not what was written: %v", err)
			}
		}
		if audit.Last().Hash != head {
			t.Errorf("the list ends with %v", audit.Last())
		}
		if _, err := rawDatabase(t, dsn).ExecContext(t.Context(), "UPDATE ledger SET actor = 'eve' WHERE seq = 2"); err != nil {
			t.Fatal(err)
		}
		if got, want := ask("verify"), "broken: installation 11: entry 2 was changed: its hash does not match its content.\n[1]"; got != want {
			t.Errorf("%s\nexpected %s", got, want)
		}
		var told entries.Result
		if err := json.Unmarshal([]byte(strings.TrimSuffix(ask("verify", "--format", "json"), "\n[1]")), &told); err != nil {
			t.Fatal(err)
		}
		if told.Intact || fmt.Sprint(*told.Ledgers[0].Fault) != fmt.Sprint(ledger.Fault{Installation: 11, Sequence: 2, Kind: ledger.EntryChanged, Found: 2}) {
			t.Errorf("as JSON: %+v", told)
		}
	})
}

// The operator's file is enough, without what GitHub's side needs, which may be
// readable for the server alone.
func TestLedgerNeedsNoCredentials(t *testing.T) {
	dsn := storetest.SQLite(t)
	ledgerOf(t, dsn)
	file := t.TempDir() + "/server.yml"
	write(t, file, "database: "+dsn+"\ngithub: {app: {integration_id: 5, private_key_file: not-there.pem}}\n")
	if got := asked(t, nil, "ledger", "verify", "--config", file); !strings.HasSuffix(got, "[0]\n\n") {
		t.Error(got)
	}
	write(t, file, "database: "+dsn+"\nworkers: 0\n")
	if got := asked(t, nil, "ledger", "verify", "--config", file); !strings.Contains(got, "workers") || !strings.HasSuffix(got, "[2]\n\n") {
		t.Error(got)
	}
}

// rawDatabase opens a database past the store.
func rawDatabase(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	driver := "pgx"
	if file, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		driver, dsn = "sqlite", file
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
