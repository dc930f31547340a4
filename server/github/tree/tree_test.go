package tree

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"plimsoll/contracts"
	"plimsoll/server/github"
	"plimsoll/server/github/githubtest"
)

// newTrees returns a reader of the fake's trees.
func newTrees(t testing.TB, f *githubtest.Fake, change ...func(*github.Config, *Config)) *Reader {
	t.Helper()
	config, reading := github.Config{V3URL: f.URL, AppID: githubtest.AppID, PrivateKey: githubtest.KeyPEM(), Log: zerolog.Nop()}, Config{}
	for _, c := range change {
		c(&config, &reading)
	}
	clients, err := github.New(config)
	if err != nil {
		t.Fatal(err)
	}
	trees, err := New(clients, reading)
	if err != nil {
		t.Fatal(err)
	}
	return trees
}

func paths(files []contracts.File) []string {
	var list []string
	for _, f := range files {
		list = append(list, f.Path)
	}
	return list
}

func wantFiles(t *testing.T, tree contracts.Tree, want ...string) {
	t.Helper()
	files, err := tree.Files(t.Context())
	if err != nil || !slices.Equal(paths(files), want) {
		t.Errorf("files %q, %v, want %q", paths(files), err, want)
	}
}

func wantContent(t *testing.T, tree contracts.Tree, path, want string) {
	t.Helper()
	got, err := tree.ReadFile(t.Context(), path)
	if err != nil || string(got) != want {
		t.Errorf("%s: %q, %v, want %q", path, got, err, want)
	}
}

func wantMissing(t *testing.T, tree contracts.Tree, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if content, err := tree.ReadFile(t.Context(), path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %q, %v, want fs.ErrNotExist", path, content, err)
		}
	}
}

func wantProblem(t *testing.T, tree contracts.Tree, path, text string) {
	t.Helper()
	_, err := tree.ReadFile(t.Context(), path)
	problem, ok := errors.AsType[*contracts.Problem](err)
	if !ok || !strings.Contains(problem.Error(), text) || errors.Is(err, fs.ErrNotExist) || github.Classify(err) != github.ClassPermanent {
		t.Errorf("%s: %v, want a problem with %q", path, err, text)
	}
}

func TestTree(t *testing.T) {
	f := githubtest.New(t).Tokens()
	commit := githubtest.SHA("commit")
	link := githubtest.BlobEntry("docs/latest.yaml", "openapi.yaml")
	link["mode"] = "120000"
	huge := githubtest.BlobEntry("huge.json", "")
	huge["size"] = github.MaxBlob + 1
	f.ServeTree(commit, githubtest.TreeOf(
		githubtest.BlobEntry("z.txt", "last"),
		githubtest.BlobEntry("api/openapi.yaml", "openapi: 3.1.0\n"),
		map[string]any{"path": "api", "mode": "040000", "type": "tree", "sha": githubtest.SHA("api")},
		link,
		map[string]any{"path": "vendor/lib", "mode": "160000", "type": "commit", "sha": githubtest.SHA("lib")},
		huge,
		githubtest.BlobEntry("empty", ""),
		// What no sane tree holds.
		githubtest.BlobEntry("../../etc/passwd", "x"), githubtest.BlobEntry("a/../b", "x"), githubtest.BlobEntry("/root", "x"), githubtest.BlobEntry("", "x"),
		githubtest.BlobEntry("a//b", "x"), githubtest.BlobEntry("./c", "x"), githubtest.BlobEntry("z.txt", "another"),
	))
	f.ServeBlobs("last", "openapi: 3.1.0\n", "")
	trees := newTrees(t, f)
	ctx, count := github.WithCount(t.Context())
	tree, err := trees.Tree(ctx, githubtest.Orders, commit)
	if err != nil {
		t.Fatal(err)
	}
	wantFiles(t, tree, "api/openapi.yaml", "empty", "huge.json", "z.txt")
	for range 2 {
		content, err := tree.ReadFile(ctx, "api/openapi.yaml")
		if err != nil || string(content) != "openapi: 3.1.0\n" {
			t.Errorf("%q, %v", content, err)
		}
	}
	if count.Network() != 2 || count.Objects() != 1 {
		t.Errorf("network %d, objects %d", count.Network(), count.Objects())
	}
	wantContent(t, tree, "z.txt", "last")
	wantContent(t, tree, "empty", "")
	wantMissing(t, tree, "", ".", "..", "api", "api/", "/z.txt", "api/../z.txt", "../../etc/passwd", "nope", "vendor")
	wantProblem(t, tree, "docs/latest.yaml", "docs/latest.yaml: is a symbolic link")
	wantProblem(t, tree, "docs/latest.yaml/x", "docs/latest.yaml is a symbolic link")
	wantProblem(t, tree, "vendor/lib", "is a submodule")
	wantProblem(t, tree, "vendor/lib/openapi.yaml", "vendor/lib is a submodule, which is not followed")
	before := len(f.Requests())
	wantProblem(t, tree, "huge.json", "huge.json: has 33554433 bytes, at most 33554432 are read")
	if len(f.Requests()) != before {
		t.Error("the size was not checked before asking")
	}
	// The second time nothing is asked for.
	again, err := trees.Tree(t.Context(), githubtest.Orders, commit)
	if err != nil {
		t.Fatal(err)
	}
	wantContent(t, again, "z.txt", "last")
	if len(f.Requests()) != before {
		t.Errorf("asked again: %v", f.Requests()[before:])
	}
}

