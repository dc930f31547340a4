package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"plimsoll/cmd/plimsoll/internal/jobs"
	"plimsoll/handlers/source"
	"plimsoll/server/queue"
	"plimsoll/server/store"
	"plimsoll/server/store/sqlc"
	"plimsoll/server/store/storetest"
)

// jobsOf fills a database and keeps it open, as a server does: three dead jobs of two
// installations, one that waits for its second try, and one for later. The queue that it
// gives runs what is due; catchUp sets its clock to the commands' time.
func jobsOf(t *testing.T, dsn string) (q *queue.Queue, catchUp func()) {
	t.Helper()
	now := ledgerNoon
	s := storetest.Open(t, store.Options{DSN: dsn, Clock: func() time.Time { return now }})
	if err := s.PutInstallation(t.Context(), 11, source.Account{Login: "acme"}, string(store.Active)); err != nil {
		t.Fatal(err)
	}
	q, err := queue.New(s, queue.Config{Random: func() float64 { return 0 }})
	if err != nil {
		t.Fatal(err)
	}
	broken := true
	q.Register("event", func(context.Context, queue.Job) error {
		if broken {
			return queue.Permanent(errors.New("github answered 403 Resource not accessible\n\x1b[31mby integration"))
		}
		return nil
	})
	q.Register("verify", func(context.Context, queue.Job) error { return errors.New("github answered 502") })
	enqueue := func(jobs ...queue.Job) {
		t.Helper()
		if err := q.Enqueue(t.Context(), jobs...); err != nil {
			t.Fatal(err)
		}
		if _, err := q.RunDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Minute)
	}
	enqueue(queue.Job{ID: "job-1", Installation: 11, Kind: "event/pull_request", Key: "pull/70/5", Args: json.RawMessage(`{"delivery":"d-1"}`)})
	enqueue(queue.Job{ID: "job-2", Installation: 12, Kind: "event/push"})
	enqueue(queue.Job{ID: "job-3", Installation: 11, Kind: "event/push", Key: "repo/70"})
	enqueue(queue.Job{ID: "job-4", Installation: 11, Kind: "verify", Key: "verify/1"}, queue.Job{ID: "job-5", Kind: "sweep", RunAt: now.Add(time.Hour)})
	err = s.Tx(t.Context(), func(ctx context.Context, queries *sqlc.Queries) error {
		for _, id := range []string{"d-1", "d-0"} {
			if _, err := store.InsertDelivery(ctx, queries, store.Delivery{ID: id, Event: "pull_request", Installation: 11, Job: "job-1", ReceivedAt: now}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	broken = false
	return q, func() { now = time.Now().Add(time.Minute) }
}

func TestJobsCommands(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		q, catchUp := jobsOf(t, dsn)
		ask := func(args ...string) string {
			t.Helper()
			told := strings.SplitAfterN(asked(t, map[string]string{"PLIMSOLL_DATABASE": dsn}, append([]string{"jobs"}, args...)...), "\n", 2)[1]
			return strings.ReplaceAll(strings.TrimSpace(told), dsn, "DSN")
		}
		expect := func(args, want string) {
			t.Helper()
			if got := ask(strings.Fields(args)...); got != strings.TrimPrefix(want, "\n") {
				t.Errorf("jobs %s:\n%s\nexpected:%s", args, got, want)
			}
		}
		expect("list", `
JOB    STATE  ACCOUNT  KIND                SUBJECT    TRIES  TIME (UTC)           LAST ERROR
job-3  dead   acme     event/push          repo/70    1      2026-11-02 12:02:00  github answered 403 Resource not accessible [31mby integration
job-2  dead   12       event/push          -          1      2026-11-02 12:01:00  github answered 403 Resource not accessible [31mby integration
job-1  dead   acme     event/pull_request  pull/70/5  1      2026-11-02 12:00:00  github answered 403 Resource not accessible [31mby integration
job-4  ready  acme     verify              verify/1   1      2026-11-02 12:03:05  github answered 502
job-5  ready  -        sweep               -          0      2026-11-02 13:03:00  -
[0]`)
		expect("list --state ready,dead --installation 11 --kind event/push", `
JOB    STATE  ACCOUNT  KIND        SUBJECT  TRIES  TIME (UTC)           LAST ERROR
job-3  dead   acme     event/push  repo/70  1      2026-11-02 12:02:00  github answered 403 Resource not accessible [31mby integration
[0]`)
		expect("list --state dead --limit 1", `
JOB    STATE  ACCOUNT  KIND        SUBJECT  TRIES  TIME (UTC)           LAST ERROR
job-3  dead   acme     event/push  repo/70  1      2026-11-02 12:02:00  github answered 403 Resource not accessible [31mby integration
There are more dead jobs. Raise --limit to see them.
[0]`)
		expect("list --state running", "No jobs found.\n[0]")
		expect("show job-1", `
job:          job-1
state:        dead
account:      acme (installation 11)
kind:         event/pull_request
subject:      pull/70/5
failures:     1
created:      2026-11-02 12:00:00 UTC
died:         2026-11-02 12:00:00 UTC
deliveries:   d-0, d-1
arguments:    {"delivery":"d-1"}
last error:   github answered 403 Resource not accessible [31mby integration
[0]`)
		for _, c := range []struct{ args, want string }{
			{"list --state done", "plimsoll: --state done: use one of dead, running, ready\n[2]"},
			{"list --installation -5", "plimsoll: --installation -5: expected an installation id\n[2]"},
			{"list --limit 0", "plimsoll: --limit 0: expected 1 to 1000000\n[2]"},
			{"list --format yaml", "plimsoll: --format yaml: use one of text, json\n[2]"},
			{"show job-9", "plimsoll: no job job-9 (finished jobs are deleted after a while)\n[2]"},
			{"retry", "plimsoll: give job ids (see plimsoll jobs list), or --all\n[2]"},
			{"retry job-1 --all", "plimsoll: --all can't be combined with job ids\n[2]"},
			{"retry job-1 --kind verify", "plimsoll: --installation and --kind need --all\n[2]"},
			{"retry job-1 job-9", "plimsoll: no job job-9 (finished jobs are deleted after a while)\n[2]"},
			{"retry --all --kind sweep", "There are no dead jobs.\n[0]"},
			{"retry job-4", "Job job-4 is not dead. It is ready.\n[1]"},
			{"retry job-1 job-4", "Job job-1 will run again.\nJob job-4 is not dead. It is ready.\n[1]"},
			{"retry job-1", "Job job-1 is not dead. It is ready.\n[1]"},
			{"retry --all --installation 11", "Job job-3 will run again.\n[0]"},
			{"retry --all --format json", "{\n  \"schema\": \"plimsoll.jobs-retry/v1\",\n  \"retried\": [\n    \"job-2\"\n  ]\n}\n[0]"},
			{"retry --all", "There are no dead jobs.\n[0]"},
		} {
			expect(c.args, c.want)
		}
		// The server that has the database open runs them.
		catchUp()
		if n, err := q.RunDue(t.Context()); err != nil || n < 3 {
			t.Errorf("%d jobs ran, %v, expected the three that were dead", n, err)
		}
		if job, err := q.Job(t.Context(), "job-1"); err != nil || job.State != queue.Done {
			t.Errorf("%+v, %v", job, err)
		}
		expect("retry job-1", "Job job-1 is not dead. It is done.\n[1]")
	})
}

func TestJobsAsJSON(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		jobsOf(t, dsn)
		ask := func(into any, args ...string) {
			t.Helper()
			told := asked(t, nil, append([]string{"jobs", "--format", "json", "--database", dsn}, args...)...)
			_, told, _ = strings.Cut(told, "\n")
			if err := json.Unmarshal([]byte(strings.TrimSuffix(told, "[0]\n\n")), into); err != nil {
				t.Errorf("%v: %v\n%s", args, err, told)
			}
		}
		var list jobs.List
		ask(&list, "list", "--state", "dead", "--limit", "2")
		if list.Schema != "plimsoll.jobs/v1" || len(list.Jobs) != 2 || fmt.Sprint(list.Incomplete) != "[dead]" {
			t.Errorf("%+v", list)
		}
		want := jobs.Job{
			ID: "job-3", State: queue.Dead, Installation: 11, Account: "acme", Kind: "event/push", Subject: "repo/70", FailedTries: 1,
			CreatedAt: ledgerNoon.Add(2 * time.Minute), At: ledgerNoon.Add(2 * time.Minute),
			Error: "github answered 403 Resource not accessible\n\x1b[31mby integration",
		}
		if list.Jobs[0] != want {
			t.Errorf("%+v\nexpected %+v", list.Jobs[0], want)
		}
		var one jobs.Shown
		ask(&one, "show", "job-1")
		if one.Schema != "plimsoll.job/v1" || one.Job.ID != "job-1" || fmt.Sprint(one.Deliveries) != "[d-0 d-1]" || !strings.Contains(string(one.Arguments), `"d-1"`) {
			t.Errorf("%+v", one)
		}
	})
}

// A database that is not there is not made.
func TestJobsNeedADatabase(t *testing.T) {
	missing := t.TempDir() + "/none.db"
	for _, args := range [][]string{{"list"}, {"show", "x"}, {"retry", "x"}} {
		got := asked(t, nil, append([]string{"jobs", "--database", "sqlite:" + missing}, args...)...)
		if !strings.Contains(got, "no such file") || !strings.HasSuffix(got, "[2]\n\n") {
			t.Error(got)
		}
	}
}
