package github_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rs/zerolog"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/server/github"
	"plimsoll/server/github/tree"
	"plimsoll/server/simulator"
)

// These tests run the clients against the simulator, which checks every request
// and answer against GitHub's own description and app.yml's permissions.

const contract = "openapi: 3.0.3\ninfo: {title: Orders, version: '1'}\npaths:\n  /orders:\n    get: {}\n"

type world struct {
	sim     *simulator.Simulator
	orders  *simulator.Repository
	install *simulator.Installation
	clients *github.Clients
	trees   *tree.Reader
	ref     contracts.RepositoryRef
	// allowed is a violation that a test provokes.
	allowed string
}

func newWorld(t *testing.T, change ...func(*simulator.Options)) *world {
	t.Helper()
	options := simulator.Options{}
	for _, c := range change {
		c(&options)
	}
	p := &world{sim: simulator.New(options)}
	if err := p.sim.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, v := range p.sim.Violations() {
			if p.allowed != "" && strings.Contains(v, p.allowed) {
				continue
			}
			t.Errorf("violation: %s", v)
		}
		if err := p.sim.Close(); err != nil {
			t.Error(err)
		}
	})
	p.orders = p.sim.NewRepository("acme/orders", simulator.RepositoryOptions{Private: true})
	p.orders.Commit("main", "Add the contract", map[string]string{"api/openapi.yaml": contract, "README.md": "# Orders\n", "docs/run.md": "Run.\n"})
	p.install = p.sim.Install("acme")
	p.clients = p.newClients(t)
	trees, err := tree.New(p.clients, tree.Config{})
	if err != nil {
		t.Fatal(err)
	}
	p.trees = trees
	p.ref = contracts.RepositoryRef{Installation: p.install.ID(), ID: p.orders.ID(), Owner: "acme", Name: "orders", Private: true}
	return p
}

