package tree

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"testing"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/server/github"
	"plimsoll/server/github/githubtest"
)

func TestOverlay(t *testing.T) {
	f := githubtest.New(t).Tokens()
	link := githubtest.BlobEntry("link", "to")
	link["mode"] = "120000"
	f.ServeTree(githubtest.SHA("base"), githubtest.TreeOf(githubtest.BlobEntry("a", "a"), githubtest.BlobEntry("b/old", "b"), githubtest.BlobEntry("c", "c"), githubtest.BlobEntry("z", "z"), link))
	f.ServeBlobs("a", "b", "c", "z", "new a", "new", "moved", "elsewhere")
	trees := newTrees(t, f)
	base, err := trees.Tree(t.Context(), githubtest.Orders, githubtest.SHA("base"))
	if err != nil {
		t.Fatal(err)
	}
	head := Overlay(base, []contracts.File{
		{Path: "a", SHA: githubtest.BlobSHA("new a"), Size: unknownSize},
		{Path: "b/new", SHA: githubtest.BlobSHA("moved"), Size: unknownSize},
		{Path: "zz", SHA: githubtest.BlobSHA("new"), Size: 3},
		{Path: "0", SHA: githubtest.BlobSHA("new"), Size: 3},
		{Path: "link", SHA: githubtest.BlobSHA("elsewhere"), Size: unknownSize},
		{Path: "../escape", SHA: githubtest.BlobSHA("new"), Size: 3},
		{Path: "large", SHA: githubtest.BlobSHA("new"), Size: github.MaxBlob + 1},
	}, []string{"b/old", "c", "never there", "zz"}, nil)

	wantFiles(t, head, "0", "a", "b/new", "large", "z", "zz")
	wantContent(t, head, "a", "new a")
	wantContent(t, head, "b/new", "moved")
	wantContent(t, head, "z", "z")
	wantContent(t, head, "zz", "new") // changed and removed: what is said to be there counts
	wantMissing(t, head, "b/old", "c", "never there", "../escape", "nope")
	wantProblem(t, head, "link", "is a symbolic link")
	wantProblem(t, head, "large", "has 33554433 bytes")

	// A further one on top, and nothing at all.
	top := Overlay(head, []contracts.File{{Path: "c", SHA: githubtest.BlobSHA("c"), Size: 1}}, []string{"0"}, nil)
	wantFiles(t, top, "a", "b/new", "c", "large", "z", "zz")
	wantContent(t, top, "c", "c")
	wantProblem(t, top, "link", "is a symbolic link")
	wantFiles(t, Overlay(base, nil, nil, nil), "a", "b/old", "c", "z")
	wantFiles(t, base, "a", "b/old", "c", "z")
}

