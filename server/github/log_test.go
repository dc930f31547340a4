package github

import (
	"bytes"
	"net/http"
	"plimsoll/server/github/githubtest"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

// Lines carry what the work's logger knows, and never a token.
func TestLog(t *testing.T) {
	f := githubtest.New(t).Tokens()
	f.HandleFunc(pullPath, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-GitHub-Request-Id", "ABCD:1234")
		if r.PathValue("number") == "8" {
			githubtest.Refusal(w, 403, "You have exceeded a secondary rate limit", "Retry-After", "5")
			return
		}
		githubtest.Answer(w, pullAnswer(7, githubtest.SHA("head")))
	})
	var own, work bytes.Buffer
	clients := newClients(t, f, func(c *Config) { c.Log = zerolog.New(&own) })
	log := zerolog.New(&work).With().Str("delivery", "d-1").Logger()
	ctx := log.WithContext(t.Context())
	if _, err := clients.PullRequest(ctx, githubtest.Orders, 7); err != nil {
		t.Fatal(err)
	}
	if _, err := clients.PullRequest(ctx, githubtest.Orders, 8); Classify(err) != ClassRateLimited {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"level":"debug","delivery":"d-1","route":"GET /repos/{}/{}/pulls/{}","status":200`,
		`"level":"warn","delivery":"d-1","github_installation":1,"route":"GET /repos/{}/{}/pulls/{}","status":403,"secondary":true`,
		`"github_request_id":"ABCD:1234"`,
	} {
		if !strings.Contains(work.String(), want) {
			t.Errorf("no %s in\n%s", want, work.String())
		}
	}
	if own.Len() != 0 {
		t.Errorf("the clients' own logger has %s", own.String())
	}
	other := githubtest.Orders
	other.Installation = 2
	if _, err := clients.PullRequest(t.Context(), other, 7); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(own.String(), `"status":200`) {
		t.Errorf("without a logger in the context: %s", own.String())
	}
	if all := own.String() + work.String(); strings.Contains(all, "token-") || strings.Contains(all, "Bearer") {
		t.Errorf("a token in %s", all)
	}
}
