package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"plimsoll/server"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed/testbedtest"
)

// sharedData is where larger real data lies, beside the repository.
var sharedData = filepath.Join("..", "..", "shared", "data")

// The real thing: GitHub's own description, 12 MB, from 22.0.0 to 23.0.0 as a pull
// request, with three consumers of which two are hit. The server runs in a process
// of its own, so that its memory can be told.
func TestGitHubsOwnDescription(t *testing.T) {
	folder := filepath.Join(sharedData, "specs", "github-22.0.0-23.0.0")
	base, err := os.ReadFile(filepath.Join(folder, "base.json"))
	if err != nil {
		t.Skipf("GitHub's description (two versions, 12 MB each) is not here, so a real contract of that size was not tried: %v", err)
	}
	head, err := os.ReadFile(filepath.Join(folder, "head.json"))
	if err != nil {
		t.Fatal(err)
	}
	github := testbedtest.GitHubAt(t, time.Now)
	address := freeAddress(t)
	github.SetHook("http://" + address + server.HookPath)
	process := startProcess(t, github, storetest.SQLite(t), address)

	api := github.NewRepository("acme/github-api", simulator.RepositoryOptions{Private: true})
	api.CommitAs("ana", "main", "Begin", map[string]string{
		".github/plimsoll.yml": "version: 1\ncomponents:\n  - name: api\n    owner: \"@acme/api\"\n    provides:\n      - {api: rest, spec: api.github.com.json}\n",
		"api.github.com.json":  string(base),
	})
	for name, operation := range map[string]string{
		"quota-watch": "{op: GET /rate_limit, reads: [resources.core.remaining, resources.code_scanning_upload.limit]}",
		"team-sync":   "{op: \"GET /teams/{team_id}/discussions\", reads: [\"[].title\"]}",
		"bystander":   "{op: GET /rate_limit, reads: [resources.core.remaining]}",
	} {
		repo := github.NewRepository("acme/"+name, simulator.RepositoryOptions{Private: true})
		repo.CommitAs("ana", "main", "Begin", map[string]string{".github/plimsoll.yml": fmt.Sprintf(
			"version: 1\ncomponents:\n  - name: %s\n    owner: \"@acme/%s\"\n    consumes:\n      - api: rest\n        operations:\n          - %s\n", name, name, operation)})
	}
	github.Install("acme")
	awaitRegistered(t, process, 4)

	for _, state := range []string{"base at hand", "both at hand"} {
		before := len(github.Requests())
		branch := strings.ReplaceAll(state, " ", "-")
		api.CommitAs("ana", branch, "Describe 23.0.0", map[string]string{"api.github.com.json": string(head)})
		started := time.Now()
		pull := api.OpenPullRequest(simulator.PullRequestOptions{Head: branch, Author: "ana"})
		awaitAnswered(t, []*simulator.PullRequest{pull})
		took := time.Since(started)
		awaitComments(t, []*simulator.PullRequest{pull})
		check := pull.Checks(onContracts)[0]
		if check.Conclusion != "failure" || !strings.HasPrefix(check.Title, "2 consumers break: quota-watch, team-sync") {
			t.Errorf("%s: %s\n%s", check.Conclusion, check.Title, check.Summary)
		}
		for _, want := range []string{"reads `resources.code_scanning_upload.limit`", "`GET /teams/{team_id}/discussions`"} {
			if !strings.Contains(check.Summary, want) {
				t.Errorf("the summary does not say %q:\n%s", want, check.Summary)
			}
		}
		if strings.Contains(check.Title+check.Summary, "bystander") {
			t.Errorf("a consumer that is not hit was named:\n%s", check.Summary)
		}
		t.Logf("%s: %d ms from the webhook to the check run, %d requests, peak memory of the server %s",
			state, took.Milliseconds(), len(github.RequestsSince(before, false)), peakMemory(t, process.command.Process.Pid))
	}
}

var highWater = regexp.MustCompile(`VmHWM:\s*(\d+) kB`)

// peakMemory gives the largest resident size that a process has had.
func peakMemory(t *testing.T, pid int) string {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return "not known here"
	}
	found := highWater.FindSubmatch(status)
	if found == nil {
		return "not known here"
	}
	return string(found[1]) + " kB"
}
