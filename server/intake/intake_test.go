package intake_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1" // #nosec: the test shows that it is refused
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/server/intake"
	"plimsoll/server/queue"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

const secret = "it's a secret"

// recorder is an event handler that remembers what it was given.
type recorder struct {
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

// route reads {"pull": 1, "ignore": "…"}.
func route(event string, payload []byte) (intake.Route, error) {
	var p struct {
		Pull   int    `json:"pull"`
		Ignore string `json:"ignore"`
	}
	if err := json.Unmarshal(payload, &p); err != nil {
		return intake.Route{}, err
	}
	return intake.Route{Kind: event, Key: fmt.Sprintf("pull/%d", p.Pull), Installation: 7, Repository: 9, Ignore: p.Ignore}, nil
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
	config.Route = route
	r := &recorder{}
	in, err := intake.New(config, s, q, r)
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

func TestAWebhookIsStoredAndHandled(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.expectSent(t, request("push", "d-1", `{"pull":1}`), 200, `"state":"stored"`)
		delivery, err := b.store.Delivery(t.Context(), "d-1")
		if err != nil {
			t.Fatal(err)
		}
		if delivery.Event != "push" || string(delivery.Body) != `{"pull":1}` || delivery.Installation != 7 ||
			delivery.Repository != 9 || delivery.Headers != `{"X-GitHub-Hook-ID":"42"}` || delivery.Job == "" {
			t.Errorf("stored %+v", delivery)
		}
		var logged bytes.Buffer
		b.check = func(ctx context.Context) error {
			zerolog.Ctx(ctx).Info().Msg("at work")
			if job, ok := queue.FromContext(ctx); !ok || job.Kind != "event/push" {
				t.Errorf("job of the context: %+v", job)
			}
			return nil
		}
		if _, err := b.queue.RunDue(zerolog.New(&logged).WithContext(t.Context())); err != nil {
			t.Fatal(err)
		}
		b.expect(t, `push d-1 {"pull":1}`)
		for _, field := range []string{`"delivery":"d-1"`, `"event":"push"`, `"installation":7`, `"repository":9`, `"key":"pull/1"`} {
			if line, _, _ := strings.Cut(logged.String(), "\n"); !strings.Contains(line, field) {
				t.Errorf("no %s in the log line %s", field, line)
			}
		}
	})
}

func TestRefusals(t *testing.T) {
	body := `{"pull":1}`
	change := func(f func(r *http.Request)) func() *http.Request {
		return func() *http.Request {
			r := request("push", "d-1", body)
			f(r)
			return r
		}
	}
	large := `{"pull":1,"x":"` + strings.Repeat("x", 1000) + `"}`
	cases := []struct {
		name   string
		make   func() *http.Request
		status int
	}{
		{"GET", change(func(r *http.Request) { r.Method = http.MethodGet }), 405},
		{"form", change(func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }), 415},
		{"no content type", change(func(r *http.Request) { r.Header.Del("Content-Type") }), 415},
		{"no event", change(func(r *http.Request) { r.Header.Del("X-GitHub-Event") }), 400},
		{"odd event", change(func(r *http.Request) { r.Header.Set("X-GitHub-Event", "Push Me") }), 400},
		{"no delivery", change(func(r *http.Request) { r.Header.Del("X-GitHub-Delivery") }), 400},
		{"long delivery", change(func(r *http.Request) { r.Header.Set("X-GitHub-Delivery", strings.Repeat("d", 65)) }), 400},
		{"odd delivery", change(func(r *http.Request) { r.Header.Set("X-GitHub-Delivery", "d'; --") }), 400},
		{"two deliveries", change(func(r *http.Request) { r.Header.Add("X-GitHub-Delivery", "d-2") }), 400},
		{"two signatures", change(func(r *http.Request) { r.Header.Add("X-Hub-Signature-256", "sha256=00") }), 401},
		{"no signature", change(func(r *http.Request) { r.Header.Del("X-Hub-Signature-256") }), 401},
		{"SHA-1 only", change(func(r *http.Request) {
			r.Header.Del("X-Hub-Signature-256")
			r.Header.Set("X-Hub-Signature", sign(sha1.New, "sha1=", secret, body))
		}), 401},
		{"SHA-1 in the other header", change(func(r *http.Request) {
			r.Header.Set("X-Hub-Signature-256", sign(sha1.New, "sha1=", secret, body))
		}), 401},
		{"wrong secret", change(func(r *http.Request) {
			r.Header.Set("X-Hub-Signature-256", sign(sha256.New, "sha256=", "guessed", body))
		}), 401},
		{"empty secret", change(func(r *http.Request) {
			r.Header.Set("X-Hub-Signature-256", sign(sha256.New, "sha256=", "", body))
		}), 401},
		{"short signature", change(func(r *http.Request) { r.Header.Set("X-Hub-Signature-256", "sha256=ab") }), 401},
		{"other body", func() *http.Request {
			r := request("push", "d-1", `{"pull":2}`)
			r.Header.Set("X-Hub-Signature-256", sign(sha256.New, "sha256=", secret, body))
			return r
		}, 401},
		{"not JSON", func() *http.Request { return request("push", "d-1", `{"pull":1`) }, 400},
		{"empty body", func() *http.Request { return request("push", "d-1", ``) }, 400},
		{"over the limit", func() *http.Request { return request("push", "d-1", large) }, 413},
		{"over the limit, chunked", func() *http.Request {
			r := request("push", "d-1", large)
			r.ContentLength = -1
			return r
		}, 413},
	}
	each(t, func(t *testing.T, b *bench) {
		for _, c := range cases {
			if status, text := b.send(c.make()); status != c.status {
				t.Errorf("%s: %d %q, want %d", c.name, status, text, c.status)
			}
		}
		if stored, err := b.store.DeliveryStored(t.Context(), "d-1"); err != nil || stored {
			t.Errorf("stored %v, %v", stored, err)
		}
		if n := b.runDue(t); n != 0 {
			t.Errorf("%d jobs of refused webhooks ran", n)
		}
	})
}

