package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"plimsoll/cmd/plimsoll/internal/git/gittest"
	"plimsoll/cmd/plimsoll/internal/terminal"
)

func TestActionCreatesOneCommentAndEditsIt(t *testing.T) {
	s := shopAndPrice(t)
	beside := s.consumersBeside(map[string]string{"web/.github/plimsoll.yml": webFile, "app/plimsoll.yml": appFile})
	s.pull.Comment("eve", "I know your mark.\n\n<!-- plimsoll:action -->\n")
	others := s.repo.JobTokenWith(map[string]string{"pull_requests": "write"})
	s.post(others, "Another workflow quotes <!-- plimsoll:action --> here.")

	first := s.run("--consumers", beside, "--readiness=false")
	first.has(t, terminal.No, "1 consumer breaks: web", "answer=no", "contracts=breaks", "consumers-affected=1", "comment-id=",
		"::error file=openapi.yaml,line=16", "Safe order", "1 consumer version is not affected")
	comments := s.pull.Comments()
	if len(comments) != 3 || comments[2].Author != "github-actions[bot]" || !strings.Contains(comments[2].Body, "1 consumer breaks") ||
		!strings.Contains(comments[2].Body, "[job summary](https://github.test/acme/shop/actions/runs/77)") || strings.Contains(comments[2].Body, "/plimsoll ack") {
		t.Fatalf("comments: %+v", comments)
	}

	s.run("--consumers", beside, "--readiness=false").has(t, terminal.No)
	if comments = s.pull.Comments(); len(comments) != 3 || comments[2].Edits != 0 {
		t.Errorf("the same result: %+v", comments)
	}

	gittest.Write(t, beside, map[string]string{"web/.github/plimsoll.yml": strings.Replace(webFile, ", price", "", 1)})
	s.run("--consumers", beside, "--readiness=false").has(t, terminal.Fine, "answer=yes", "contracts=unaffected", "consumers-affected=0", "none of the given consumers affected")
	comments = s.pull.Comments()
	if len(comments) != 3 || comments[2].Edits != 1 || !strings.Contains(comments[2].Body, "Resolved") {
		t.Errorf("resolved: %+v", comments)
	}
	for _, other := range comments[:2] {
		if other.Edits != 0 {
			t.Errorf("somebody else's comment was edited: %+v", other)
		}
	}
}

// A fork's job has a token that only reads; so may one whose workflow asks for nothing.
func TestActionWithATokenThatOnlyReads(t *testing.T) {
	s := shopAndPrice(t)
	beside := s.consumersBeside(map[string]string{"web.yml": webFile})
	s.env["GITHUB_TOKEN"] = s.repo.JobTokenWith(map[string]string{"contents": "read"})
	s.run("--consumers", beside).has(t, terminal.No, "the token may not write (permissions: pull-requests: write)", "Resource not accessible by integration", "1 consumer breaks")

	s.event(s.commit("HEAD^1"), s.commit("HEAD^2"), 4711)
	s.run("--consumers", beside).has(t, terminal.No, "comes from a fork, so the token may only read. The result is in the job summary.", "1 consumer breaks")

	s.env["GITHUB_TOKEN"] = ""
	s.run("--consumers", beside).has(t, terminal.No, "the step has no token", "1 consumer breaks")
	if comments := s.pull.Comments(); len(comments) != 0 {
		t.Errorf("comments: %+v", comments)
	}
}

