package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/testbed"
)

// while opens a pull request and has something happen while it is evaluated: before
// GitHub answers the first call of an operation.
func (w *world) while(operation string, happens func(pull *simulator.PullRequest)) *simulator.PullRequest {
	w.t.Helper()
	w.shop.CommitAs("ana", "change", "Change", map[string]string{"openapi.yaml": without("price"), "README.md": "changed"})
	var pull *simulator.PullRequest
	opened := make(chan struct{})
	w.GitHub.Fault(simulator.Fault{Operation: operation, Before: func() {
		<-opened
		happens(pull)
		if err := w.GitHub.Flush(w.t.Context()); err != nil {
			w.t.Error(err)
		}
	}})
	pull = w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Author: "ana"})
	close(opened)
	w.Settle()
	return pull
}

// Between an event and what is done about it a repository may be made public: what
// it is then decides who may be named.
func TestMadePublicWhileEvaluated(t *testing.T) {
	for _, operation := range []string{"pulls/get", "repos/compare-commits-with-basehead"} {
		t.Run(operation, func(t *testing.T) {
			w := newWorld(t, testbed.Options{Queue: brisk()})
			pull := w.while(operation, func(*simulator.PullRequest) { w.shop.SetPrivate(false) })
			w.expect(pull, "failure", "1 private consumer")
			w.tellsNothing(pull)
		})
	}
}

// A repository that is made public takes back what it told about private ones.
func TestMadePublicAfterwards(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
	w.expect(pull, "failure", "1 consumer breaks: web")
	w.shop.SetPrivate(false)
	w.Settle()
	w.expect(pull, "failure", "1 private consumer")
	w.tellsNothing(pull)
}

// A consumer that is made private is no longer named on a public pull request.
func TestConsumerMadePrivateAfterwards(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	w.shop.SetPrivate(false)
	w.web.SetPrivate(false)
	w.Settle()
	pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
	w.expect(pull, "failure", "1 consumer breaks: web")
	w.web.SetPrivate(true)
	w.Settle()
	pull.Push("More", map[string]string{"README.md": "more"})
	w.Settle()
	w.expect(pull, "failure", "1 private consumer")
	w.tellsNothing(pull)
}

// tellsNothing holds a pull request's page to not naming the private consumer.
func (w *world) tellsNothing(pull *simulator.PullRequest) {
	w.t.Helper()
	page := w.GitHub.Render(pull)
	for _, secret := range []string{"acme/web", "`web`", "@acme/web", w.web.Head("main")[:7]} {
		if strings.Contains(page, secret) {
			w.t.Errorf("the page gives away %q:\n%s", secret, page)
		}
	}
}

func TestClosedWhileEvaluated(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	pull := w.while("repos/compare-commits-with-basehead", func(p *simulator.PullRequest) { p.Close() })
	if comments := pull.Comments(); len(comments) != 0 {
		t.Errorf("a closed pull request got a comment: %s", comments[0].Body)
	}
	w.alive()
	pull.Reopen()
	w.Settle()
	w.expect(pull, "failure", "web")
}

func TestRetargetedWhileEvaluated(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	w.shop.CommitAs("ana", "v1", "Release line without prices", map[string]string{"openapi.yaml": without("price")})
	w.shop.Branch("change", "v1")
	pull := w.while("repos/compare-commits-with-basehead", func(p *simulator.PullRequest) { p.Edit("", "", "v1") })
	w.expectInto("v1", pull, "success")
	w.alive()
}

func TestBranchesWithOddNames(t *testing.T) {
	for i, name := range []string{"release/1.0/hot-fix", "versión-ü", "fix#12", "a+b", "100%25", "per%cent", "@at", "main.x", "q&x=1", "日本"} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			w := newWorld(t, testbed.Options{Queue: brisk()})
			w.shop.Branch(name, "main")
			w.shop.CommitAs("ana", name+"-change", "Change", map[string]string{"openapi.yaml": without("price")})
			pull := w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: name + "-change", Base: name, Author: "ana"})
			w.Settle()
			w.expectInto(name, pull, "failure", "1 consumer breaks: web")
			w.alive()
		})
	}
}

