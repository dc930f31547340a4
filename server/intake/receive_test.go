package intake_test

import (
	"crypto/sha1" // #nosec: the test shows that it is refused
	"crypto/sha256"
	"net/http"
	"strings"
	"testing"

	"plimsoll/server/intake"
	"plimsoll/server/queue"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

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
		if _, err := intake.New(intake.Config{Secrets: secrets}, &recorder{}, s, q); err == nil {
			t.Errorf("New with secrets %q gave no error", secrets)
		} else if strings.Contains(err.Error(), "good") {
			t.Errorf("the error shows a secret: %v", err)
		}
	}
}
