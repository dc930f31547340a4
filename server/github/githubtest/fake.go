package githubtest

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

// AppID is the App of these tests.
const AppID = 4711

// Key is the private key of the App, made once.
var Key = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// KeyPEM is Key as GitHub hands it out.
func KeyPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(Key())})
}

// Fake is a GitHub that answers what a test registers with its ServeMux.
type Fake struct {
	*http.ServeMux
	URL string

	mu   sync.Mutex
	seen []string // "METHOD /path?query" of everything but tokens
}

// New starts a fake that ends with the test.
func New(t testing.TB) *Fake {
	t.Helper()
	f := &Fake{ServeMux: http.NewServeMux()}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.seen = append(f.seen, r.Method+" "+r.URL.RequestURI())
		f.mu.Unlock()
		f.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	f.URL = server.URL
	return f
}

// NewUnserved returns a fake without a server, for tests that answer its requests
// without a network.
func NewUnserved(url string) *Fake { return &Fake{ServeMux: http.NewServeMux(), URL: url} }

// Tokens makes the fake give a token to every installation: "token-ID".
func (f *Fake) Tokens() *Fake {
	f.HandleFunc("POST /app/installations/{id}/access_tokens", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusCreated)
		Answer(w, map[string]any{"token": "token-" + r.PathValue("id"), "expires_at": time.Now().Add(time.Hour)})
	})
	return f
}

// Requests lists the requests so far, without those for tokens.
func (f *Fake) Requests() []string {
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

// Answer writes v as JSON.
func Answer(w http.ResponseWriter, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic(err)
	}
}

// Refusal writes an error as GitHub does; header has names and values in turn.
func Refusal(w http.ResponseWriter, status int, message string, header ...string) {
	for i := 0; i+1 < len(header); i += 2 {
		w.Header().Set(header[i], header[i+1])
	}
	w.WriteHeader(status)
	Answer(w, map[string]string{"message": message})
}

// Clock stands still until a test moves it.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that stands at some time in 2026.
func NewClock() *Clock {
	return NewClockAt(time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC))
}

// NewClockAt returns a clock that stands at now.
func NewClockAt(now time.Time) *Clock { return &Clock{now: now} }

// Now returns the time at which the clock stands.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Forward moves the clock.
func (c *Clock) Forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Orders is the repository of these tests.
var Orders = contracts.RepositoryRef{Installation: 1, ID: 10, Owner: "acme", Name: "orders"}

// SHA makes the name of a commit or tree out of a word.
func SHA(word string) string {
	sum := sha1.Sum([]byte(word))
	return hex.EncodeToString(sum[:])
}

// BlobSHA is the name of a blob.
func BlobSHA(content string) string {
	sum := sha1.Sum(fmt.Appendf(nil, "blob %d\x00%s", len(content), content))
	return hex.EncodeToString(sum[:])
}

// BlobEntry is a regular file in the answer about a tree.
func BlobEntry(path, content string) map[string]any {
	return map[string]any{"path": path, "mode": "100644", "type": "blob", "sha": BlobSHA(content), "size": len(content)}
}

// TreeOf is the answer about a tree of these entries.
func TreeOf(entries ...map[string]any) map[string]any {
	return map[string]any{"sha": SHA("tree"), "tree": entries, "truncated": false}
}

// ServeBlobs answers for these contents.
func (f *Fake) ServeBlobs(contents ...string) {
	f.HandleFunc("GET /repos/acme/orders/git/blobs/{sha}", func(w http.ResponseWriter, r *http.Request) {
		for _, content := range contents {
			if BlobSHA(content) == r.PathValue("sha") {
				_, _ = w.Write([]byte(content))
				return
			}
		}
		Refusal(w, http.StatusNotFound, "Not Found")
	})
}

// ServeTree answers for one tree.
func (f *Fake) ServeTree(sha string, tree map[string]any) {
	f.HandleFunc("GET /repos/acme/orders/git/trees/"+sha, func(w http.ResponseWriter, r *http.Request) { Answer(w, tree) })
}

// CompareAnswer is a comparison of these files.
func CompareAnswer(files ...map[string]any) map[string]any {
	return map[string]any{
		"merge_base_commit": map[string]any{"sha": SHA("merge base"), "commit": map[string]any{"tree": map[string]any{"sha": SHA("base tree")}}},
		"ahead_by":          3, "behind_by": 1, "files": files,
	}
}