// The same for the default branch, which is read by its name.
func TestDefaultBranchWithAnOddName(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	for i, name := range []string{"release/1.0#x", "a+b%20", "日本"} {
		repo := w.GitHub.NewRepository(fmt.Sprintf("acme/odd%d", i), simulator.RepositoryOptions{Private: true, DefaultBranch: name})
		repo.CommitAs("ana", name, "Begin", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "web", fmt.Sprintf("odd%d", i))})
	}
	w.Settle()
	w.expect(w.pull("change", map[string]string{"openapi.yaml": without("price")}), "failure", "4 consumers break", "odd0", "odd1", "odd2")
	w.alive()
}

func TestBaseBranchDeleted(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	w.shop.Branch("v1", "main")
	w.shop.CommitAs("ana", "change", "Change", map[string]string{"openapi.yaml": without("price")})
	pull := w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Base: "v1", Author: "ana"})
	w.shop.DeleteBranch("v1")
	w.Settle()
	w.alive()
	if page := w.GitHub.Render(pull); strings.Contains(page, "could not finish") {
		t.Errorf("told as our fault:\n%s", page)
	}
}

// The base branch goes after the pull request was read.
func TestBaseBranchDeletedWhileEvaluated(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	w.shop.Branch("v1", "main")
	w.shop.CommitAs("ana", "change", "Change", map[string]string{"openapi.yaml": without("price")})
	w.GitHub.Fault(simulator.Fault{Operation: "repos/compare-commits-with-basehead", Before: func() { w.shop.DeleteBranch("v1") }})
	pull := w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Base: "v1", Author: "ana"})
	w.Settle()
	w.alive()
	if page := w.GitHub.Render(pull); strings.Contains(page, "could not finish") {
		t.Errorf("told as our fault:\n%s", page)
	}
}

func TestHeadForcePushedToTheBase(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
	w.expect(pull, "failure")
	w.shop.ForcePush("change", "main")
	w.Settle()
	w.expect(pull, "success")
	if comments := pull.Comments(); len(comments) != 1 || !strings.Contains(comments[0].Body, "Resolved") {
		t.Errorf("expected the comment closed:\n%s", w.GitHub.Render(pull))
	}
	w.alive()
}

func TestMergeConflict(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	w.shop.Branch("change", "main")
	w.shop.CommitAs("ana", "main", "Rename color", map[string]string{"openapi.yaml": strings.Replace(shopContract, "color", "colour", 1)})
	w.Settle()
	pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
	w.expect(pull, "failure", "1 consumer breaks: web")
	w.alive()
}

func TestForkDeletedBeforeTheWork(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	fork := w.shop.Fork("eve")
	fork.CommitAs("eve", "change", "Drop the price", map[string]string{"openapi.yaml": without("price")})
	w.GitHub.Fault(simulator.Fault{Operation: "pulls/get", Before: fork.Delete})
	pull := w.shop.OpenPullRequest(simulator.PullRequestOptions{HeadRepo: fork, Head: "change", Author: "eve"})
	w.Settle()
	w.expect(pull, "failure", "1 consumer breaks: web")
	w.alive()
}

func TestThreeThousandFiles(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	files := map[string]string{"zzz/openapi.yaml": without("price"), "openapi.yaml": simulator.Deleted,
		".github/plimsoll.yml": strings.Replace(shopFile, "spec: openapi.yaml", "spec: zzz/openapi.yaml", 1)}
	for i := range 3100 {
		files[fmt.Sprintf("a/%04d.txt", i)] = fmt.Sprint(i)
	}
	w.expect(w.pull("many", files), "failure", "1 consumer breaks: web")
	w.alive()
}

func TestFirstPullRequestWithAFile(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	late := w.repository("late", map[string]string{"openapi.yaml": shopContract})
	w.Settle()
	late.CommitAs("ana", "join", "Take part", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(shopFile, "shop", "late")})
	pull := late.OpenPullRequest(simulator.PullRequestOptions{Head: "join", Author: "ana"})
	w.Settle()
	w.expect(pull, "success")
	if _, err := pull.Merge(simulator.MergeCommit); err != nil {
		t.Fatal(err)
	}
	w.Settle()
	w.alive()
}

func TestPullRequestThatRemovesTheFile(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	pull := w.pull("leave", map[string]string{".github/plimsoll.yml": simulator.Deleted})
	w.expect(pull, "failure", "web")
	w.alive()
}