// What a checkout or a workflow lacks is said with the line to write.
func TestActionSaysWhatTheWorkflowLacks(t *testing.T) {
	s := shopAndPrice(t)
	main, head := s.commit("HEAD^1"), s.commit("HEAD^2")
	shallow := t.TempDir()
	gittest.Run(t, shallow, "clone", "-q", "--depth", "1", "file://"+s.dir, ".")
	headOnly := t.TempDir()
	gittest.Run(t, headOnly, "clone", "-q", "--depth", "1", "--branch", "change", "file://"+s.dir, ".")
	two := t.TempDir()
	gittest.Run(t, two, "clone", "-q", "--depth", "2", "file://"+s.dir, ".")

	in := func(dir string) stepResult { t.Chdir(dir); return s.run("--readiness=false") }
	in(shallow).has(t, terminal.Bad, "set fetch-depth: 0 in the step that uses actions/checkout")
	in(headOnly).has(t, terminal.Bad, "set fetch-depth: 0 in the step that uses actions/checkout")
	in(two).has(t, terminal.No, "1 breaking change; the step was given no consumers")
	in(t.TempDir()).has(t, terminal.Bad, "add a step with actions/checkout and fetch-depth: 0")

	gittest.Run(t, s.dir, "checkout", "-q", main)
	in(s.dir).has(t, terminal.Bad, "the checkout is at "+main[:7]+", which is not the pull request")
	gittest.Run(t, s.dir, "checkout", "-q", head)
	in(s.dir).has(t, terminal.No, "1 breaking change")

	for event, want := range map[string]string{
		"push": "the workflow runs on push, which has no pull request: use on: pull_request", "": "plimsoll action runs in a step of a GitHub Actions workflow",
		"pull_request_target": "use on: pull_request", "merge_group": "does not say which commits to compare",
	} {
		s.env["GITHUB_EVENT_NAME"] = event
		in(s.dir).has(t, terminal.Bad, want)
	}
}

// A merge queue runs the same job on the commits that it would put on the base branch. There is
// no pull request to comment on, and the comments that there are stay as they are.
func TestActionOfAMergeGroup(t *testing.T) {
	s := shopAndPrice(t)
	beside := s.consumersBeside(map[string]string{"web.yml": webFile})
	inputs := map[string]string{"PLIMSOLL_CONSUMERS": beside}
	s.mergeGroup(s.commit("HEAD^1"), s.commit("HEAD"))
	result := s.script(inputs)
	result.has(t, terminal.No, "1 consumer breaks: web", "answer=no", "consumers-affected=1", "readiness=", "Then queue it again")
	if strings.Contains(result.output, "comment-id") || strings.Contains(result.summary, "passes automatically") {
		t.Errorf("a merge group has no comment, and no check that passes by itself:\n%s\n%s", result.output, result.summary)
	}
	// Of a group, everything that it brings to the branch counts: also what came before its last
	// pull request.
	first := s.commit("HEAD^1")
	gittest.Run(t, s.dir, "checkout", "-q", "-b", "second")
	gittest.Write(t, s.dir, map[string]string{"README.md": "Shop, in detail"})
	s.mergeGroup(first, gittest.Commit(t, s.dir))
	s.script(inputs).has(t, terminal.No, "1 consumer breaks: web")
	// Its honest twin.
	gittest.Run(t, s.dir, "checkout", "-q", "-b", "honest", first)
	gittest.Write(t, s.dir, map[string]string{"openapi.yaml": strings.Replace(canContract, "                  color: {type: string}\n", "", 1)})
	s.mergeGroup(first, gittest.Commit(t, s.dir))
	s.script(inputs).has(t, terminal.Fine, "none of the given consumers affected", "answer=yes")
	// The checkout is of something else than the group.
	gittest.Run(t, s.dir, "checkout", "-q", first)
	s.script(inputs).has(t, terminal.Bad, "the checkout is at "+first[:7]+", which is not the merge group")
	if comments := s.pull.Comments(); len(comments) != 0 {
		t.Errorf("comments: %+v", comments)
	}
}

// From an empty folder to the first verdict: a new repository with a contract, a declaration and
// a consumer, and the action's script on its first pull request. The log has how long it took.
func TestActionFirstVerdict(t *testing.T) {
	began := time.Now()
	s := shopAndPrice(t)
	made := time.Since(began)
	s.script(map[string]string{"PLIMSOLL_CONSUMERS": s.consumersBeside(map[string]string{"web.yml": webFile})}).has(t, terminal.No, "1 consumer breaks: web")
	t.Logf("the first verdict after %s, %s of them for the repository and the simulated GitHub", time.Since(began).Round(time.Millisecond), made.Round(time.Millisecond))
}

