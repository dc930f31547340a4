package tree

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/prometheus/client_golang/prometheus"
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

// The same SHA is known of another account, and of another repository of the same
// account: each has to ask for itself, and may be told that there is none.
func TestObjectsAreNotShared(t *testing.T) {
	f := githubtest.New(t).Tokens()
	commit := githubtest.SHA("commit")
	f.HandleFunc("GET /repos/acme/{repo}/git/trees/{sha}", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "token token-1" || r.PathValue("repo") != "orders" {
			githubtest.Refusal(w, 404, "Not Found")
			return
		}
		githubtest.Answer(w, githubtest.TreeOf(githubtest.BlobEntry("secret", "secret")))
	})
	trees := newTrees(t, f)
	if _, err := trees.Tree(t.Context(), githubtest.Orders, commit); err != nil {
		t.Fatal(err)
	}
	otherAccount, otherRepository, unnumbered := githubtest.Orders, githubtest.Orders, githubtest.Orders
	otherAccount.Installation = 2
	otherRepository.ID, otherRepository.Name = 11, "other"
	unnumbered.ID, unnumbered.Name = 0, "other"
	for _, repo := range []contracts.RepositoryRef{otherAccount, otherRepository, unnumbered} {
		if tree, err := trees.Tree(t.Context(), repo, commit); github.Classify(err) != github.ClassNotFound {
			t.Errorf("%+v: %v, %v", repo, tree, err)
		}
	}
}

func TestBlobIsCheckedAgainstItsName(t *testing.T) {
	whole := strings.Repeat("openapi", 1000)
	tests := map[string]func(w http.ResponseWriter){
		"cut, and told so": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "7000")
			_, _ = w.Write([]byte(whole[:3000]))
		},
		"cut by a proxy": func(w http.ResponseWriter) { _, _ = w.Write([]byte(whole[:3000])) },
		"nothing":        func(w http.ResponseWriter) { w.WriteHeader(200) },
		"longer":         func(w http.ResponseWriter) { _, _ = w.Write([]byte(whole + "!")) },
		"other bytes":    func(w http.ResponseWriter) { _, _ = w.Write([]byte(strings.ToUpper(whole))) },
		"not there":      func(w http.ResponseWriter) { githubtest.Refusal(w, 404, "Not Found") },
	}
	for name, send := range tests {
		t.Run(name, func(t *testing.T) {
			f := githubtest.New(t).Tokens()
			f.ServeTree(githubtest.SHA("commit"), githubtest.TreeOf(githubtest.BlobEntry("api.yaml", whole)))
			good := false
			f.HandleFunc("GET /repos/acme/orders/git/blobs/{sha}", func(w http.ResponseWriter, r *http.Request) {
				if accept := r.Header.Get("Accept"); accept != "application/vnd.github.raw+json" {
					t.Errorf("Accept: %s", accept)
				}
				if good {
					_, _ = w.Write([]byte(whole))
					return
				}
				send(w)
			})
			tree, err := newTrees(t, f).Tree(t.Context(), githubtest.Orders, githubtest.SHA("commit"))
			if err != nil {
				t.Fatal(err)
			}
			content, err := tree.ReadFile(t.Context(), "api.yaml")
			if err == nil || errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("%d bytes, %v: the tree says that the file exists", len(content), err)
			}
			want := github.ClassRetry
			if name == "not there" {
				want = github.ClassNotFound
			}
			if github.Classify(err) != want {
				t.Errorf("class %q, want %q: %v", github.Classify(err), want, err)
			}
			good = true
			wantContent(t, tree, "api.yaml", whole)
		})
	}
}

func TestConcurrentReadsAreOne(t *testing.T) {
	f := githubtest.New(t).Tokens()
	f.ServeTree(githubtest.SHA("commit"), githubtest.TreeOf(githubtest.BlobEntry("api.yaml", "content")))
	release, started := make(chan struct{}), make(chan struct{})
	var asked atomic.Int32
	f.HandleFunc("GET /repos/acme/orders/git/blobs/{sha}", func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			close(started)
		}
		<-release
		_, _ = w.Write([]byte("content"))
	})
	trees := newTrees(t, f)

	// The first caller starts the fetch and then gives up.
	first, giveUp := context.WithCancel(t.Context())
	tree, err := trees.Tree(first, githubtest.Orders, githubtest.SHA("commit"))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	gaveUp := make(chan error, 1)
	wg.Go(func() {
		_, err := tree.ReadFile(first, "api.yaml")
		gaveUp <- err
	})
	<-started
	results := make(chan error, 40)
	for range 40 {
		wg.Go(func() {
			// A tree of its own each: what is shared is the object, not the tree.
			tree, err := trees.Tree(t.Context(), githubtest.Orders, githubtest.SHA("commit"))
			if err == nil {
				var content []byte
				content, err = tree.ReadFile(t.Context(), "api.yaml")
				if err == nil && string(content) != "content" {
					err = fmt.Errorf("content %q", content)
				}
			}
			results <- err
		})
	}
	giveUp()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Errorf("the one who gave up: %v", err)
	}
	close(release)
	wg.Wait()
	for range 40 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// direct answers requests without a network, so that a test can tell when everybody
