package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plimsoll/cmd/plimsoll/internal/replay"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/ledger"
	"plimsoll/server"
	"plimsoll/server/cloudwatch"
	"plimsoll/server/datadog"
	"plimsoll/server/probe"
	"plimsoll/server/prometheus"
	"plimsoll/server/prometheus/prometheustest"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// watchClock is a clock that stands still until somebody waits.
type watchClock struct{ now *time.Time }

func (c watchClock) Now() time.Time { return *c.now }

func (c watchClock) Wait(_ context.Context, until time.Time) error {
	*c.now = until
	return nil
}

// evaluated watches a deployment of a job and writes the ledger's entry of its verdict, as
// the server does. It gives the entry's name.
func decided(t *testing.T, s *store.Store, servers *prometheus.Servers, job string, deployment int64) string {
	t.Helper()
	file, err := config.ParseRepository("plimsoll.yml", []byte(strings.ReplaceAll(measuredFile, "JOB", job)))
	if err != nil {
		t.Fatal(err)
	}
	v := deploy.Verification{
		Repository: contracts.RepositoryRef{Installation: 11, ID: 70, Owner: "acme", Name: "orders"}, Deployment: deployment,
		Target: deploy.Target{Component: "orders", Environment: "production", Production: true}, Commit: deployedCommit, Began: deployedAt, Creator: "bob",
		Plan: deploy.NewPlan(file.Components[0].Environments["production"]),
	}
	now := deployedAt
	clock := watchClock{&now}
	third, err := cloudwatch.New(cloudwatch.Config{})
	if err != nil {
		t.Fatal(err)
	}
	other, err := datadog.New(datadog.Config{})
	if err != nil {
		t.Fatal(err)
	}
	prober, signals, err := server.NewWatchSources(probe.Rules{}, &server.MetricServers{Prometheus: servers, Datadog: other, CloudWatch: third})
	if err != nil {
		t.Fatal(err)
	}
	told, err := deploy.Watch(t.Context(), v, clock, prober, signals, func(deploy.Progress) {})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.PutHistory(t.Context(), v.Repository, v.ID(), told.History); err != nil {
		t.Fatal(err)
	}
	_, hash, err := s.History(t.Context(), v.Repository, v.ID())
	if err != nil || hash != told.Hash {
		t.Fatalf("the history has the hash %q, expected %q: %v", hash, told.Hash, err)
	}
	body, err := json.Marshal(ledger.VerdictEntry{Verification: v, Plan: v.Plan.Hash(), Samples: told.Samples, History: hash, Verdict: *told.Verdict})
	if err != nil {
		t.Fatal(err)
	}
	once := "verdict/" + v.ID()
	if err := s.Append(t.Context(), ledger.Entry{Installation: 11, Kind: ledger.EntryVerdict, Repository: 70, At: now, Commit: v.Commit, Once: once, Body: body}); err != nil {
		t.Fatal(err)
	}
	return once
}