// 100,000 entries are what GitHub gives in one answer.
func TestHugeTree(t *testing.T) {
	f := githubtest.New(t).Tokens()
	entries := make([]map[string]any, 100_000)
	for i := range entries {
		entries[i] = map[string]any{"path": fmt.Sprintf("services/%05d/deeply/nested/directory/file.yaml", i), "mode": "100644",
			"type": "blob", "sha": githubtest.SHA("same"), "size": 10, "url": "https://api.github.com/repos/acme/orders/git/blobs/" + githubtest.SHA("same")}
	}
	f.ServeTree(githubtest.SHA("commit"), githubtest.TreeOf(entries...))
	trees := newTrees(t, f)
	tree, err := trees.Tree(t.Context(), githubtest.Orders, githubtest.SHA("commit"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := tree.Files(t.Context())
	if err != nil || len(files) != 100_000 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	entriesKept, bytes := trees.objects.kept.Stats()
	t.Logf("kept: %d objects, %d bytes", entriesKept, bytes)
	if entriesKept != 1 || bytes > 20<<20 {
		t.Errorf("%d objects of %d bytes", entriesKept, bytes)
	}
	wantMissing(t, tree, "services/100000/deeply/nested/directory/file.yaml")
}

func TestUnusableNamesOfTrees(t *testing.T) {
	f := githubtest.New(t)
	trees := newTrees(t, f)
	for _, ref := range []string{"", "main", "../../../app", strings.Repeat("A", 40), strings.Repeat("a", 39)} {
		if _, err := trees.Tree(t.Context(), githubtest.Orders, ref); github.Classify(err) != github.ClassPermanent {
			t.Errorf("tree %q: %v", ref, err)
		}
	}
	if asked := f.Requests(); len(asked) != 0 {
		t.Errorf("asked %v", asked)
	}
}

func TestReaderNeedsASource(t *testing.T) {
	if _, err := New(nil, Config{}); err == nil {
		t.Error("a reader without a source was made")
	}
}

func FuzzListing(f *testing.F) {
	f.Add([]byte(`[{"path":"../a","mode":"120000","type":"blob","sha":"1","size":-1},{"path":"a","type":"blob"}]`))
	f.Add([]byte(`[{"path":"a","type":"blob"},{"path":"a/b","type":"blob"},{"path":"a","type":"blob"}]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var entries []github.TreeEntry
		if json.Unmarshal(text, &entries) != nil {
			return
		}
		found := new(listing)
		for _, e := range entries {
			found.add(e, "")
		}
		found.sort()
		for _, file := range found.files {
			if got, ok := found.file(file.Path); !ok || got != file {
				t.Errorf("%q is listed and not found", file.Path)
			}
			if strings.Contains("/"+file.Path+"/", "/../") || strings.HasPrefix(file.Path, "/") {
				t.Errorf("%q leads out", file.Path)
			}
		}
	})
}

// A commit that does not exist does not exist; a file of it may.
func TestMissingCommit(t *testing.T) {
	f := githubtest.New(t).Tokens()
	trees := newTrees(t, f)
	if _, err := trees.Tree(t.Context(), githubtest.Orders, githubtest.SHA("gone")); !errors.Is(err, fs.ErrNotExist) || github.Classify(err) != github.ClassNotFound {
		t.Errorf("the tree: %v", err)
	}
	known := trees.KnownTree(githubtest.Orders, githubtest.SHA("gone"), nil)
	if _, err := known.ReadFile(t.Context(), "api.yaml"); errors.Is(err, fs.ErrNotExist) || github.Classify(err) != github.ClassNotFound {
		t.Errorf("a file: %v", err)
	}
}
