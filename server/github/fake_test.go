package github

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"plimsoll/contracts"
)

const testApp = 4711

var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func testPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(testKey())})
}

// fake is a GitHub that answers what a test tells it to.
type fake struct {
	*http.ServeMux
	url string

	mu   sync.Mutex
	seen []string // "METHOD /path?query" of everything but tokens
}

func newFake(t testing.TB) *fake {
	t.Helper()
	f := &fake{ServeMux: http.NewServeMux()}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.seen = append(f.seen, r.Method+" "+r.URL.RequestURI())
		f.mu.Unlock()
		f.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// newUnserved returns a fake without a server, for tests that answer its requests
// without a network.
func newUnserved(url string) *fake { return &fake{ServeMux: http.NewServeMux(), url: url} }

// tokens makes the fake give a token to every installation: "token-ID".
func (f *fake) tokens() *fake {
	f.HandleFunc("POST /app/installations/{id}/access_tokens", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusCreated)
		answer(w, map[string]any{"token": "token-" + r.PathValue("id"), "expires_at": time.Now().Add(time.Hour)})
	})
	return f
}

// requests gives what was asked for, tokens left out.
func (f *fake) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []string
	for _, r := range f.seen {
		if len(r) < 14 || r[len(r)-14:] != "/access_tokens" {
			list = append(list, r)
		}
	}
	return list
}

func answer(w http.ResponseWriter, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic(err)
	}
}

func refusal(w http.ResponseWriter, status int, message string, header ...string) {
	for i := 0; i+1 < len(header); i += 2 {
		w.Header().Set(header[i], header[i+1])
	}
	w.WriteHeader(status)
	answer(w, map[string]string{"message": message})
}

// stoppedClock stands still until a test moves it.
type stoppedClock struct {
	mu  sync.Mutex
	now time.Time
}

func newStoppedClock() *stoppedClock {
	return newStoppedClockAt(time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC))
}

func newStoppedClockAt(now time.Time) *stoppedClock { return &stoppedClock{now: now} }

func (c *stoppedClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *stoppedClock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// orders is the repository of these tests.
var orders = contracts.RepositoryRef{Installation: 1, ID: 10, Owner: "acme", Name: "orders"}

// sha makes the name of a commit or tree out of a word.
func sha(word string) string {
	sum := sha1.Sum([]byte(word))
	return hex.EncodeToString(sum[:])
}

func blobSHA(content string) string {
	sum := sha1.Sum(fmt.Appendf(nil, "blob %d\x00%s", len(content), content))
	return hex.EncodeToString(sum[:])
}

func blobEntry(path, content string) map[string]any {
	return map[string]any{"path": path, "mode": "100644", "type": "blob", "sha": blobSHA(content), "size": len(content)}
}

func treeOf(entries ...map[string]any) map[string]any {
	return map[string]any{"sha": sha("tree"), "tree": entries, "truncated": false}
}

// serveBlobs answers for these contents.
func (f *fake) serveBlobs(contents ...string) {
	f.HandleFunc("GET /repos/acme/orders/git/blobs/{sha}", func(w http.ResponseWriter, r *http.Request) {
		for _, content := range contents {
			if blobSHA(content) == r.PathValue("sha") {
				_, _ = w.Write([]byte(content))
				return
			}
		}
		refusal(w, http.StatusNotFound, "Not Found")
	})
}

// serveTree answers for one tree.
func (f *fake) serveTree(sha string, tree map[string]any) {
	f.HandleFunc("GET /repos/acme/orders/git/trees/"+sha, func(w http.ResponseWriter, r *http.Request) { answer(w, tree) })
}

// compareAnswer is a comparison of these files.
func compareAnswer(files ...map[string]any) map[string]any {
	return map[string]any{
		"merge_base_commit": map[string]any{"sha": sha("merge base"), "commit": map[string]any{"tree": map[string]any{"sha": sha("base tree")}}},
		"ahead_by":          3, "behind_by": 1, "files": files,
	}
}