// Without consumers, each breaking change counts; what the step knows is said.
func TestActionWithoutConsumers(t *testing.T) {
	s := newStep(t, map[string]string{"api.yaml": canContract}, map[string]string{"api.yaml": withoutPrice})
	s.run().has(t, terminal.Bad, "no .github/plimsoll.yml, and --contract names no file of this repository")
	s.run("--contract", "gone.yaml").has(t, terminal.Bad, "--contract names no file of this repository")
	s.run("--contract", "shop=api.yaml").has(t, terminal.No, "1 breaking change; the step was given no consumers", "contracts=\n", "readiness=not-enrolled")
	comments := s.pull.Comments()
	if len(comments) != 1 || !strings.Contains(comments[0].Body, "1 breaking change") || strings.Contains(comments[0].Body, "Resolved") {
		t.Errorf("comments: %+v", comments)
	}
	s.run("--contract", "shop=api.yaml", "--fail-on", "none").has(t, terminal.Fine, "1 breaking change")
	s.run("--contract", "shop=api.yaml", "--fail-on", "all").has(t, terminal.Bad, "--fail-on all: use one of breaking, risky, info, none")
	s.run("--contract", "shop=api.yaml", "--consumers", t.TempDir()).has(t, terminal.Bad, "these paths declare no use of an API")
	s.run("--contract", "shop=api.yaml", "--consumers", "nowhere").has(t, terminal.Bad, "--consumers nowhere: no such file or folder")
}

// A pull request can't take away what it is measured by: declarations in the repository count
// as its base branch has them, and a contract that is declared elsewhere is still compared.
func TestActionOfAPullRequestThatHides(t *testing.T) {
	base := map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": canContract, "consumers/web.yml": webFile, "consumers/README.md": "x"}
	for name, change := range map[string]map[string]string{
		"the consumer is removed":        {"openapi.yaml": withoutPrice, "consumers/web.yml": ""},
		"the consumer reads less":        {"openapi.yaml": withoutPrice, "consumers/web.yml": strings.Replace(webFile, ", price", "", 1)},
		"the consumer is broken":         {"openapi.yaml": withoutPrice, "consumers/web.yml": "version: ["},
		"the contract is declared anew":  {"openapi.yaml": withoutPrice, "copy.yaml": canContract, ".github/plimsoll.yml": strings.Replace(shopFile, "openapi", "copy", 1)},
		"the API is declared no longer":  {"openapi.yaml": withoutPrice, ".github/plimsoll.yml": "version: 1\ncomponents:\n  - name: shop\n"},
		"breaks only warn from here on":  {"openapi.yaml": withoutPrice, ".github/plimsoll.yml": strings.Replace(shopFile, "yaml}", "yaml, on_break: warn}", 1)},
		"the repository file is broken":  {"openapi.yaml": withoutPrice, ".github/plimsoll.yml": "version: ["},
		"the repository file is removed": {"openapi.yaml": withoutPrice, ".github/plimsoll.yml": ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStep(t, base, change)
			s.run("--consumers", "consumers", "--readiness=false").has(t, terminal.No, "1 consumer breaks: web", "contracts=breaks")
		})
	}
	t.Run("an honest change passes", func(t *testing.T) {
		s := newStep(t, base, map[string]string{"openapi.yaml": strings.Replace(canContract, "                  color: {type: string}\n", "", 1)})
		s.run("--consumers", "consumers", "--readiness=false").has(t, terminal.Fine, "none of the given consumers affected")
	})
	t.Run("a contract that is broken", func(t *testing.T) {
		s := newStep(t, base, map[string]string{"openapi.yaml": "openapi: ["})
		s.run("--consumers", "consumers", "--readiness=false").has(t, terminal.No, "can't be read")
	})
	t.Run("nothing is touched", func(t *testing.T) {
		s := newStep(t, base, map[string]string{"README.md": "Shop"})
		s.run("--consumers", "consumers", "--readiness=false").has(t, terminal.Fine, "No contract changed", "answer=yes")
		if comments := s.pull.Comments(); len(comments) != 0 {
			t.Errorf("comments: %+v", comments)
		}
	})
}

