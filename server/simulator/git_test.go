package simulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"

	"plimsoll/server/simulator"
)

// TestCommitsAreReproducible: with a clock that stands still the same script gives
// the same ids. The tree's and the blob's are those that git gives.
func TestCommitsAreReproducible(t *testing.T) {
	make := func() string {
		s := simulator.New(simulator.Options{Clock: newClock().Now})
		r := s.NewRepository("acme/a", simulator.RepositoryOptions{})
		return r.Commit("main", "One", map[string]string{"hello.txt": "hello\n", "dir/x": "1\n"})
	}
	if a, b := make(), make(); a != b {
		t.Errorf("%s, then %s", a, b)
	}
	w := newWorld(t)
	r := w.sim.NewRepository("acme/a", simulator.RepositoryOptions{})
	r.Commit("main", "One", map[string]string{"hello.txt": "hello\n", "dir/x": "1\n"})
	tree, _, err := w.installation().Git.GetTree(t.Context(), "acme", "a", "main", true)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{ // from git hash-object and git write-tree
		"dir":       "1808145eca0a3bc7bbbd9ec1645e022e830c05eb",
		"dir/x":     "d00491fd7e5bb6fa28c517a0bb32b8b506539d4d",
		"hello.txt": "ce013625030ba8dba906f756967f9e9ca394464a",
	}
	for _, e := range tree.Entries {
		if e.GetSHA() != want[e.GetPath()] {
			t.Errorf("%s is %s, want %s", e.GetPath(), e.GetSHA(), want[e.GetPath()])
		}
	}
	if tree.GetSHA() != "165bd5019879eed82de68c07eb2420fa0f101ebc" {
		t.Errorf("the tree is %s", tree.GetSHA())
	}
	w.noViolations()
}

