package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"plimsoll/cmd/plimsoll/internal/git/gittest"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server/simulator"
)

const (
	shopFile = "version: 1\ncomponents:\n  - name: shop\n    provides: [{api: shop, spec: openapi.yaml}]\n"
	webFile  = "version: 1\ncomponents:\n  - name: web\n    owner: \"@acme/web\"\n    consumes:\n      - api: shop\n        operations:\n          - op: getItem\n            reads: [name, price]\n"
	appFile  = "version: 1\ncomponents:\n  - name: app\n    consumes:\n      - api: shop\n        operations:\n          - op: getItem\n            reads: [name]\n"
)

var withoutPrice = strings.Replace(canContract, "                  price: {type: integer}\n", "", 1)

// workflowStep is a step of a workflow: a checkout as actions/checkout leaves it, and GitHub.
type workflowStep struct {
	t    *testing.T
	sim  *simulator.Simulator
	repo *simulator.Repository
	pull *simulator.PullRequest
	dir  string
	env  map[string]string
}

// newStep begins with a repository on main, and a pull request that changes files; nil removes.
func newStep(t *testing.T, base, change map[string]string) *workflowStep {
	t.Helper()
	sim := simulator.New(simulator.Options{})
	if err := sim.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, v := range sim.Violations() {
			t.Errorf("GitHub was asked wrongly: %s", v)
		}
		_ = sim.Close()
	})
	s := &workflowStep{t: t, sim: sim, dir: t.TempDir(), repo: sim.NewRepository("acme/shop", simulator.RepositoryOptions{Private: true})}
	s.repo.CommitAs("ana", "main", "Begin", map[string]string{"README.md": "Shop"})
	s.repo.CommitAs("ana", "change", "Change", map[string]string{"README.md": "Shop 2"})
	s.pull = s.repo.OpenPullRequest(simulator.PullRequestOptions{Author: "ana", Title: "Change", Head: "change", Base: "main"})

	gittest.Write(t, s.dir, base)
	from := gittest.Commit(t, s.dir)
	gittest.Run(t, s.dir, "checkout", "-q", "-b", "change")
	for name, text := range change {
		if text == "" {
			gittest.Run(t, s.dir, "rm", "-q", "--", name)
			continue
		}
		gittest.Write(t, s.dir, map[string]string{name: text})
	}
	head := gittest.Commit(t, s.dir)
	gittest.Run(t, s.dir, "checkout", "-q", "main")
	gittest.Run(t, s.dir, "merge", "-q", "--no-ff", "-m", "Merge", "change")
	t.Chdir(s.dir)

	out := t.TempDir()
	s.env = map[string]string{
		"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": filepath.Join(out, "event.json"), "GITHUB_REPOSITORY": "acme/shop",
		"GITHUB_SERVER_URL": "https://github.test", "GITHUB_API_URL": strings.TrimSuffix(sim.APIURL(), "/"), "GITHUB_RUN_ID": "77",
		"GITHUB_TOKEN":        s.repo.JobTokenWith(map[string]string{"pull_requests": "write", "contents": "read"}),
		"GITHUB_STEP_SUMMARY": filepath.Join(out, "summary.md"), "GITHUB_OUTPUT": filepath.Join(out, "output"),
	}
	s.event(from, head, s.repo.ID())
	return s
}