// waits.
type direct struct{ http.Handler }

func (d direct) RoundTrip(req *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	d.ServeHTTP(recorder, req)
	return recorder.Result(), nil
}

func TestBlobsAtOnce(t *testing.T) {
	githubtest.Key() // made outside: it is kept for all tests
	synctest.Test(t, func(t *testing.T) {
		f := githubtest.NewUnserved("http://github.test").Tokens()
		var entries []map[string]any
		var contents []string
		for i := range 30 {
			contents = append(contents, fmt.Sprint("content ", i))
			entries = append(entries, githubtest.BlobEntry(fmt.Sprintf("f%02d", i), contents[i]))
		}
		f.ServeTree(githubtest.SHA("commit"), githubtest.TreeOf(entries...))
		var waiting atomic.Int32
		release := make(chan struct{})
		f.HandleFunc("GET /repos/acme/orders/git/blobs/{sha}", func(w http.ResponseWriter, r *http.Request) {
			waiting.Add(1)
			defer waiting.Add(-1)
			<-release
			i := slices.IndexFunc(contents, func(c string) bool { return githubtest.BlobSHA(c) == r.PathValue("sha") })
			_, _ = w.Write([]byte(contents[i]))
		})
		tree, err := newTrees(t, f, func(c *github.Config, _ *Config) { c.Transport = direct{f} }).Tree(t.Context(), githubtest.Orders, githubtest.SHA("commit"))
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range 30 {
			wg.Go(func() { wantContent(t, tree, fmt.Sprintf("f%02d", i), contents[i]) })
		}
		for i := range 30 {
			synctest.Wait()
			if n := int(waiting.Load()); n != min(atOnce, 30-i) {
				t.Errorf("%d at once", n)
			}
			release <- struct{}{}
		}
		wg.Wait()
	})
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

func TestObjectCacheIsBounded(t *testing.T) {
	f := githubtest.New(t).Tokens()
	var entries []map[string]any
	var contents []string
	for i := range 50 {
		contents = append(contents, strings.Repeat(fmt.Sprintf("%04d", i), 1000))
		entries = append(entries, githubtest.BlobEntry(fmt.Sprintf("f%02d", i), contents[i]))
	}
	f.ServeTree(githubtest.SHA("commit"), githubtest.TreeOf(entries...))
	f.ServeBlobs(contents...)
	trees := newTrees(t, f, func(_ *github.Config, r *Config) { r.Bytes = 50_000 })
	tree, err := trees.Tree(t.Context(), githubtest.Orders, githubtest.SHA("commit"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		wantContent(t, tree, fmt.Sprintf("f%02d", i), contents[i])
		if _, bytes := trees.objects.kept.Stats(); bytes > 50_000 {
			t.Fatalf("%d bytes kept", bytes)
		}
	}
	wantContent(t, tree, "f00", contents[0])
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

func TestMetricsOfTheObjectCache(t *testing.T) {
	f := githubtest.New(t).Tokens()
	f.ServeTree(githubtest.SHA("commit"), githubtest.TreeOf(githubtest.BlobEntry("a", "a")))
	metrics := prometheus.NewRegistry()
	trees := newTrees(t, f, func(_ *github.Config, r *Config) { r.Registerer = metrics })
	if _, err := trees.Tree(t.Context(), githubtest.Orders, githubtest.SHA("commit")); err != nil {
		t.Fatal(err)
	}
	_, bytes := trees.objects.kept.Stats()
	gathered, err := metrics.Gather()
	if err != nil || len(gathered) != 1 || gathered[0].GetName() != "plimsoll_github_object_cache_bytes" || bytes == 0 || gathered[0].Metric[0].GetGauge().GetValue() != float64(bytes) {
		t.Errorf("%v, %v, want %d bytes", gathered, err, bytes)
	}
	if _, err := New(trees.source, Config{Registerer: metrics}); err == nil {
		t.Error("the same metric was registered twice")
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