func TestCompare(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	r, client := w.web, w.installation()
	base := r.Head("main")
	r.Commit("topic", "Rename", map[string]string{"index.html": simulator.Deleted, "home.html": "<p>Hello</p>\n"})
	r.Commit("topic", "Add", map[string]string{"new.html": "a\nb\n", "deep/er/x.txt": "1\n"})
	onMain := r.Commit("main", "Elsewhere", map[string]string{"other.html": "o\n"})

	got, _, err := client.Repositories.CompareCommits(t.Context(), "acme", "web", "main", "topic", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.GetStatus() != "diverged" || got.GetAheadBy() != 2 || got.GetBehindBy() != 1 || got.GetMergeBaseCommit().GetSHA() != base ||
		got.GetBaseCommit().GetSHA() != onMain || got.Commits[0].GetCommit().GetMessage() != "Rename" {
		t.Errorf("compare: %v", got)
	}
	if tree := got.GetMergeBaseCommit().GetCommit().GetTree().GetSHA(); len(tree) != 40 {
		t.Errorf("tree of the merge base: %q", tree)
	}
	var files []string
	for _, f := range got.Files {
		files = append(files, fmt.Sprintf("%s %s %s +%d -%d", f.GetStatus(), f.GetFilename(), f.GetPreviousFilename(), f.GetAdditions(), f.GetDeletions()))
	}
	want := "added deep/er/x.txt  +1 -0; renamed home.html index.html +0 -0; added new.html  +2 -0"
	if got := strings.Join(files, "; "); got != want {
		t.Errorf("files %s\n want %s", got, want)
	}
	if patch := got.Files[2].GetPatch(); patch != "@@ -0,0 +1,2 @@\n+a\n+b" {
		t.Errorf("patch %q", patch)
	}
	for _, c := range []struct{ from, to, want string }{{base, "topic", "ahead"}, {"topic", base, "behind"}, {base, base, "identical"}} {
		if got, _, err := client.Repositories.CompareCommits(t.Context(), "acme", "web", c.from, c.to, nil); err != nil || got.GetStatus() != c.want {
			t.Errorf("%s...%s: %s, %v; want %s", c.from, c.to, got.GetStatus(), err, c.want)
		}
	}
	if _, response, _ := client.Repositories.CompareCommits(t.Context(), "acme", "web", "main", "nowhere", nil); response.StatusCode != http.StatusNotFound {
		t.Errorf("unknown branch: %d", response.StatusCode)
	}
}

// TestWhatListsLeaveOut: 250 commits and 300 files in a comparison, files on its
// first page alone, and a tree that is cut.
func TestWhatListsLeaveOut(t *testing.T) {
	w := newWorld(t, func(o *simulator.Options) { o.TreeLimit = 100 })
	defer w.noViolations()
	r, client := w.web, w.installation()
	w.sim.OnDelivery(func(*simulator.Delivery) simulator.Fate { return simulator.Vanish })
	files := map[string]string{}
	for i := range 301 {
		files[fmt.Sprintf("f/%03d.txt", i)] = fmt.Sprint(i)
	}
	r.Commit("topic", "Many files", files)
	for i := range 250 {
		r.Commit("topic", fmt.Sprintf("Commit %d", i), map[string]string{"n": fmt.Sprint(i)})
	}
	got, _, err := client.Repositories.CompareCommits(t.Context(), "acme", "web", "main", "topic", nil)
	if err != nil || len(got.Files) != 300 || len(got.Commits) != 250 || got.GetTotalCommits() != 251 {
		t.Errorf("%d files, %d commits of %d, %v", len(got.Files), len(got.Commits), got.GetTotalCommits(), err)
	}
	second, response, err := client.Repositories.CompareCommits(t.Context(), "acme", "web", "main", "topic", &github.ListOptions{Page: 3, PerPage: 100})
	if err != nil || len(second.Files) != 0 || len(second.Commits) != 51 || response.NextPage != 0 {
		t.Errorf("page 3: %d files, %d commits, %v", len(second.Files), len(second.Commits), err)
	}
	p := r.OpenPullRequest(simulator.PullRequestOptions{Head: "topic"})
	all := 0
	options := &github.ListOptions{PerPage: 100}
	for {
		page, response, err := client.PullRequests.ListFiles(t.Context(), "acme", "web", p.Number(), options)
		if err != nil {
			t.Fatal(err)
		}
		all += len(page)
		if response.NextPage == 0 {
			break
		}
		options.Page = response.NextPage
	}
	if all != 302 {
		t.Errorf("%d files of the pull request", all)
	}
	tree, _, err := client.Git.GetTree(t.Context(), "acme", "web", "topic", true)
	if err != nil || !tree.GetTruncated() || len(tree.Entries) != 100 {
		t.Errorf("tree of %d entries, truncated %v, %v", len(tree.Entries), tree.GetTruncated(), err)
	}
	flat, _, err := client.Git.GetTree(t.Context(), "acme", "web", "topic", false)
	if err != nil || flat.GetTruncated() || len(flat.Entries) != 3 {
		t.Errorf("flat tree: %v, %v", flat, err)
	}
}

func TestMerge(t *testing.T) {
	for _, c := range []struct {
		method  simulator.MergeMethod
		parents int
		message string
	}{
		{simulator.MergeCommit, 2, "Merge pull request #1 from acme/topic"},
		{simulator.Squash, 1, "Title (#1)"},
		{simulator.Rebase, 1, "Two"},
	} {
		t.Run(string(c.method), func(t *testing.T) {
			w := newWorld(t)
			defer w.noViolations()
			r, client := w.web, w.installation()
			r.Commit("topic", "One", map[string]string{"a.txt": "1\n"})
			r.Commit("topic", "Two", map[string]string{"b.txt": "2\n"})
			r.Commit("main", "Meanwhile", map[string]string{"c.txt": "3\n"})
			p := r.OpenPullRequest(simulator.PullRequestOptions{Head: "topic", Title: "Title"})
			sha, err := p.Merge(c.method)
			if err != nil {
				t.Fatal(err)
			}
			if r.Head("main") != sha {
				t.Errorf("main is at %s, merged as %s", r.Head("main"), sha)
			}
			commit, _, err := client.Git.GetCommit(t.Context(), "acme", "web", sha)
			if err != nil || len(commit.Parents) != c.parents || !strings.HasPrefix(commit.GetMessage(), c.message) {
				t.Errorf("commit: %v, %v", commit, err)
			}
			for _, path := range []string{"a.txt", "b.txt", "c.txt", "index.html"} {
				if _, ok := r.File("main", path); !ok {
					t.Errorf("main lost %s", path)
				}
			}
			pulls, _, err := client.PullRequests.ListPullRequestsWithCommit(t.Context(), "acme", "web", sha, nil)
			if err != nil || len(pulls) != 1 || pulls[0].GetMergeCommitSHA() != sha {
				t.Errorf("pull requests of the merge: %v, %v", pulls, err)
			}
		})
	}
	t.Run("conflict", func(t *testing.T) {
		w := newWorld(t)
		defer w.noViolations()
		w.web.Commit("topic", "One", map[string]string{"index.html": "1\n"})
		w.web.Commit("main", "Two", map[string]string{"index.html": "2\n"})
		p := w.web.OpenPullRequest(simulator.PullRequestOptions{Head: "topic"})
		if _, err := p.Merge(simulator.MergeCommit); err == nil || !strings.Contains(err.Error(), "conflict in index.html") {
			t.Errorf("merged: %v", err)
		}
		got, _, err := w.installation().PullRequests.Get(t.Context(), "acme", "web", p.Number())
		if err != nil || got.GetMergeable() || got.GetMergeableState() != "dirty" {
			t.Errorf("mergeable: %v, %v", got.GetMergeable(), err)
		}
	})
}

func TestMergeGroup(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	w.web.Commit("a", "A", map[string]string{"a.txt": "1\n"})
	w.web.Commit("b", "B", map[string]string{"b.txt": "2\n"})
	first := w.web.OpenPullRequest(simulator.PullRequestOptions{Head: "a"})
	second := w.web.OpenPullRequest(simulator.PullRequestOptions{Head: "b"})
	head, err := w.web.MergeGroup(first, second)
	if err != nil {
		t.Fatal(err)
	}
	w.settle()
	e := last[*github.MergeGroupEvent](t, w.hook)
	if e.GetAction() != "checks_requested" || e.GetMergeGroup().GetHeadSHA() != head || !strings.HasPrefix(e.GetMergeGroup().GetHeadRef(), "refs/heads/gh-readonly-queue/main/pr-2-") {
		t.Errorf("merge group: %v", e)
	}
	for _, path := range []string{"a.txt", "b.txt"} {
		if _, ok := w.web.File(head, path); !ok {
			t.Errorf("the group has no %s", path)
		}
	}
}

func TestRenamedRepositories(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	w.orders.Rename("order-service")
	client := w.installation()
	got, _, err := client.Repositories.Get(t.Context(), "acme", "orders")
	if err != nil || got.GetFullName() != "acme/order-service" {
		t.Errorf("under its former name: %v, %v", got, err)
	}
	token := w.token(nil)
	status, header, _ := w.send("GET", "/repos/acme/orders/branches?per_page=5", token, "")
	if want := fmt.Sprintf("/repositories/%d/branches?per_page=5", w.orders.ID()); status != http.StatusMovedPermanently || !strings.HasSuffix(header.Get("Location"), want) {
		t.Errorf("%d to %s, want %s", status, header.Get("Location"), want)
	}
	body := `{"name":"x","head_sha":"` + w.orders.Head("main") + `","status":"queued"}`
	status, header, _ = w.send("POST", "/repos/acme/orders/check-runs", token, body)
	if status != http.StatusTemporaryRedirect {
		t.Errorf("writing: %d", status)
	}
	path := strings.TrimPrefix(header.Get("Location"), w.sim.URL()+simulator.APIPath)
	if status, _, answer := w.send("POST", path, token, body); status != http.StatusCreated {
		t.Errorf("writing by id: %d %s", status, answer)
	}
	w.orders.Transfer("elsewhere")
	if status, _, _ := w.send("GET", "/repos/acme/order-service", token, ""); status != http.StatusMovedPermanently {
		t.Errorf("transferred: %d", status)
	}
	if status, _, _ := w.send("GET", fmt.Sprintf("/repositories/%d", w.orders.ID()), token, ""); status != http.StatusNotFound {
		t.Errorf("a private repository that was given away: %d", status)
	}
}

func TestEmptyRepository(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	w.sim.NewRepository("acme/empty", simulator.RepositoryOptions{})
	token := w.token(nil)
	for path, want := range map[string]int{
		"": http.StatusOK, "/branches": http.StatusOK, "/branches/main": http.StatusNotFound, "/contents/a": http.StatusNotFound,
		"/commits": http.StatusConflict, "/commits/main": http.StatusConflict, "/git/trees/main": http.StatusConflict, "/git/ref/heads/main": http.StatusConflict,
	} {
		if status, _, body := w.send("GET", "/repos/acme/empty"+path, token, ""); status != want {
			t.Errorf("%s: %d %s, want %d", path, status, body, want)
		}
	}
	w.page("/acme/empty", http.StatusOK)
}

func TestADeletedBranchClosesItsPullRequests(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	p := w.pull()
	w.settle()
	from := len(w.hook.events())
	w.orders.DeleteBranch("more")
	w.settle()
	if got := w.hook.events()[from:]; len(got) != 2 || got[1] != "pull_request.closed" {
		t.Errorf("delivered %q", got)
	}
	got, _, err := w.installation().PullRequests.Get(t.Context(), "acme", "orders", p.Number())
	if err != nil || got.GetState() != "closed" {
		t.Errorf("%s, %v", got.GetState(), err)
	}
}
