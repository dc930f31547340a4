package server_test

import (
	"cmp"
	"compress/gzip"
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// story is what happens in an organisation while one version of the server runs. The
// same story is told twice: once to the server that writes the database, and later, to
// the simulated GitHub alone, so that it holds what the database remembers.
type story struct {
	t       *testing.T
	github  *simulator.Simulator
	clock   *clock
	service *service
	url     string // where the service is reached
	// settle waits until the server has answered all that happened so far.
	settle func()

	orders, web *simulator.Repository
	app         *simulator.Installation
	// good was verified, bad was rolled back to good, next is being observed.
	good, bad, next string
	// acknowledged and failing are open pull requests that break web.
	acknowledged, failing *simulator.PullRequest
}

const storyFile = `version: 1
components:
  - name: orders
    owner: "@acme/orders"
    provides:
      - api: shop
        spec: openapi.yaml
    environments:
      production:
        on_failure: [comment, status, rollback]
        rollback: {by: deployment}
        verify:
          for: 5m
          every: 1m
          probes:
            - get: /healthz
            - get: /version
              expect: {json: {sha: "{{deployment.sha}}"}}
`

func (s *story) tell() {
	s.t.Helper()
	s.orders = s.github.NewRepository("acme/orders", simulator.RepositoryOptions{Private: true})
	s.orders.CommitAs("ana", "main", "Begin", map[string]string{".github/plimsoll.yml": storyFile, "openapi.yaml": shopContract, "main.go": "package main"})
	s.web = s.github.NewRepository("acme/web", simulator.RepositoryOptions{Private: true})
	s.web.CommitAs("ana", "main", "Begin", map[string]string{".github/plimsoll.yml": webFile})
	s.github.Team("acme", "web", "tom")
	s.app = s.github.Install("acme")
	s.settle()

	s.good = s.merged("good")
	s.deployed(s.good, http.StatusOK)
	s.pass(5)

	s.bad = s.merged("bad")
	s.deployed(s.bad, http.StatusServiceUnavailable)
	s.pass(3)
	s.service.runs(s.good, http.StatusOK)
	for _, d := range s.orders.Deployments() {
		if d.Task() == "rollback" {
			d.Status("in_progress", "")
			d.Status("success", s.url)
		}
	}
	s.settle()
	s.pass(5)

	s.acknowledged = s.pull("drop-price", map[string]string{"openapi.yaml": without("price")})
	s.acknowledged.Comment("tom", "/plimsoll ack all we drop it in January")
	s.settle()
	s.failing = s.pull("drop-name", map[string]string{"openapi.yaml": without("name")})

	s.next = s.merged("next")
	s.deployed(s.next, http.StatusOK)
	s.pass(2)
}

func (s *story) pull(branch string, files map[string]string) *simulator.PullRequest {
	s.orders.CommitAs("ana", branch, "Change "+branch, files)
	pull := s.orders.OpenPullRequest(simulator.PullRequestOptions{Head: branch, Author: "ana"})
	s.settle()
	return pull
}

func (s *story) merged(branch string) string {
	s.t.Helper()
	commit, err := s.pull(branch, map[string]string{"main.go": "package main // " + branch}).Merge(simulator.Squash)
	if err != nil {
		s.t.Fatal(err)
	}
	s.settle()
	return commit
}

func (s *story) deployed(commit string, health int) {
	s.service.runs(commit, health)
	d := s.orders.Deploy("production", commit, simulator.DeployOptions{Creator: "bob"})
	d.Status("in_progress", "")
	d.Status("success", s.url)
	s.settle()
}

func (s *story) pass(minutes int) {
	for range minutes {
		s.clock.set(s.clock.Now().Add(time.Minute))
		s.settle()
	}
}

// written is what a server did to GitHub in a story.
type written struct {
	// Service is where the deployed service was reached.
	Service string `json:"service"`
	// Steps holds the calls before each time the story settled.
	Steps [][]call `json:"steps"`
}

type call struct {
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Body   json.RawMessage `json:"body"`
}

// opened is a testbed for a story, with a server on a database.
func (s *story) open(dsn string) *testbedtest.Testbed {
	return testbedtest.Open(s.t, testbed.Options{
		DSN: dsn, GitHub: s.github, Clock: s.clock.Now, Queue: brisk(), Unthrottled: true,
		Probes: []config.Allowed{{Prefix: netip.MustParsePrefix("127.0.0.0/8")}},
	})
}

func newStory(t *testing.T) *story {
	s := &story{t: t, clock: &clock{now: testbedtest.Noon}, service: &service{health: http.StatusOK}}
	server := httptest.NewServer(s.service)
	t.Cleanup(server.Close)
	s.url = server.URL
	s.github = testbedtest.GitHubAt(t, s.clock.Now)
	return s
}

// TestWriteEarlierDatabase tells the story to the server of this commit and keeps the
// database for later versions to read: see store/testdata/earlier/README.md.
func TestWriteEarlierDatabase(t *testing.T) {
	folder := cmp.Or(os.Getenv("PLIMSOLL_WRITE_DATABASE"), t.TempDir())
	s, dsn := newStory(t), storetest.SQLite(t)
	bed := s.open(dsn)
	record := written{Service: s.url}
	seen := 0
	s.settle = func() {
		bed.Settle()
		step := []call{}
		for _, e := range s.github.RequestsSince(seen, false) {
			if e.Writes && e.Status < 300 {
				step = append(step, call{e.Method, e.Path, json.RawMessage(e.Body)})
			}
		}
		seen = len(s.github.Requests())
		record.Steps = append(record.Steps, step)
	}
	s.tell()
	if err := bed.StopServer(); err != nil {
		t.Fatal(err)
	}
	t.Log(s.github.RenderAll())
	file := filepath.Join(t.TempDir(), "small.db")
	db, err := sql.Open("sqlite", strings.TrimPrefix(dsn, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("VACUUM INTO ?", file); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	small, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	calls, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"sqlite.gz": small, "written.json.gz": calls} {
		out, err := os.Create(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		zip, err := gzip.NewWriterLevel(out, gzip.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := zip.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := zip.Close(); err != nil {
			t.Fatal(err)
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func readZipped(t *testing.T, name string) []byte {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	zip, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