func TestRenamedBetweenEventAndWork(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	pull := w.while("pulls/get", func(*simulator.PullRequest) { w.shop.Rename("store") })
	w.expect(pull, "failure", "1 consumer breaks: web")
	w.alive()
	later := w.pull("later", map[string]string{"openapi.yaml": without("name")})
	w.expect(later, "failure", "1 consumer breaks: web")
}

func TestTransferredAndNumbersBeginAnew(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	w.expect(w.pull("change", map[string]string{"openapi.yaml": without("price")}), "failure", "web")
	w.GitHub.Organization("globex")
	other := w.GitHub.Install("globex")
	w.shop.Transfer("globex")
	w.Settle()
	pull := w.pull("again", map[string]string{"openapi.yaml": without("name")})
	if page := w.GitHub.Render(pull); strings.Contains(page, "acme/web") {
		t.Errorf("a consumer of another account is named:\n%s", page)
	}
	w.expect(pull, "success")
	if jobs, err := w.Server.Queue().Dead(t.Context(), other.ID(), 5); err != nil || len(jobs) != 0 {
		t.Errorf("dead: %v, %v", jobs, err)
	}
}

func TestArchivedBetween(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	pull := w.while("repos/compare-commits-with-basehead", func(*simulator.PullRequest) { w.shop.Archive() })
	if checks := pull.Checks(onContracts); len(checks) != 0 {
		t.Errorf("written to an archived repository: %s", checks[0].Title)
	}
	w.shop.Unarchive()
	w.Settle()
	pull.Push("More", map[string]string{"README.md": "more"})
	w.Settle()
	w.expect(pull, "failure", "web")
}

func TestSuspendedBetween(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	pull := w.while("repos/compare-commits-with-basehead", func(*simulator.PullRequest) { w.installation.Suspend() })
	if checks := pull.Checks(onContracts); len(checks) != 0 {
		t.Errorf("written without a right to: %s", checks[0].Title)
	}
	w.installation.Unsuspend()
	w.Settle()
	w.expect(pull, "failure", "web")
}

// Without leave to write check runs there is no way to tell: the work ends.
func TestNoLeaveToWriteChecks(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	w.GitHub.Fault(simulator.Fault{Operation: "checks/create", Times: simulator.Always, Status: http.StatusForbidden, Message: "Resource not accessible by integration"})
	pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
	if checks := pull.Checks(onContracts); len(checks) != 0 {
		t.Errorf("%d checks", len(checks))
	}
	jobs, err := w.Server.Queue().Dead(t.Context(), w.installation.ID(), 5)
	if err != nil || len(jobs) != 1 || jobs[0].Attempt > 2 || !strings.Contains(jobs[0].LastError, "not accessible") {
		t.Errorf("expected one dead job after one attempt: %+v, %v", jobs, err)
	}
}

// A repository that provides and consumes its own API is evaluated like any other.
func TestOwnConsumer(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	w.shop.CommitAs("ana", "main", "Use it here", map[string]string{".github/plimsoll.yml": shopFile + strings.ReplaceAll(strings.TrimPrefix(webFile, "version: 1\ncomponents:\n"), "web", "page")})
	w.Settle()
	w.expect(w.pull("change", map[string]string{"openapi.yaml": without("price")}), "failure", "2 consumers break", "page")
	w.alive()
}

func TestShortNameOfTwoProviders(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	w.repository("rival", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(shopFile, "name: shop", "name: rival"), "openapi.yaml": shopContract})
	w.Settle()
	w.expect(w.pull("change", map[string]string{"openapi.yaml": without("price")}), "failure", "1 consumer breaks: web")
	w.alive()
}

func TestContractMovedAndRenamed(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	pull := w.pull("move", map[string]string{"openapi.yaml": simulator.Deleted, "api/shop.yaml": shopContract,
		".github/plimsoll.yml": strings.Replace(shopFile, "spec: openapi.yaml", "spec: api/shop.yaml", 1)})
	w.expect(pull, "success")
	lost := w.pull("lost", map[string]string{"openapi.yaml": simulator.Deleted, "api/shop.yaml": shopContract})
	w.expect(lost, "failure", "openapi.yaml", "no such file")
	w.alive()
}
