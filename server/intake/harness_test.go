package intake_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"plimsoll/handlers"
	"plimsoll/server/intake"
	"plimsoll/server/queue"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

const secret = "it's a secret"

// recorder is a route table that remembers what it was given.
type recorder struct {
	routed
	mu    sync.Mutex
	calls []string
	check func(ctx context.Context) error
}

func (*recorder) Handles() []string { return []string{"pull_request", "push"} }

func (r *recorder) Handle(ctx context.Context, event, delivery string, payload []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, event+" "+delivery+" "+string(payload))
	if r.check != nil {
		return r.check(ctx)
	}
	return nil
}

func (r *recorder) expect(t *testing.T, want ...string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Equal(r.calls, want) {
		t.Errorf("handled %q\nwant    %q", r.calls, want)
	}
}

// routed routes by {"pull": 1, "ignore": "…"}.
type routed struct{}

func (routed) Route(event string, payload []byte) (handlers.Route, error) {
	var p struct {
		Pull   int    `json:"pull"`
		Ignore string `json:"ignore"`
	}
	if err := json.Unmarshal(payload, &p); err != nil {
		return handlers.Route{}, err
	}
	return handlers.Route{Kind: event, Key: fmt.Sprintf("pull/%d", p.Pull), Installation: 7, Repository: 9, Ignore: p.Ignore}, nil
}

type bench struct {
	*intake.Intake
	*recorder
	store *store.Store
	queue *queue.Queue
}

func newBench(t *testing.T, s *store.Store, config intake.Config) *bench {
	t.Helper()
	q, err := queue.New(s, queue.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if config.Secrets == nil {
		config.Secrets = []string{secret}
	}
	r := &recorder{}
	in, err := intake.New(config, r, s, q)
	if err != nil {
		t.Fatal(err)
	}
	return &bench{Intake: in, recorder: r, store: s, queue: q}
}

func each(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) { test(t, newBench(t, s, intake.Config{MaxBody: 1000})) })
}

func sign(newHash func() hash.Hash, prefix, key, body string) string {
	mac := hmac.New(newHash, []byte(key))
	mac.Write([]byte(body))
	return prefix + hex.EncodeToString(mac.Sum(nil))
}

// request is a webhook as GitHub sends it.
func request(event, delivery, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/api/github/hook", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-GitHub-Event", event)
	r.Header.Set("X-GitHub-Delivery", delivery)
	r.Header.Set("X-Hub-Signature-256", sign(sha256.New, "sha256=", secret, body))
	r.Header.Set("X-GitHub-Hook-ID", "42")
	return r
}

func (b *bench) send(r *http.Request) (status int, body string) {
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func (b *bench) expectSent(t *testing.T, r *http.Request, status int, text string) {
	t.Helper()
	if got, body := b.send(r); got != status || !strings.Contains(body, text) {
		t.Errorf("%d %q, want %d …%s…", got, body, status, text)
	}
}

func (b *bench) runDue(t *testing.T) int {
	t.Helper()
	n, err := b.queue.RunDue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}