// event writes the event of the pull request.
func (s *workflowStep) event(base, head string, headRepository int64) {
	s.t.Helper()
	text, err := json.Marshal(map[string]any{
		"action": "synchronize", "number": s.pull.Number(), "repository": map[string]any{"id": s.repo.ID(), "private": true, "visibility": "private"},
		"pull_request": map[string]any{
			"base": map[string]any{"ref": "main", "sha": base}, "head": map[string]any{"ref": "change", "sha": head, "repo": map[string]any{"id": headRepository}},
		},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	gittest.Write(s.t, filepath.Dir(s.env["GITHUB_EVENT_PATH"]), map[string]string{"event.json": string(text)})
}

// mergeGroup makes the step one of a merge group, as the event merge_group describes it.
func (s *workflowStep) mergeGroup(base, head string) {
	s.t.Helper()
	text, err := json.Marshal(map[string]any{
		"action": "checks_requested", "repository": map[string]any{"id": s.repo.ID(), "private": true, "visibility": "private"},
		"merge_group": map[string]any{
			"head_sha": head, "head_ref": "refs/heads/gh-readonly-queue/main/pr-1-" + base, "base_sha": base, "base_ref": "refs/heads/main",
			"head_commit": map[string]any{"id": head},
		},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.env["GITHUB_EVENT_NAME"] = "merge_group"
	gittest.Write(s.t, filepath.Dir(s.env["GITHUB_EVENT_PATH"]), map[string]string{"event.json": string(text)})
}

// stepResult is what a run of the step has left.
type stepResult struct {
	status          terminal.Answer
	log             string
	summary, output string
}

func (s *workflowStep) run(args ...string) stepResult {
	s.t.Helper()
	for _, name := range []string{"GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"} {
		if err := os.WriteFile(s.env[name], nil, 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	var log bytes.Buffer
	err := run(s.t.Context(), append([]string{"action"}, args...), func(name string) string { return s.env[name] }, &log, &log)
	out := stepResult{status: terminal.StatusOf(err), log: log.String(), summary: s.read("GITHUB_STEP_SUMMARY"), output: s.read("GITHUB_OUTPUT")}
	for where, text := range map[string]string{"log": out.log, "summary": out.summary, "output": out.output} {
		if token := s.env["GITHUB_TOKEN"]; token != "" && strings.Contains(text, token) {
			s.t.Errorf("the %s holds the token", where)
		}
	}
	return out
}

func (s *workflowStep) read(name string) string {
	s.t.Helper()
	text, err := os.ReadFile(s.env[name])
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func (r stepResult) has(t *testing.T, status terminal.Answer, parts ...string) {
	t.Helper()
	all := "status " + r.status.Error() + "\nlog:\n" + r.log + "\nsummary:\n" + r.summary + "\noutput:\n" + r.output
	if r.status != status {
		t.Errorf("status %d, want %d:\n%s", r.status, status, all)
	}
	for _, part := range parts {
		if !strings.Contains(all, part) {
			t.Errorf("lacks %q:\n%s", part, all)
		}
	}
}

// consumersBeside checks out consumers beside the repository, as steps with a path do.
func (s *workflowStep) consumersBeside(files map[string]string) string {
	s.t.Helper()
	beside := s.t.TempDir()
	gittest.Write(s.t, beside, files)
	return beside
}

// shopAndPrice is a repository whose pull request drops the price.
func shopAndPrice(t *testing.T) *workflowStep {
	return newStep(t, map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": canContract}, map[string]string{"openapi.yaml": withoutPrice})
}

// post comments with a token.
func (s *workflowStep) post(token, body string) {
	s.t.Helper()
	text, _ := json.Marshal(map[string]string{"body": body})
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.env["GITHUB_API_URL"]+fmt.Sprintf("/repos/acme/shop/issues/%d/comments", s.pull.Number()), bytes.NewReader(text))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode != http.StatusCreated {
		s.t.Fatalf("comment: %v, %v", res, err)
	}
	_ = res.Body.Close()
}

func (s *workflowStep) commit(rev string) string {
	s.t.Helper()
	return gittest.Run(s.t, s.dir, "rev-parse", rev)
}

// packageFolder is where the tests begin; some change the folder.
var packageFolder, _ = os.Getwd()

// checkSARIF holds a file against the standard's schema, and against what GitHub refuses.
func checkSARIF(t *testing.T, file string) {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(packageFolder, "..", "..", "testdata", "sarif", "sarif-schema-2.1.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err == nil {
		err = schema.Validate(document)
	}
	if err != nil {
		t.Errorf("not valid by SARIF's schema: %v", err)
	}
	var log struct {
		Runs []struct {
			AutomationDetails struct{ ID string }
			Results           []struct{ Locations []any }
		}
	}
	if err := json.Unmarshal(text, &log); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, run := range log.Runs {
		if ids[run.AutomationDetails.ID] || run.AutomationDetails.ID == "" {
			t.Errorf("two runs have the id %q", run.AutomationDetails.ID)
		}
		ids[run.AutomationDetails.ID] = true
	}
}