// Of a changed file the size is not known: it is bounded while it is read.
func TestOverlayBoundsUnknownSizes(t *testing.T) {
	f := githubtest.New(t).Tokens()
	f.ServeTree(githubtest.SHA("base"), githubtest.TreeOf())
	f.HandleFunc("GET /repos/acme/orders/git/blobs/{sha}", func(w http.ResponseWriter, _ *http.Request) {
		chunk := make([]byte, 1<<20)
		for range github.MaxBlob>>20 + 4 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	base, err := newTrees(t, f).Tree(t.Context(), githubtest.Orders, githubtest.SHA("base"))
	if err != nil {
		t.Fatal(err)
	}
	head := Overlay(base, []contracts.File{{Path: "dump.json", SHA: githubtest.SHA("dump"), Size: unknownSize}}, nil, nil)
	wantProblem(t, head, "dump.json", "has more than 33554432 bytes")
}

func TestCompare(t *testing.T) {
	f := githubtest.New(t).Tokens()
	f.HandleFunc("GET /repos/acme/orders/compare/{basehead}", func(w http.ResponseWriter, r *http.Request) {
		if want := githubtest.SHA("base") + "..." + githubtest.SHA("head"); r.PathValue("basehead") != want || r.URL.RawQuery != "per_page=1&page=1" {
			t.Errorf("asked for %s?%s", r.PathValue("basehead"), r.URL.RawQuery)
		}
		githubtest.Answer(w, githubtest.CompareAnswer(
			map[string]any{"filename": "a", "status": "modified", "sha": githubtest.BlobSHA("new a")},
			map[string]any{"filename": "b/new", "previous_filename": "b/old", "status": "renamed", "sha": githubtest.BlobSHA("b")},
			map[string]any{"filename": "c", "status": "removed", "sha": githubtest.BlobSHA("c")},
			map[string]any{"filename": "d", "status": "added", "sha": githubtest.BlobSHA("d")},
			map[string]any{"filename": "e", "previous_filename": "a", "status": "copied", "sha": githubtest.BlobSHA("a")},
			map[string]any{"filename": "z", "status": "changed", "sha": githubtest.BlobSHA("z")},
		))
	})
	f.ServeTree(githubtest.SHA("base tree"), githubtest.TreeOf(githubtest.BlobEntry("a", "a"), githubtest.BlobEntry("b/old", "b"), githubtest.BlobEntry("c", "c"), githubtest.BlobEntry("z", "z")))
	f.ServeBlobs("a", "new a", "b", "d")
	trees := newTrees(t, f)
	clients := trees.source.(*github.Clients)
	ctx, count := github.WithCount(t.Context())
	comparison, err := clients.Compare(ctx, githubtest.Orders, githubtest.SHA("base"), githubtest.SHA("head"))
	if err != nil {
		t.Fatal(err)
	}
	if comparison.MergeBase != githubtest.SHA("merge base") || !comparison.Complete || len(comparison.Files) != 6 {
		t.Errorf("%+v", comparison)
	}
	base, err := trees.Tree(ctx, githubtest.Orders, comparison.MergeBaseTree)
	if err != nil {
		t.Fatal(err)
	}
	changed, removed := Changes(comparison.Files)
	head := Overlay(base, changed, removed, nil)
	wantFiles(t, head, "a", "b/new", "d", "e", "z")
	wantMissing(t, head, "b/old", "c")
	wantContent(t, head, "e", "a")
	if count.Network() != 2 {
		t.Errorf("%d requests for both trees", count.Network())
	}
}

// memoryTree is a Tree of nothing but names.
type memoryTree []contracts.File

func (m memoryTree) Files(context.Context) ([]contracts.File, error) { return m, nil }
func (m memoryTree) ReadFile(_ context.Context, path string) ([]byte, error) {
	return nil, fmt.Errorf("read %s: %w", path, fs.ErrNotExist)
}

func TestDiffTrees(t *testing.T) {
	file := func(path, content string) contracts.File {
		return contracts.File{Path: path, SHA: githubtest.BlobSHA(content)}
	}
	base := memoryTree{file("a", "1"), file("b", "2"), file("c", "3"), file("copy1", "same"), file("copy2", "same"), file("old", "moved")}
	head := memoryTree{file("a", "1"), file("b", "changed"), file("copy3", "same"), file("new", "moved"), file("z", "4")}
	got, err := Diff(t.Context(), base, head)
	want := []source.ChangedFile{
		{Path: "b", Status: github.FileModified, SHA: githubtest.BlobSHA("changed")},
		{Path: "c", Status: github.FileRemoved, SHA: githubtest.BlobSHA("3")},
		{Path: "copy1", Status: github.FileRemoved, SHA: githubtest.BlobSHA("same")},
		{Path: "copy2", Status: github.FileRemoved, SHA: githubtest.BlobSHA("same")},
		{Path: "copy3", Status: github.FileAdded, SHA: githubtest.BlobSHA("same")},
		{Path: "new", Previous: "old", Status: github.FileRenamed, SHA: githubtest.BlobSHA("moved")},
		{Path: "z", Status: github.FileAdded, SHA: githubtest.BlobSHA("4")},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	for name, pair := range map[string][2]memoryTree{"empty": {}, "equal": {base, base}} {
		if got, err := Diff(t.Context(), pair[0], pair[1]); err != nil || len(got) != 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	// What differs, laid over base, is head.
	comparison := source.Comparison{Files: want}
	changed, removed := Changes(comparison.Files)
	laid, err := Overlay(base, changed, removed, nil).Files(t.Context())
	if err != nil || !slices.Equal(paths(laid), paths(head)) {
		t.Errorf("%q, %v", paths(laid), err)
	}
}

// 301 renames are more than compare lists; the trees tell them all.
func TestDiffTreesManyRenames(t *testing.T) {
	var base, head memoryTree
	for i := range 301 {
		base = append(base, contracts.File{Path: fmt.Sprintf("old/%03d", i), SHA: githubtest.SHA(fmt.Sprint(i))})
		head = append(head, contracts.File{Path: fmt.Sprintf("new/%03d", i), SHA: githubtest.SHA(fmt.Sprint(i))})
	}
	got, err := Diff(t.Context(), base, head)
	if err != nil || len(got) != 301 {
		t.Fatalf("%d, %v", len(got), err)
	}
	for i, c := range got {
		if c.Status != github.FileRenamed || c.Path != head[i].Path || c.Previous != base[i].Path {
			t.Fatalf("%+v", c)
		}
	}
}

func TestOverlayOnForeignTree(t *testing.T) {
	o := Overlay(memoryTree{}, []contracts.File{{Path: "a", SHA: githubtest.SHA("a")}}, nil, nil)
	if _, err := o.ReadFile(t.Context(), "a"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file without a way to read it: %v", err)
	}
}

// Where GitHub cut the list of files off, the trees say what changed.
func TestHeadTree(t *testing.T) {
	f := githubtest.New(t).Tokens()
	f.ServeTree(githubtest.SHA("base"), githubtest.TreeOf(githubtest.BlobEntry("a", "a"), githubtest.BlobEntry("b", "b")))
	f.ServeTree(githubtest.SHA("head"), githubtest.TreeOf(githubtest.BlobEntry("a", "new"), githubtest.BlobEntry("b", "b"), githubtest.BlobEntry("c", "c")))
	f.ServeBlobs("a", "b", "new", "c")
	trees := newTrees(t, f)
	base, err := trees.Tree(t.Context(), githubtest.Orders, githubtest.SHA("base"))
	if err != nil {
		t.Fatal(err)
	}
	listed := []source.ChangedFile{{Path: "a", Status: github.FileModified, SHA: githubtest.BlobSHA("new")}}
	all := append(slices.Clone(listed), source.ChangedFile{Path: "c", Status: github.FileAdded, SHA: githubtest.BlobSHA("c")})
	for _, comparison := range []source.Comparison{
		{Head: githubtest.SHA("head"), Files: all, Complete: true},
		{Head: githubtest.SHA("head"), Files: listed},
	} {
		before := len(f.Requests())
		head, files, err := trees.HeadTree(t.Context(), githubtest.Orders, base, comparison)
		if err != nil || !slices.Equal(files, all) {
			t.Fatalf("complete %t: %+v, %v", comparison.Complete, files, err)
		}
		if asked := len(f.Requests()) - before; (asked == 0) != comparison.Complete {
			t.Errorf("complete %t: %d requests", comparison.Complete, asked)
		}
		wantFiles(t, head, "a", "b", "c")
		wantContent(t, head, "a", "new")
		wantContent(t, head, "c", "c")
	}
	if _, _, err := trees.HeadTree(t.Context(), githubtest.Orders, base, source.Comparison{Head: githubtest.SHA("gone")}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a head that does not exist: %v", err)
	}
}