// A verdict on signals is decided again from what is stored, bit for bit; and whatever
// was changed, or is not there any more, is named.
func TestVerifyReplay(t *testing.T) {
	servers, err := prometheus.New(prometheus.Config{Now: func() time.Time { return deployedAt }, Servers: []prometheus.Server{{Name: prometheus.Default, URL: prometheustest.Start(t, traffic())}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(servers.Close)
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		s := storetest.Open(t, store.Options{DSN: dsn})
		same, worse := decided(t, s, servers, "same", 1), decided(t, s, servers, "worse", 2)
		ask := func(args ...string) string {
			t.Helper()
			r := &terminalRun{env: map[string]string{"PLIMSOLL_DATABASE": dsn}}
			return r.run(t.Context(), args...)
		}
		for _, id := range []string{same, "11:1"} {
			got := ask("--replay", id)
			if !strings.HasPrefix(got, "orders in production is verified\n") || !strings.HasSuffix(got, "The replay gives the same verdict, bit for bit, from the data stored at 2026-11-02 12:15:00 UTC.\n[0]") {
				t.Errorf("%s: %s", id, got)
			}
		}
		if got := ask("--replay", worse); !strings.HasPrefix(got, "Roll back orders in production: errors 0.") || !strings.Contains(got, "the same verdict, bit for bit") || !strings.HasSuffix(got, "[1]") {
			t.Error(got)
		}
		for id, want := range map[string]string{
			"11:3":         "plimsoll: --replay 11:3: the ledger has no such entry (plimsoll ledger list --kind verdict shows them)[2]",
			"verdict/none": "plimsoll: --replay verdict/none: the ledger has no such entry (plimsoll ledger list --kind verdict shows them)[2]",
		} {
			if got := ask("--replay", id); got != want {
				t.Errorf("%s, expected %s", got, want)
			}
		}

		// As a file: with the history it is all that is needed, without it that is said.
		folder := t.TempDir()
		stored := func(name string, args ...string) string {
			text := ask(args...)
			text = text[:strings.LastIndex(text, "[")]
			path := filepath.Join(folder, name)
			write(t, path, text)
			return path
		}
		whole := stored("whole.json", "--replay", worse, "--format", "json", "--with-history")
		bare := stored("bare.json", "--replay", worse, "--format", "json")
		if got := ask("--replay", whole); !strings.Contains(got, "the same verdict, bit for bit") || !strings.HasSuffix(got, "[1]") {
			t.Error(got)
		}
		missing := "The stored data gives a different verdict:\n  the reference samples were deleted (see retention.samples), so the verdict can't be replayed\n[2]"
		if got := ask("--replay", bare); !strings.HasSuffix(got, missing) {
			t.Error(got)
		}

		// changed replays what a change makes of the file.
		changed := func(change func(*replay.Replayed, *ledger.VerdictEntry), rehash bool) string {
			t.Helper()
			data, err := os.ReadFile(whole)
			if err != nil {
				t.Fatal(err)
			}
			var held replay.Replayed
			var body ledger.VerdictEntry
			if err := errors.Join(json.Unmarshal(data, &held), json.Unmarshal(held.Entry.Body, &body)); err != nil {
				t.Fatal(err)
			}
			change(&held, &body)
			if held.Entry.Body, err = json.Marshal(body); err != nil {
				t.Fatal(err)
			}
			if rehash {
				held.Entry = held.Entry.Chained(&ledger.Entry{Sequence: held.Entry.Sequence - 1, Hash: held.Entry.Previous})
			}
			if data, err = json.Marshal(held); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(folder, "changed.json")
			write(t, path, string(data))
			got := ask("--replay", path)
			_, after, _ := strings.Cut(got, "gives a different verdict:\n")
			return after
		}
		changes := map[string]struct {
			change func(*replay.Replayed, *ledger.VerdictEntry)
			want   string
		}{
			"the answer":    {func(_ *replay.Replayed, e *ledger.VerdictEntry) { e.Verdict.Answer = deploy.Verified }, "  answer was \"verified\" and is \"roll back\"\n[2]"},
			"a number":      {func(_ *replay.Replayed, e *ledger.VerdictEntry) { e.Verdict.Signals.Metrics[0].P = 0.25 }, "  signals.metrics[0].p was 0.25 and is 0.0007993605115907274\n[2]"},
			"a threshold":   {func(_ *replay.Replayed, e *ledger.VerdictEntry) { e.Verdict.Thresholds.Steady = 50 }, "  thresholds.steady_percent was 50 and is 90\n[2]"},
			"the judge":     {func(_ *replay.Replayed, e *ledger.VerdictEntry) { e.Verdict.Signals.Version = 0 }, "  the signals were evaluated by rules version 0; this program has version 3\n  signals.version was 0 and is 3\n[2]"},
			"a sample gone": {func(_ *replay.Replayed, e *ledger.VerdictEntry) { e.Samples = e.Samples[:1] }, "  with the stored samples it is too early for a verdict\n"},
			"the plan":      {func(_ *replay.Replayed, e *ledger.VerdictEntry) { e.Verification.Plan.Datasource = "other" }, "  the plan was changed: its hash was "},
			"the history": {func(r *replay.Replayed, _ *ledger.VerdictEntry) { r.History.Signals[0].Track.Bad[2000] = 100000 },
				"  the reference samples were changed: their hash was "},
		}
		if !strings.HasPrefix(dsn, "sqlite:") {
			changes = nil // of a file, whatever the database was
		}
		for name, c := range changes {
			if got := changed(c.change, true); !strings.HasPrefix(got, c.want) || !strings.HasSuffix(got, "[2]") {
				t.Errorf("%s: %s\nexpected %s", name, got, c.want)
			}
			if got := changed(c.change, false); name != "the history" && !strings.HasPrefix(got, "  the entry was changed: its hash does not match its content\n") {
				t.Errorf("%s, without a new hash: %s", name, got)
			}
		}

		// Pruned, and not what was written.
		db := rawDatabase(t, dsn)
		if _, err := db.ExecContext(t.Context(), fmt.Sprintf("UPDATE histories SET hash = 'x' WHERE verification = '%s'", strings.TrimPrefix(worse, "verdict/"))); err != nil {
			t.Fatal(err)
		}
		if got := ask("--replay", worse); !strings.Contains(got, "it is not what was written") || !strings.HasSuffix(got, "[2]") {
			t.Error(got)
		}
		if _, err := db.ExecContext(t.Context(), "DELETE FROM histories"); err != nil {
			t.Fatal(err)
		}
		if got := ask("--replay", same); !strings.HasSuffix(got, missing) {
			t.Error(got)
		}
	})
}

// What is no verdict, or several, is refused; and one that a newer deployment superseded
// is not decided by measurements.
func TestVerifyReplayOfFiles(t *testing.T) {
	entry := func(kind ledger.EntryKind, body any) string {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		line, err := json.Marshal(ledger.Entry{Installation: 1, Kind: kind, Body: text}.Chained(nil))
		if err != nil {
			t.Fatal(err)
		}
		return string(line) + "\n"
	}
	v := deploy.Verification{Commit: deployedCommit, Target: deploy.Target{Component: "orders", Environment: "production"}}
	body := ledger.VerdictEntry{Verification: v, Plan: v.Plan.Hash(), Verdict: deploy.Verdict{Answer: deploy.Superseded, Reasons: []deploy.Reason{{Kind: deploy.ReasonNewer}}, Thresholds: deploy.DefaultThresholds}}
	superseded := entry(ledger.EntryVerdict, body)
	undeclared := body
	undeclared.Verdict.Answer, undeclared.Verdict.Reasons = deploy.Inconclusive, []deploy.Reason{{Kind: deploy.ReasonNotDeclared}}
	for name, c := range map[string]struct{ text, want string }{
		"superseded":    {superseded + entry(ledger.EntryGate, "x"), "The replay gives the same verdict, bit for bit, from the data stored at 0001-01-01 00:00:00 UTC.\n[3]"},
		"inconclusive":  {entry(ledger.EntryVerdict, undeclared), "The replay gives the same verdict, bit for bit, from the data stored at 0001-01-01 00:00:00 UTC.\n[3]"},
		"two":           {superseded + superseded, "FILE: expected one verdict, found 2[2]"},
		"none":          {entry(ledger.EntryGate, "x"), "FILE: expected one verdict, found 0[2]"},
		"no JSON":       {"hello", "FILE: not a ledger entry in JSON: invalid character 'h' looking for beginning of value[2]"},
		"redacted":      {`{"kind":"verdict","redacted":true}`, "FILE: the entry has no body, because it was exported for a person without access[2]"},
		"without body":  {`{"kind":"verdict"}`, "FILE: read the verdict: unexpected end of JSON input[2]"},
		"another body":  {entry(ledger.EntryVerdict, map[string]any{"verdict": 1}), "of type deploy.Verdict[2]"},
		"an empty body": {entry(ledger.EntryVerdict, map[string]any{}), "FILE: read the verdict: the entry is not a verdict[2]"},
	} {
		path := filepath.Join(t.TempDir(), "entry.json")
		write(t, path, c.text)
		r := &terminalRun{}
		if got := strings.ReplaceAll(r.run(t.Context(), "--replay", path), path, "FILE"); !strings.HasSuffix(got, c.want) {
			t.Errorf("%s: %s\nexpected %s", name, got, c.want)
		}
	}
}
