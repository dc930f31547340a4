package server_test

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"plimsoll/server"
	"plimsoll/server/simulator"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed/testbedtest"
)

// bootstrapSize is how many repositories are read for the first time:
// PLIMSOLL_BOOTSTRAP, or few.
func bootstrapSize(t *testing.T) int {
	given := os.Getenv("PLIMSOLL_BOOTSTRAP")
	if given == "" {
		return 200
	}
	n, err := strconv.Atoi(given)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The first reading of many repositories is killed twice on the way and meets the
// rate limit: it goes on where it was, reads nothing again that was done, waits for
// the limit's end, and what was evaluated meanwhile is evaluated again.
func TestTheFirstReadingSurvivesKillsAndTheRateLimit(t *testing.T) {
	const workers = 8 // the default
	n := bootstrapSize(t)
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		github := testbedtest.GitHubAt(t, time.Now)
		address := freeAddress(t)
		github.SetHook("http://" + address + server.HookPath)
		shop := manyRepositories(github, n)
		process := startProcess(t, github, dsn, address, unthrottled+"=1")
		began := time.Now()
		installation := github.Install("acme")
		for range 2 {
			goOn := hold(t, github, simulator.Fault{Operation: "repos/get-commit", Skip: n / 4})
			process.end(t, syscall.SIGKILL)
			goOn()
			storetest.EndLeases(t, dsn)
			process = startProcess(t, github, dsn, address, unthrottled+"=1")
		}
		goOn := hold(t, github, simulator.Fault{Operation: "repos/get-commit", Skip: n / 4})
		exhaust(t, github, installation, n/10, goOn)
		shop.CommitAs("ana", "change", "Drop the color", map[string]string{"openapi.yaml": without("color")})
		pull := shop.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Author: "ana"})
		read := awaitRead(t, github, n)
		deadline := time.Now().Add(patience)
		for len(pull.Checks(onContracts)) == 0 || pull.Checks(onContracts)[0].Conclusion != "success" {
			if time.Now().After(deadline) {
				t.Fatalf("it was not judged again:\n%s", github.Render(pull))
			}
			time.Sleep(10 * time.Millisecond)
		}
		process.end(t, syscall.SIGTERM)
		t.Logf("%d repositories in %s, %d requests, %d of them for heads of branches", n, time.Since(began).Round(time.Millisecond), len(github.Requests()), read)
		// What was under way is begun again: at two kills, and where the limit stopped
		// a job between its requests.
		if read > n+3*workers {
			t.Errorf("%d heads were read of %d repositories: more than was under way at two kills and at the limit", read, n)
		}
		refused := 0
		for _, e := range github.Requests() {
			if e.Status == http.StatusForbidden {
				refused++
			}
		}
		if refused > workers {
			t.Errorf("%d requests were sent against the rate limit", refused)
		}
		s := storetest.Open(t, store.Options{DSN: dsn})
		scan, err := s.Scan(t.Context(), installation.ID())
		if err != nil || scan.Running || scan.Done != n || scan.Total != n {
			t.Errorf("the scan: %+v, %v", scan, err)
		}
		if enrolled := enrolledIn(t, s, installation.ID()); enrolled != n/5 {
			t.Errorf("%d repositories take part, expected %d", enrolled, n/5)
		}
		if !strings.Contains(process.log.String(), "rate limit of installation") {
			t.Error("the rate limit was not met")
		}
		if log := process.log.String(); !strings.Contains(log, `"message":"reading repositories"`) || !strings.Contains(log, fmt.Sprintf(`"read":%d,"repositories":%d,"rate_left":`, n, n)) {
			t.Error("the log does not tell how far the reading has come")
		}
	})
}

// enrolledIn counts the enrolled repositories of an installation.
func enrolledIn(t *testing.T, s *store.Store, installation int64) (n int) {
	t.Helper()
	all, err := s.Repositories(t.Context(), installation)
	if err != nil {
		t.Fatal(err)
	}
	for _, repo := range all {
		enrolled, err := s.IsEnrolled(t.Context(), repo.RepositoryRef)
		if err != nil {
			t.Fatal(err)
		}
		if enrolled {
			n++
		}
	}
	return n
}

// exhaust lets an installation have so many requests left for some seconds, and goes on
// until it uses them in that time, however slow the machine is.
func exhaust(t *testing.T, github *simulator.Simulator, installation *simulator.Installation, requests int, goOn func()) {
	t.Helper()
	for window := 3 * time.Second; window < patience; window *= 2 {
		used, ends := len(github.Requests()), time.Now().Add(window)
		github.SetRateLimit(installation, requests, ends)
		goOn()
		for time.Now().Before(ends) {
			if len(github.RequestsSince(used, false)) >= requests {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	t.Fatalf("it did not use %d requests", requests)
}

// manyRepositories makes n: a fifth take part, some of these with a file that can't
// be used; one is empty.
func manyRepositories(github *simulator.Simulator, n int) (shop *simulator.Repository) {
	for i := range n {
		repo := github.NewRepository(fmt.Sprintf("acme/r-%04d", i), simulator.RepositoryOptions{Private: true})
		files := map[string]string{"README.md": "nothing declared"}
		switch {
		case i == 1:
			continue // empty
		case i == 0:
			shop = repo
			files = map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": shopContract}
		case i%50 == 5:
			files[".github/plimsoll.yml"] = "version: [1\n" + strings.Repeat("[", 5000)
		case i%5 == 0:
			files[".github/plimsoll.yml"] = strings.ReplaceAll(webFile, "price", "name")
		}
		repo.CommitAs("ana", "main", "Begin", files)
	}
	return shop
}

// awaitRead waits until the heads of so many repositories have been read, and gives
// how many requests for heads were answered.
func awaitRead(t *testing.T, github *simulator.Simulator, repositories int) (answered int) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Minute)
	for {
		seen := map[string]bool{}
		answered = 0
		for _, e := range github.Requests() {
			if e.Operation == "repos/get-commit" && e.Status != http.StatusForbidden {
				answered++
				seen[e.Path] = true
			}
		}
		if len(seen) >= repositories {
			return answered
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d repositories were read", len(seen), repositories)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
