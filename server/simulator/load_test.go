package simulator_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"

	"plimsoll/server/simulator"
)

// onDisk makes a repository with two branches below dir and gives the head of the
// second.
func onDisk(t *testing.T, dir string) string {
	t.Helper()
	repository := must(git.PlainInitWithOptions(dir, &git.PlainInitOptions{InitOptions: git.InitOptions{DefaultBranch: plumbing.NewBranchReferenceName("main")}}))
	tree := must(repository.Worktree())
	by := &object.Signature{Name: "Ada", Email: "ada@acme.test", When: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	commit := func(path, content, message string) plumbing.Hash {
		if err := os.WriteFile(filepath.Join(dir, path), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		must(tree.Add(path))
		return must(tree.Commit(message, &git.CommitOptions{Author: by}))
	}
	first := commit("openapi.yaml", contractV1, "Add the contract")
	must(repository.CreateTag("v1", first, &git.CreateTagOptions{Tagger: by, Message: "One"}))
	if err := tree.Checkout(&git.CheckoutOptions{Branch: plumbing.NewBranchReferenceName("topic"), Create: true}); err != nil {
		t.Fatal(err)
	}
	return commit("openapi.yaml", contractV1+"  /items: {}\n", "Add a path").String()
}

func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		all[path] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestLoadFolder serves repositories of the disk and writes nothing to them.
func TestLoadFolder(t *testing.T) {
	dir := t.TempDir()
	head := onDisk(t, filepath.Join(dir, "globex", "orders"))
	onDisk(t, filepath.Join(dir, "alone"))
	must(git.PlainClone(filepath.Join(dir, "globex", "copy.git"), true, &git.CloneOptions{URL: filepath.Join(dir, "globex", "orders")}))
	if err := os.WriteFile(filepath.Join(dir, "globex", "notes.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, dir)

	w := newWorld(t)
	defer w.noViolations()
	loaded, err := w.sim.LoadFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range loaded {
		names = append(names, r.FullName())
	}
	if len(names) != 3 || names[0] != "local/alone" || names[1] != "globex/copy" || names[2] != "globex/orders" {
		t.Fatalf("loaded %q", names)
	}
	orders := loaded[2]
	if orders.DefaultBranch() != "main" || orders.Head("topic") != head {
		t.Errorf("default branch %s, topic at %s", orders.DefaultBranch(), orders.Head("topic"))
	}
	w.install = w.sim.Install("globex")
	client := w.installation()
	p := orders.OpenPullRequest(simulator.PullRequestOptions{Head: "topic"})
	files, _, err := client.PullRequests.ListFiles(t.Context(), "globex", "orders", p.Number(), nil)
	if err != nil || len(files) != 1 || files[0].GetAdditions() != 1 {
		t.Errorf("files: %v, %v", files, err)
	}
	if tag, _, err := client.Git.GetRef(t.Context(), "globex", "orders", "tags/v1"); err != nil || tag.GetObject().GetSHA() != orders.Head("main") {
		t.Errorf("tag: %v, %v", tag, err)
	}
	if tree, _, err := client.Git.GetTree(t.Context(), "globex", "copy", "main", true); err != nil || len(tree.Entries) != 1 {
		t.Errorf("bare: %v, %v", tree, err)
	}
	replayed, err := orders.Replay("topic")
	if err != nil {
		t.Fatal(err)
	}
	if files, _, err := client.PullRequests.ListFiles(t.Context(), "globex", "orders", replayed.Number(), nil); err != nil || len(files) != 1 || replayed.HeadSHA() != head {
		t.Errorf("replayed: %v, %v", files, err)
	}
	for _, at := range []string{"v1", "nowhere"} {
		if _, err := orders.Replay(at); err == nil {
			t.Errorf("%s is replayed", at)
		}
	}
	orders.Commit("main", "Only in memory", map[string]string{"new.txt": "x"})
	if _, err := p.Merge(simulator.MergeCommit); err != nil {
		t.Error(err)
	}
	if content, ok := orders.File("main", "openapi.yaml"); !ok || content != contractV1+"  /items: {}\n" {
		t.Errorf("merged: %q", content)
	}
	if after := snapshot(t, dir); !maps.Equal(before, after) {
		t.Error("the folder has changed")
	}
}

// A work tree that git made for a second branch names its repository in a file; an
// extension of the format that can't be read is refused.
func TestLoadRepositoryOfAWorkTree(t *testing.T) {
	dir := t.TempDir()
	main := filepath.Join(dir, "orders")
	head := onDisk(t, main)
	for name, text := range map[string]string{
		"second/.git":                         "gitdir: ../orders/.git/worktrees/second\n",
		"orders/.git/worktrees/second/HEAD":   "ref: refs/heads/topic\n",
		"orders/.git/worktrees/second/gitdir": filepath.Join(dir, "second", ".git") + "\n", "orders/.git/worktrees/second/commondir": "../..\n",
		"broken/.git": "elsewhere\n",
	} {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := simulator.New(simulator.Options{})
	second, err := s.LoadRepository("acme/second", filepath.Join(dir, "second"))
	if err != nil {
		t.Fatal(err)
	}
	if second.Head("topic") != head || second.DefaultBranch() != "main" {
		t.Errorf("topic at %q, default branch %s", second.Head("topic"), second.DefaultBranch())
	}
	if content, ok := second.File("topic", "openapi.yaml"); !ok || !strings.Contains(content, "/items") {
		t.Errorf("content: %q", content)
	}
	if _, err := s.LoadRepository("acme/broken", filepath.Join(dir, "broken")); err == nil || !strings.Contains(err.Error(), `does not begin with "gitdir: "`) {
		t.Errorf("a .git file of another form: %v", err)
	}
	settings := filepath.Join(main, ".git", "config")
	if err := os.WriteFile(settings, []byte("[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.LoadRepository("acme/other", main); err == nil || !strings.Contains(err.Error(), "git extension objectFormat is not supported") {
		t.Errorf("an extension: %v", err)
	}
}

func TestLoadFolderWithoutRepositories(t *testing.T) {
	s := simulator.New(simulator.Options{})
	if _, err := s.LoadFolder(t.TempDir()); err == nil {
		t.Error("an empty folder is no error")
	}
	if _, err := s.LoadFolder(filepath.Join(t.TempDir(), "nowhere")); err == nil {
		t.Error("a folder that is not there is no error")
	}
}
