package server_test

import (
	"database/sql"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"plimsoll/server"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed/testbedtest"
)

// A process is killed while a destination takes an event: the next one sends it again with the
// same id, every destination gets it, and Grafana has one annotation.
func TestNotificationsThroughKill9(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		r := newReceiver(t)
		taken, killed := make(chan struct{}), make(chan struct{})
		r.took = func() {
			close(taken)
			<-killed
		}
		service := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		t.Cleanup(service.Close)
		github := testbedtest.GitHubAt(t, time.Now)
		address := freeAddress(t)
		github.SetHook("http://" + address + server.HookPath)
		environment := []string{
			"PLIMSOLL_PROBES_ALLOW=127.0.0.0/8", "PLIMSOLL_PROBES_ACCOUNTS=*",
			"PLIMSOLL_NOTIFICATIONS_0_NAME=platform", "PLIMSOLL_NOTIFICATIONS_0_WEBHOOK=" + r.URL + "/hook", "PLIMSOLL_NOTIFICATIONS_0_SECRETS=" + hookSecret + "," + oldSecret, "PLIMSOLL_NOTIFICATIONS_0_ACCOUNTS=*",
			"PLIMSOLL_NOTIFICATIONS_1_NAME=deploys", "PLIMSOLL_NOTIFICATIONS_1_SLACK=" + r.URL + slackPath, "PLIMSOLL_NOTIFICATIONS_1_ACCOUNTS=*",
			"PLIMSOLL_NOTIFICATIONS_2_NAME=graphs", "PLIMSOLL_NOTIFICATIONS_2_GRAFANA=" + r.URL + "/grafana", "PLIMSOLL_NOTIFICATIONS_2_TOKEN=" + grafanaToken, "PLIMSOLL_NOTIFICATIONS_2_ACCOUNTS=*",
		}
		first := startProcess(t, github, dsn, address, environment...)
		orders := github.NewRepository("acme/orders", simulator.RepositoryOptions{Private: true})
		file := strings.NewReplacer("for: 5m", "for: 1s", "          every: 1m\n", "", "            - get: /version\n              expect: {json: {sha: \"{{deployment.sha}}\"}}\n", "").Replace(watchedFile)
		commit := orders.CommitAs("ana", "main", "Begin", map[string]string{".github/plimsoll.yml": file, "main.go": "package main"})
		github.Install("acme")
		awaitRegistered(t, first, 1)
		deployment := orders.Deploy("production", commit, simulator.DeployOptions{Creator: "bob"})
		deployment.Status("in_progress", "")
		deployment.Status("success", service.URL)
		select {
		case <-taken:
		case <-time.After(patience):
			t.Fatal("nothing was sent")
		}
		first.end(t, syscall.SIGKILL)
		close(killed)
		storetest.EndLeases(t, dsn)
		startProcess(t, github, dsn, address, environment...)
		db := storetest.Raw(t, dsn)
		for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
			seen := r.seen()
			if len(seen.events) == 2 && len(seen.texts) > 0 && len(seen.annotations) == 1 && allDone(t, db) {
				if ids := slices.Compact(seen.ids); len(ids) != 1 {
					t.Errorf("the ids of the tries are %q", ids)
				}
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%d events, %d texts, %d annotations", len(seen.events), len(seen.texts), len(seen.annotations))
			}
		}
	})
}

// allDone reports whether all jobs of notifications are done.
func allDone(t *testing.T, db *sql.DB) bool {
	t.Helper()
	var done, others int
	err := db.QueryRowContext(t.Context(), "SELECT COALESCE(SUM(CASE WHEN state = 'done' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN state = 'done' THEN 0 ELSE 1 END), 0) FROM jobs WHERE kind LIKE 'notify/%'").Scan(&done, &others)
	if err != nil {
		t.Fatal(err)
	}
	return done == 3 && others == 0
}