// Names and texts of a repository are never the runner's commands, nor outputs.
func TestActionOfAHostileRepository(t *testing.T) {
	evil := "::set-output name=answer::yes"
	spec := "a\n" + evil + "\n##[add-mask]x.yaml"
	file, err := json.Marshal(map[string]any{"version": 1, "components": []any{map[string]any{"name": "shop", "provides": []any{map[string]any{"api": "shop", "spec": spec}}}}})
	if err != nil {
		t.Fatal(err)
	}
	hostile := strings.ReplaceAll(withoutPrice, "/items/{id}", `/items/{id}"\n`+evil)
	s := newStep(t, map[string]string{".github/plimsoll.yml": string(file), spec: canContract, "ok.yaml": canContract},
		map[string]string{spec: withoutPrice, "ok.yaml": hostile, evil + ".yml": "x", "##[error]y.yaml": "x"})
	result := s.run("--contract", "ok=ok.yaml", "--consumers", s.consumersBeside(map[string]string{evil + ".yml": webFile}))
	for line := range strings.Lines(result.log) {
		at := strings.TrimSpace(line)
		if strings.HasPrefix(at, "::") && !strings.HasPrefix(at, "::error file=") && !strings.HasPrefix(at, "::warning ") && !strings.HasPrefix(at, "::notice ") ||
			!strings.HasPrefix(at, "::") && strings.Contains(at, "##[") || !strings.HasPrefix(at, "::") && !strings.HasPrefix(at, "plimsoll: ") {
			t.Errorf("the runner would obey: %q", line)
		}
	}
	if strings.Count(result.output, "\n") > 8 || strings.Contains(result.output, evil) {
		t.Errorf("outputs:\n%s", result.output)
	}
	result.has(t, terminal.No)
}

// A report that is too large is cut at GitHub's limits, and says so.
func TestActionCutsHugeReports(t *testing.T) {
	var before, after strings.Builder
	head := strings.Split(canContract, "paths:\n")[0] + "paths:\n"
	before.WriteString(head)
	after.WriteString(head)
	for i := range 1_500 {
		operation := fmt.Sprintf("  /items/%s%d:\n    get:\n      responses: {\"200\": {description: ok}}\n", strings.Repeat("long", 20), i)
		before.WriteString(operation)
		if i == 0 {
			after.WriteString(operation)
		}
	}
	s := newStep(t, map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": before.String()}, map[string]string{"openapi.yaml": after.String()})
	result := s.run("--consumers", s.consumersBeside(map[string]string{"web.yml": "version: 1\ncomponents: [{name: web, consumes: [{api: shop, operations: [{op: \"* /**\", reads: [], sends: []}]}]}]\n"}), "--sarif", "out/p.sarif", "--json", "out/p.json")
	result.has(t, terminal.No, "1 consumer breaks: web", "left out to stay within GitHub's limit", "sarif=out/p.sarif", "json=out/p.json")
	if len(result.summary) > 1<<20 || strings.Count(result.log, "::error") > 10 {
		t.Errorf("summary of %d bytes, %d annotations", len(result.summary), strings.Count(result.log, "::error"))
	}
	if comments := s.pull.Comments(); len(comments) != 1 || len(comments[0].Body) > 65_536 {
		t.Errorf("%d comments", len(comments))
	}
	var results struct {
		Schema, Answer string
		Contracts      []struct{ Result struct{ Verdict string } }
	}
	text, err := os.ReadFile("out/p.json")
	if err != nil || json.Unmarshal(text, &results) != nil || results.Answer != "no" || results.Contracts[0].Result.Verdict != "breaks" {
		t.Errorf("JSON: %v, %+v", err, results)
	}
	checkSARIF(t, "out/p.sarif")
}

// Readiness is checked as on a pull request: new gaps of what the commit holds, not of what else
// lies in the workspace.
func TestActionChecksReadiness(t *testing.T) {
	ready := "version: 1\ncomponents:\n  - name: shop\n    owner: \"@acme/shop\"\n    environments: {production: {}}\n    health: {runbook: runbook.md}\n"
	base := map[string]string{".github/plimsoll.yml": ready, "runbook.md": "# Shop"}
	s := newStep(t, base, map[string]string{"runbook.md": ""})
	s.run().has(t, terminal.No, "1 new gap blocks: shop", "readiness=blocked", "answer=no")
	comments := s.pull.Comments()
	if len(comments) != 1 || !strings.Contains(comments[0].Body, "**Readiness:** 1 new gap blocks: shop") {
		t.Errorf("comments: %+v", comments)
	}
	s.run("--readiness-fail-on", "none").has(t, terminal.Fine, "## ⚠️ 1 new gap blocks: shop")

	fine := newStep(t, base, map[string]string{"runbook.md": "# Shop, in detail"})
	gittest.Write(t, fine.dir, map[string]string{"checkouts/web/Dockerfile": "FROM scratch\n", "checkouts/web/.github/workflows/deploy.yml": "jobs: ["})
	fine.run().has(t, terminal.Fine, "readiness=ready", "No new gaps")
}