func (p *world) newClients(t *testing.T) *github.Clients {
	t.Helper()
	clients, err := github.New(github.Config{
		WebURL: p.sim.URL(), V3URL: p.sim.APIURL(), AppID: p.sim.AppID(), PrivateKey: p.sim.PrivateKeyPEM(), Log: zerolog.Nop(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return clients
}

// The way of a pull request: what the handlers ask, and what it costs.
func TestSimulatedPullRequest(t *testing.T) {
	p := newWorld(t)
	base := p.orders.Head("main")
	p.orders.Commit("more", "Add a path", map[string]string{"api/openapi.yaml": contract + "  /items:\n    get: {}\n", "new.txt": "new\n"})
	pr := p.orders.OpenPullRequest(simulator.PullRequestOptions{Head: "more", Author: "alice", Title: "Items"})
	p.orders.Commit("main", "Go on", map[string]string{"README.md": "# Orders, later\n"})

	ctx, count := github.WithCount(t.Context())
	pull, err := p.clients.PullRequest(ctx, p.ref, pr.Number())
	if err != nil {
		t.Fatal(err)
	}
	if pull.HeadSHA != pr.HeadSHA() || !pull.Open || pull.Fork || pull.Author != "alice" || pull.BaseRef != "main" {
		t.Errorf("%+v", pull)
	}
	comparison, err := p.clients.Compare(ctx, p.ref, "main", pull.HeadSHA)
	if err != nil {
		t.Fatal(err)
	}
	if comparison.MergeBase != base || !comparison.Complete || len(comparison.Files) != 2 {
		t.Errorf("%+v", comparison)
	}
	before, err := p.trees.Tree(ctx, p.ref, comparison.MergeBaseTree)
	if err != nil {
		t.Fatal(err)
	}
	changed, removed := tree.Changes(comparison.Files)
	after := tree.Overlay(before, changed, removed, nil)
	old, err := before.ReadFile(ctx, "api/openapi.yaml")
	if err != nil || string(old) != contract {
		t.Errorf("base: %q, %v", old, err)
	}
	now, err := after.ReadFile(ctx, "api/openapi.yaml")
	if err != nil || !strings.Contains(string(now), "/items:") {
		t.Errorf("head: %q, %v", now, err)
	}
	readme, err := after.ReadFile(ctx, "README.md")
	if err != nil || string(readme) != "# Orders\n" {
		t.Errorf("head's own README is the merge base's: %q, %v", readme, err)
	}

	run := checks.CheckRun{Name: checks.ContractsRun, HeadSHA: pull.HeadSHA, ExternalID: "pr/1", DetailsURL: "https://plimsoll.example.com/1"}
	id, err := p.clients.CreateCheckRun(ctx, p.ref, run)
	if err != nil {
		t.Fatal(err)
	}
	run.Conclusion, run.Title, run.Summary = checks.Failure, "1 consumer breaks", "checkout-web"
	run.Annotations = []checks.Annotation{{Path: "api/openapi.yaml", StartLine: 4, EndLine: 4, StartColumn: 3, EndColumn: 5, Level: checks.Fail, Title: "removed", Message: "gone"}}
	run.Actions = []checks.Action{{Label: "Re-check", Description: "Look again", Identifier: "recheck"}}
	if err := p.clients.UpdateCheckRun(ctx, p.ref, id, run); err != nil {
		t.Fatal(err)
	}
	if shown := pr.Checks(); len(shown) != 1 || shown[0].Name != checks.ContractsRun || shown[0].Conclusion != "failure" {
		t.Errorf("shown: %+v", shown)
	}
	// Pull request, comparison, tree, three blobs, check run made and completed.
	if count.Network() != 8 || count.Tokens() != 1 || count.Objects() != 0 {
		t.Errorf("%d requests, %d tokens, %d objects at hand", count.Network(), count.Tokens(), count.Objects())
	}
	// The next push to it has the base at hand.
	ctx, count = github.WithCount(t.Context())
	again, err := p.trees.Tree(ctx, p.ref, comparison.MergeBaseTree)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.ReadFile(ctx, "api/openapi.yaml"); err != nil || count.Network() != 0 || count.Objects() != 2 {
		t.Errorf("%d requests, %d objects at hand, %v", count.Network(), count.Objects(), err)
	}
	runs, err := p.clients.OwnCheckRuns(t.Context(), p.ref, pull.HeadSHA)
	want := github.RunState{ID: id, Name: checks.ContractsRun, HeadSHA: pull.HeadSHA, ExternalID: "pr/1", Status: "completed", Conclusion: checks.Failure}
	if err != nil || len(runs) != 1 || runs[0] != want {
		t.Errorf("%+v, %v", runs, err)
	}
	pull.Merge = "" // lists do not tell
	if open, err := p.clients.OpenPullRequests(t.Context(), p.ref); err != nil || len(open) != 1 || open[0] != pull {
		t.Errorf("%+v, %v", open, err)
	}
}

func TestSimulatedFork(t *testing.T) {
	p := newWorld(t)
	fork := p.orders.Fork("bob")
	fork.CommitAs("bob", "idea", "Change", map[string]string{"api/openapi.yaml": contract + "# bob\n"})
	pr := p.orders.OpenPullRequest(simulator.PullRequestOptions{Head: "idea", HeadRepo: fork, Author: "bob"})
	pull, err := p.clients.PullRequest(t.Context(), p.ref, pr.Number())
	if err != nil || !pull.Fork {
		t.Fatalf("%+v, %v", pull, err)
	}
	// The head is read through the base repository: the App need not see the fork.
	comparison, err := p.clients.Compare(t.Context(), p.ref, pull.BaseSHA, pull.HeadSHA)
	if err != nil {
		t.Fatal(err)
	}
	base, err := p.trees.Tree(t.Context(), p.ref, comparison.MergeBaseTree)
	if err != nil {
		t.Fatal(err)
	}
	changed, removed := tree.Changes(comparison.Files)
	content, err := tree.Overlay(base, changed, removed, nil).ReadFile(t.Context(), "api/openapi.yaml")
	if err != nil || !strings.HasSuffix(string(content), "# bob\n") {
		t.Errorf("%q, %v", content, err)
	}
}

func TestSimulatedComparisonOfManyFiles(t *testing.T) {
	p := newWorld(t)
	old, moved := map[string]string{}, map[string]string{}
	for i := range 301 {
		old[fmt.Sprintf("old/%03d.txt", i)] = fmt.Sprint("content ", i)
		moved[fmt.Sprintf("new/%03d.txt", i)] = fmt.Sprint("content ", i)
		moved[fmt.Sprintf("old/%03d.txt", i)] = ""
	}
	before := p.orders.Commit("main", "Many", old)
	p.orders.Branch("rename", "main")
	after := p.orders.Commit("rename", "Rename them all", moved)
	comparison, err := p.clients.Compare(t.Context(), p.ref, before, after)
	if err != nil || comparison.Complete || len(comparison.Files) != github.MaxCompareFiles {
		t.Fatalf("%d files, complete %t, %v", len(comparison.Files), comparison.Complete, err)
	}
	base, err := p.trees.Tree(t.Context(), p.ref, before)
	if err != nil {
		t.Fatal(err)
	}
	head, err := p.trees.Tree(t.Context(), p.ref, after)
	if err != nil {
		t.Fatal(err)
	}
	files, err := tree.Diff(t.Context(), base, head)
	if err != nil {
		t.Fatal(err)
	}
	added := 0
	for _, f := range files {
		if strings.HasPrefix(f.Path, "new/") {
			added++
		}
	}
	if added != 301 {
		t.Errorf("%d of 301 new files", added)
	}
}

func TestSimulatedTruncatedTree(t *testing.T) {
	p := newWorld(t, func(o *simulator.Options) { o.TreeLimit = 20 })
	files := map[string]string{}
	for i := range 60 {
		files[fmt.Sprintf("services/s%d/f%02d.txt", i%6, i)] = fmt.Sprint("content ", i)
	}
	commit := p.orders.Commit("main", "Many", files)
	tree, err := p.trees.Tree(t.Context(), p.ref, commit)
	if err != nil {
		t.Fatal(err)
	}
	content, err := tree.ReadFile(t.Context(), "services/s5/f59.txt")
	if err != nil || string(content) != "content 59" {
		t.Errorf("%q, %v", content, err)
	}
	listed, err := tree.Files(t.Context())
	if err != nil || len(listed) != 63 || !slices.IsSortedFunc(listed, func(a, b contracts.File) int { return strings.Compare(a.Path, b.Path) }) {
		t.Errorf("%d files, %v", len(listed), err)
	}
	for _, f := range listed[:5] {
		if content, err := tree.ReadFile(t.Context(), f.Path); err != nil || int64(len(content)) != f.Size {
			t.Errorf("%+v: %d bytes, %v", f, len(content), err)
		}
	}
}

func TestSimulatedComments(t *testing.T) {
	p := newWorld(t)
	p.orders.Commit("more", "More", map[string]string{"a": "a"})
	pr := p.orders.OpenPullRequest(simulator.PullRequestOptions{Head: "more", Author: "alice"})
	const marker = "<!-- plimsoll -->"
	for i := range 120 {
		pr.Comment("alice", fmt.Sprintf("%s says somebody else, %d", marker, i))
	}
	if id, err := p.clients.FindComment(t.Context(), p.ref, pr.Number(), marker); err != nil || id != 0 {
		t.Fatalf("%d, %v", id, err)
	}
	made, err := p.clients.CreateComment(t.Context(), p.ref, pr.Number(), marker+"\nhello")
	if err != nil {
		t.Fatal(err)
	}
	if id, err := p.newClients(t).FindComment(t.Context(), p.ref, pr.Number(), marker); err != nil || id != made {
		t.Errorf("%d, %v, want %d", id, err, made)
	}
	if err := p.clients.EditComment(t.Context(), p.ref, made, marker+"\nagain"); err != nil {
		t.Error(err)
	}
	command := pr.Comment("alice", "/plimsoll recheck")
	if err := p.clients.React(t.Context(), p.ref, command, "eyes"); err != nil {
		t.Error(err)
	}
	p.orders.DeleteComment(made)
	if err := p.clients.EditComment(t.Context(), p.ref, made, "too late"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("deleted: %v", err)
	}
	p.orders.Grant("alice", "maintain")
	if permission, err := p.clients.CollaboratorPermission(t.Context(), p.ref, "alice"); err != nil || permission != (github.Permission{Legacy: "write", Role: "maintain"}) {
		t.Errorf("%+v, %v", permission, err)
	}
}

func TestSimulatedApp(t *testing.T) {
	p := newWorld(t)
	app, err := p.clients.App(t.Context())
	if err != nil || app.Slug != "plimsoll" || app.ID != p.sim.AppID() || app.Permissions["merge_queues"] != "read" || !slices.Contains(app.Events, "deployment_protection_rule") {
		t.Errorf("%+v, %v", app, err)
	}
	installations, next, err := p.clients.Installations(t.Context(), 1)
	if err != nil || next != 0 || len(installations) != 1 || installations[0].Account != "acme" || installations[0].Permissions["checks"] != "write" {
		t.Errorf("%+v, %d, %v", installations, next, err)
	}
	for i := range 120 {
		p.sim.NewRepository(fmt.Sprintf("acme/r%03d", i), simulator.RepositoryOptions{})
	}
	var names []string
	for page := 1; page != 0; {
		listed, next, total, err := p.clients.InstallationRepositories(t.Context(), p.install.ID(), page)
		if err != nil || total != 121 {
			t.Fatalf("%+v, %d, %v", listed, total, err)
		}
		for _, r := range listed {
			names = append(names, r.FullName())
		}
		page = next
	}
	if len(names) != 121 || !slices.Contains(names, "acme/orders") {
		t.Errorf("%d: %v", len(names), names)
	}
	commit, err := p.clients.Head(t.Context(), p.ref, "main")
	if err != nil || commit.SHA != p.orders.Head("main") || commit.Tree == "" {
		t.Errorf("%+v, %v", commit, err)
	}
	p.orders.Branch("release/1.0", "main")
	if commit, err := p.clients.Head(t.Context(), p.ref, "release/1.0"); err != nil || commit.SHA != p.orders.Head("main") {
		t.Errorf("%+v, %v", commit, err)
	}
	empty := p.sim.NewRepository("acme/empty", simulator.RepositoryOptions{})
	ref := p.ref
	ref.Name, ref.ID = "empty", empty.ID()
	if _, err := p.clients.Head(t.Context(), ref, "main"); github.Classify(err) != github.ClassNotFound {
		t.Errorf("an empty repository: %v", err)
	}
}

func TestSimulatedDeliveries(t *testing.T) {
	p := newWorld(t)
	var status atomic.Int32
	status.Store(http.StatusInternalServerError)
	p.sim.SetHook(newHook(t, func() int { return int(status.Load()) }))
	p.orders.Commit("main", "One", map[string]string{"one": "1"}) // push and check_suite each
	p.orders.Commit("main", "Two", map[string]string{"two": "2"})
	settle(t, p.sim)
	log, next, err := p.clients.Deliveries(t.Context(), "")
	if err != nil || next != "" || len(log) < 4 || log[0].Status != 500 || log[0].InstallationID != p.install.ID() {
		t.Fatalf("%+v, %q, %v", log, next, err)
	}
	status.Store(http.StatusAccepted)
	if err := p.clients.Redeliver(t.Context(), log[3].ID); err != nil {
		t.Fatal(err)
	}
	settle(t, p.sim)
	again, _, err := p.clients.Deliveries(t.Context(), "")
	if err != nil || len(again) != len(log)+1 || again[0].GUID != log[3].GUID || again[0].Status != http.StatusAccepted || !slices.Equal(again[1:], log) {
		t.Errorf("%+v, %v", again, err)
	}
}

// Of many commits the newest count: GitHub's pages begin with the oldest.
func TestSimulatedComparisonOfManyCommits(t *testing.T) {
	p := newWorld(t)
	base := p.orders.Head("main")
	for i := range 260 {
		p.orders.CommitAs("ana", "main", "Commit", map[string]string{"n": strconv.Itoa(i)})
	}
	p.orders.CommitAs("ana", "change", "Change", map[string]string{"README.md": "new"})
	pull := p.orders.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Author: "ana"})
	if _, err := pull.Merge(simulator.Squash); err != nil {
		t.Fatal(err)
	}
	p.orders.CommitAs("ana", "main", "Last", map[string]string{"n": "last"})
	head := p.orders.Head("main")
	numbers, err := p.clients.PullsBetween(t.Context(), p.ref, base, head)
	if err != nil || !slices.Equal(numbers, []int{pull.Number()}) {
		t.Errorf("pull requests %v, %v", numbers, err)
	}
	dates, of, err := p.clients.CommittedBetween(t.Context(), p.ref, base, head)
	if err != nil || of != 262 || len(dates) != 250 {
		t.Errorf("%d dates of %d, %v", len(dates), of, err)
	}
}
