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

const AppID = 4711

var Key = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func KeyPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(Key())})
}

// fake is a GitHub that answers what a test tells it to.
type Fake struct {
	*http.ServeMux
	URL string

	mu   sync.Mutex
	seen []string // "METHOD /path?query" of everything but tokens
}

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

// newUnserved returns a fake without a server, for tests that answer its requests
// without a network.
func NewUnserved(url string) *Fake { return &Fake{ServeMux: http.NewServeMux(), URL: url} }

// tokens makes the fake give a token to every installation: "token-ID".
func (f *Fake) Tokens() *Fake {
	f.HandleFunc("POST /app/installations/{id}/access_tokens", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusCreated)
		Answer(w, map[string]any{"token": "token-" + r.PathValue("id"), "expires_at": time.Now().Add(time.Hour)})
	})
	return f
}

// requests gives what was asked for, tokens left out.
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

func Answer(w http.ResponseWriter, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic(err)
	}
}

func Refusal(w http.ResponseWriter, status int, message string, header ...string) {
	for i := 0; i+1 < len(header); i += 2 {
		w.Header().Set(header[i], header[i+1])
	}
	w.WriteHeader(status)
	Answer(w, map[string]string{"message": message})
}

// stoppedClock stands still until a test moves it.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

func NewClock() *Clock {
	return NewClockAt(time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC))
}

func NewClockAt(now time.Time) *Clock { return &Clock{now: now} }

func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *Clock) Forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// orders is the repository of these tests.
var Orders = contracts.RepositoryRef{Installation: 1, ID: 10, Owner: "acme", Name: "orders"}

// sha makes the name of a commit or tree out of a word.
func SHA(word string) string {
	sum := sha1.Sum([]byte(word))
	return hex.EncodeToString(sum[:])
}

func BlobSHA(content string) string {
	sum := sha1.Sum(fmt.Appendf(nil, "blob %d\x00%s", len(content), content))
	return hex.EncodeToString(sum[:])
}

func BlobEntry(path, content string) map[string]any {
	return map[string]any{"path": path, "mode": "100644", "type": "blob", "sha": BlobSHA(content), "size": len(content)}
}

func TreeOf(entries ...map[string]any) map[string]any {
	return map[string]any{"sha": SHA("tree"), "tree": entries, "truncated": false}
}

// serveBlobs answers for these contents.
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

// serveTree answers for one tree.
func (f *Fake) ServeTree(sha string, tree map[string]any) {
	f.HandleFunc("GET /repos/acme/orders/git/trees/"+sha, func(w http.ResponseWriter, r *http.Request) { Answer(w, tree) })
}

// compareAnswer is a comparison of these files.
func CompareAnswer(files ...map[string]any) map[string]any {
	return map[string]any{
		"merge_base_commit": map[string]any{"sha": SHA("merge base"), "commit": map[string]any{"tree": map[string]any{"sha": SHA("base tree")}}},
		"ahead_by":          3, "behind_by": 1, "files": files,
	}
}
