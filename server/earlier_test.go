package server_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bradleyfalzon/ghinstallation/v2"

	"plimsoll/handlers/work"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
)

// replay tells the story to GitHub without a server: what the earlier version wrote is
// written in the same order, so that everything gets the same ids.
func (s *story) replay(record written) {
	s.t.Helper()
	sink := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer sink.Close()
	s.github.SetHook(sink.URL) // deliveries take their ids
	steps := record.Steps
	s.settle = func() {
		s.t.Helper()
		if len(steps) == 0 {
			s.t.Fatal("the story has more steps than were recorded")
		}
		for _, c := range steps[0] {
			s.write(c)
		}
		steps = steps[1:]
		if err := s.github.Flush(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
	}
	s.tell()
	if len(steps) > 0 {
		s.t.Fatalf("%d steps were recorded that the story does not have", len(steps))
	}
}

// write is a call of the App.
func (s *story) write(c call) {
	s.t.Helper()
	app, err := ghinstallation.New(http.DefaultTransport, s.github.AppID(), s.app.ID(), s.github.PrivateKeyPEM())
	if err != nil {
		s.t.Fatal(err)
	}
	app.BaseURL = strings.TrimSuffix(s.github.APIURL(), "/")
	request, err := http.NewRequestWithContext(s.t.Context(), c.Method, app.BaseURL+c.Path, bytes.NewReader(c.Body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := (&http.Client{Transport: app}).Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode >= http.StatusMultipleChoices {
		s.t.Fatalf("%s %s: %s, %v", c.Method, c.Path, answer.Status, err)
	}
}

// leaveWaiting has a job of every kind wait that has another name today.
func leaveWaiting(t *testing.T, dsn string) {
	t.Helper()
	for id, kind := range map[string]string{"waits-1": "judge", "waits-2": "follow"} {
		made, err := storetest.Raw(t, dsn).ExecContext(t.Context(), `INSERT INTO jobs (id, installation, kind, key, dedupe, args, state, attempt, failures, run_at, owner, last_error, created_at, updated_at)
			SELECT $1, installation, $2, key, $1, args, 'ready', 0, 0, run_at, '', '', created_at, updated_at FROM jobs WHERE kind = 'follow' AND state = 'done'`, id, kind)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := made.RowsAffected(); err != nil || n != 1 {
			t.Fatalf("%d jobs, %v; expected one", n, err)
		}
	}
}

// moveService has what is being observed reached at another address.
func (s *story) moveService(dsn, from string) {
	s.t.Helper()
	moved, err := storetest.Raw(s.t, dsn).ExecContext(s.t.Context(), "UPDATE verifications SET body = replace(body, $1, $2) WHERE answer = ''", from, s.url)
	if err != nil {
		s.t.Fatal(err)
	}
	if n, err := moved.RowsAffected(); err != nil || n != 1 {
		s.t.Fatalf("%d verifications go on, %v; expected one", n, err)
	}
}

// standing counts the check runs of each name, and the comments.
func standing(pull *simulator.PullRequest) map[string]int {
	counts := map[string]int{"comments": len(pull.Comments())}
	for _, run := range pull.Checks() {
		counts[run.Name]++
	}
	return counts
}

// Today's server goes on with a database that an earlier version wrote: what stands on
// GitHub is edited, not made a second time, and what was being observed ends.
func TestEarlierDatabases(t *testing.T) {
	storetest.EachEarlier(t, func(t *testing.T, folder, dsn string) {
		var record written
		if err := json.Unmarshal(readZipped(t, filepath.Join(folder, "written.json.gz")), &record); err != nil {
			t.Fatal(err)
		}
		s := newStory(t)
		s.replay(record)
		s.moveService(dsn, record.Service)
		leaveWaiting(t, dsn)
		w := &watching{t: t, dsn: dsn, clock: s.clock, service: s.service, url: s.url, orders: s.orders, app: s.app}
		w.Testbed = s.open(dsn)
		before := map[*simulator.PullRequest]map[string]int{s.acknowledged: standing(s.acknowledged), s.failing: standing(s.failing)}

		t.Run("jobs", func(t *testing.T) {
			w.Settle()
			for id, kind := range map[string]string{"waits-1": work.KindEvaluate, "waits-2": work.KindReevaluate} {
				var is, state, failure string
				row := storetest.Raw(t, dsn).QueryRowContext(t.Context(), "SELECT kind, state, last_error FROM jobs WHERE id = $1", id)
				if err := row.Scan(&is, &state, &failure); err != nil || is != kind || state != "done" || failure != "" {
					t.Errorf("%s %s: %s, %v; expected a done job of the kind %s", state, is, failure, err, kind)
				}
			}
		})
		t.Run("pull requests", func(t *testing.T) {
			s.acknowledged.Close()
			s.acknowledged.Reopen()
			s.web.CommitAs("ana", "main", "Read less", map[string]string{".github/plimsoll.yml": strings.Replace(webFile, "[name, price]", "[name]", 1)})
			w.Settle()
			for _, pull := range []*simulator.PullRequest{s.acknowledged, s.failing} {
				if now := standing(pull); !maps.Equal(now, before[pull]) {
					t.Errorf("#%d has %v, expected %v as before:\n%s", pull.Number(), now, before[pull], w.GitHub.Render(pull))
				}
			}
			if run := s.failing.Checks(onContracts)[0]; run.Conclusion != "failure" {
				t.Errorf("it concludes %q, expected a failure", run.Conclusion)
			}
			if run, _ := s.orders.NewestCheck(s.acknowledged.HeadSHA(), onContracts); run.Conclusion != "success" {
				t.Errorf("it concludes %q, expected success now that nobody reads the price:\n%s", run.Conclusion, w.GitHub.Render(s.acknowledged))
			}
		})
		t.Run("observation", func(t *testing.T) {
			w.pass(3)
			w.concluded(s.next, "success", "verified")
		})
		w.decidesAgain() // also what the earlier version decided
		t.Run("rollback", func(t *testing.T) {
			w.concluded(s.bad, "failure", "Roll")
			if n := len(w.rollbacks()); n != 1 {
				t.Errorf("%d rollbacks, expected one", n)
			}
		})
	})
}
