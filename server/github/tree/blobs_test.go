package tree

import (
	"context"
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

	"plimsoll/contracts"
	"plimsoll/server/github"
	"plimsoll/server/github/githubtest"
)

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