func TestABodyAtTheLimitIsTaken(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		body := `{"pull":1,"x":"` + strings.Repeat("x", 1000-17) + `"}`
		if len(body) != 1000 {
			t.Fatalf("%d bytes", len(body))
		}
		b.expectSent(t, request("push", "d-1", body), 200, "stored")
		chunked := request("push", "d-2", body)
		chunked.ContentLength = -1
		b.expectSent(t, chunked, 200, "stored")
	})
}

func TestSecretsAreNeeded(t *testing.T) {
	s := storetest.Open(t, store.Options{DSN: storetest.SQLite(t)})
	for _, secrets := range [][]string{nil, {}, {""}, {"good", " "}} {
		q, err := queue.New(s, queue.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := intake.New(intake.Config{Secrets: secrets, Route: route}, s, q); err == nil {
			t.Errorf("New with secrets %q gave no error", secrets)
		} else if strings.Contains(err.Error(), "good") {
			t.Errorf("the error shows a secret: %v", err)
		}
	}
}

func TestTwoHandlersOfOneEventAreRefused(t *testing.T) {
	s := storetest.Open(t, store.Options{DSN: storetest.SQLite(t)})
	q, err := queue.New(s, queue.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := intake.New(intake.Config{Secrets: []string{secret}, Route: route}, s, q, &recorder{}, &recorder{}); err == nil {
		t.Error("no error")
	}
}

func TestEverySecretFitsDuringRotation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s, intake.Config{Secrets: []string{"new", secret}})
		b.expectSent(t, request("push", "d-old", `{}`), 200, "stored")
		r := request("push", "d-new", `{}`)
		r.Header.Set("X-Hub-Signature-256", sign(sha256.New, "sha256=", "new", `{}`))
		b.expectSent(t, r, 200, "stored")
	})
}

func TestTheSameDeliveryFiftyTimesAtOnceIsOneJob(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		var group sync.WaitGroup
		states := make([]string, 50)
		for i := range states {
			group.Go(func() {
				status, body := b.send(request("pull_request", "d-1", `{"pull":1}`))
				if status != 200 {
					t.Errorf("status %d", status)
				}
				states[i] = body
			})
		}
		group.Wait()
		stored := 0
		for _, state := range states {
			if strings.Contains(state, `"stored"`) {
				stored++
			}
		}
		if stored != 1 {
			t.Errorf("%d of 50 were stored", stored)
		}
		if n := b.runDue(t); n != 1 {
			t.Errorf("%d jobs ran", n)
		}
		b.expectSent(t, request("pull_request", "d-1", `{"pull":1}`), 200, `"duplicate"`)
		if n := b.runDue(t); n != 0 {
			t.Errorf("%d jobs ran for a duplicate", n)
		}
		b.expect(t, `pull_request d-1 {"pull":1}`)
	})
}

func TestWaitingDeliveriesOfASubjectAreMergedAndTraceable(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for i := range 4 {
			b.expectSent(t, request("pull_request", fmt.Sprintf("d-%d", i), fmt.Sprintf(`{"pull":1,"n":%d}`, i)), 200, "stored")
		}
		if n := b.runDue(t); n != 1 {
			t.Errorf("%d jobs ran", n)
		}
		b.expect(t, `pull_request d-3 {"pull":1,"n":3}`)
		last, err := b.store.Delivery(t.Context(), "d-3")
		if err != nil {
			t.Fatal(err)
		}
		ids, err := b.store.DeliveriesOfJob(t.Context(), last.Job)
		slices.Sort(ids)
		if err != nil || !slices.Equal(ids, []string{"d-0", "d-1", "d-2", "d-3"}) {
			t.Errorf("deliveries of the job: %q, %v", ids, err)
		}
	})
}

func TestWhatAsksForNothingIsStoredAsIgnored(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.expectSent(t, request("star", "d-1", `{}`), 202, `"ignored"`)
		b.expectSent(t, request("push", "d-2", `{"ignore":"not the default branch"}`), 202, `"ignored"`)
		b.expectSent(t, request("push", "d-3", `[]`), 202, `"ignored"`)
		b.expectSent(t, request("ping", "d-4", `{"zen":"x"}`), 200, `"ignored"`)
		for id, why := range map[string]string{"d-1": "no handler for this event", "d-2": "not the default branch", "d-3": "not understood: ", "d-4": "no handler for this event"} {
			delivery, err := b.store.Delivery(t.Context(), id)
			if err != nil || !strings.HasPrefix(delivery.Ignored, why) || delivery.Job != "" || len(delivery.Body) != 0 {
				t.Errorf("%s: %+v, %v", id, delivery, err)
			}
		}
		if n := b.runDue(t); n != 0 {
			t.Errorf("%d jobs ran", n)
		}
	})
}

func TestAHandlersErrorBringsTheJobAgain(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.check = func(context.Context) error { return errors.New("502") }
		b.expectSent(t, request("push", "d-1", `{"pull":1}`), 200, "stored")
		b.runDue(t)
		delivery, err := b.store.Delivery(t.Context(), "d-1")
		if err != nil {
			t.Fatal(err)
		}
		row, err := b.store.Read().GetJob(t.Context(), delivery.Job)
		if err != nil || row.State != "ready" || row.LastError != "502" || row.RunAt <= time.Now().UnixMilli() {
			t.Errorf("job %+v, %v", row, err)
		}
	})
}
