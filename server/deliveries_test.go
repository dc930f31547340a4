package server_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"plimsoll/server"
	"plimsoll/server/queue"
	"plimsoll/server/simulator"
	"plimsoll/server/testbed"
)

// send delivers a signed event of our own making and gives the answer's status.
func (w *world) send(event, id, payload string) int {
	w.t.Helper()
	mac := hmac.New(sha256.New, []byte(w.GitHub.WebhookSecret()))
	mac.Write([]byte(payload))
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.URL()+server.HookPath, strings.NewReader(payload))
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-GitHub-Event", event)
	request.Header.Set("X-GitHub-Delivery", id)
	request.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		w.t.Fatal(err)
	}
	return response.StatusCode
}

// payloadOf is an event's payload about a repository by any name.
func payloadOf(installation, id int64, name, rest string) string {
	owner, short, _ := strings.Cut(name, "/")
	return fmt.Sprintf(`{"installation":{"id":%d},"repository":{"id":%d,"name":%q,"full_name":%q,"private":true,"default_branch":"main","owner":{"login":%q}},%s}`,
		installation, id, short, name, owner, rest)
}

// Payloads that do not hang together write nothing anywhere, and the server goes on.
func TestHostileDeliveries(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	foreign := w.GitHub.NewRepository("globex/vault", simulator.RepositoryOptions{Private: true})
	foreign.CommitAs("bob", "main", "Begin", map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": shopContract})
	globex := w.GitHub.Install("globex", foreign)
	outside := w.GitHub.NewRepository("globex/outside", simulator.RepositoryOptions{Private: true})
	outside.CommitAs("bob", "main", "Begin", map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": shopContract})
	w.Settle()
	pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
	first := w.expect(pull, "failure", "web")
	foreign.CommitAs("bob", "change", "Change", map[string]string{"openapi.yaml": without("price")})
	theirs := foreign.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Author: "bob"})
	w.Settle()
	before := w.GitHub.RenderAll()

	acme, opened := w.installation.ID(), `"action":"opened","number":1,"pull_request":{"number":1}`
	pushed := `"ref":"refs/heads/main","after":"` + w.shop.Head("main") + `"`
	events := []struct{ name, event, payload string }{
		{"another installation's repository", "pull_request", payloadOf(acme, foreign.ID(), "globex/vault", opened)},
		{"another installation's id under our name", "pull_request", payloadOf(acme, foreign.ID(), "acme/shop", opened)},
		{"our id under another's name", "pull_request", payloadOf(acme, w.shop.ID(), "globex/vault", opened)},
		{"another installation, our repository", "pull_request", payloadOf(globex.ID(), w.shop.ID(), "acme/shop", opened)},
		{"push of another installation's repository", "push", payloadOf(acme, foreign.ID(), "globex/vault", pushed)},
		{"push with ids that do not match", "push", payloadOf(acme, foreign.ID(), "acme/web", pushed)},
		{"push outside of the installation", "push", payloadOf(globex.ID(), outside.ID(), "globex/outside", pushed)},
		{"pull request outside of the installation", "pull_request", payloadOf(globex.ID(), outside.ID(), "globex/outside", opened)},
		{"an installation that is none", "push", payloadOf(999, w.shop.ID(), "acme/shop", pushed)},
		{"a repository that is none", "push", payloadOf(acme, 999, "acme/nothing", pushed)},
		{"a name with a path", "push", payloadOf(acme, w.shop.ID(), "acme/../../app", pushed)},
		{"a name with a query", "pull_request", payloadOf(acme, w.shop.ID(), "acme/shop?x=", opened)},
		{"no owner", "pull_request", fmt.Sprintf(`{"installation":{"id":%d},"repository":{"id":%d,"name":"shop"},%s}`, acme, w.shop.ID(), opened)},
		{"no repository", "pull_request", fmt.Sprintf(`{"installation":{"id":%d},%s}`, acme, opened)},
		{"no pull request", "pull_request", payloadOf(acme, w.shop.ID(), "acme/shop", `"action":"opened"`)},
		{"number below zero", "pull_request", payloadOf(acme, w.shop.ID(), "acme/shop", `"action":"opened","pull_request":{"number":-1}`)},
		{"a number that is none", "pull_request", payloadOf(acme, w.shop.ID(), "acme/shop", `"action":"opened","pull_request":{"number":4711}`)},
		{"the largest number", "pull_request", payloadOf(acme, w.shop.ID(), "acme/shop", `"action":"opened","pull_request":{"number":9223372036854775807}`)},
		{"a run of somebody else", "check_run", payloadOf(acme, w.shop.ID(), "acme/shop", `"action":"rerequested","check_run":{"name":"build","external_id":"pr/1","app":{"id":5}}`)},
		{"a run of no pull request", "check_run", payloadOf(acme, w.shop.ID(), "acme/shop", `"action":"rerequested","check_run":{"name":"plimsoll/contracts","external_id":"pr/0x1"}`)},
		{"a run of another installation's", "check_run", payloadOf(acme, foreign.ID(), "globex/vault", `"action":"rerequested","check_run":{"name":"plimsoll/contracts","external_id":"pr/1"}`)},
		{"a suite without a head", "check_suite", payloadOf(acme, w.shop.ID(), "acme/shop", `"action":"rerequested","check_suite":{}`)},
		{"removed from another installation", "installation_repositories", fmt.Sprintf(`{"action":"removed","installation":{"id":%d,"account":{"login":"globex"}},"repositories_removed":[{"id":%d,"name":"web","full_name":"acme/web"}]}`, globex.ID(), w.web.ID())},
		{"deleted by another installation", "repository", payloadOf(globex.ID(), w.web.ID(), "acme/web", `"action":"deleted"`)},
	}
	for i, event := range events {
		if !json.Valid([]byte(event.payload)) {
			t.Fatalf("%s: no JSON: %s", event.name, event.payload)
		}
		if status := w.send(event.event, fmt.Sprintf("hostile-%d", i), event.payload); status >= 500 {
			t.Errorf("%s: answered %d", event.name, status)
		}
		w.Settle()
		if after := w.GitHub.RenderAll(); after != before {
			t.Errorf("%s: changed what people see:\n%s", event.name, after)
			before = after
		}
		for _, p := range []*simulator.PullRequest{pull, theirs} {
			if checks := p.Checks(onContracts); len(checks) != 1 {
				t.Errorf("%s: %d checks", event.name, len(checks))
			}
		}
		if pull.Checks(onContracts)[0].ID != first.ID {
			t.Errorf("%s: made a new run", event.name)
			first = pull.Checks(onContracts)[0]
		}
	}
	// They are kept for whoever looks, and nothing is done.
	for _, huge := range []string{`"pull_request":{"number":1e400}`, `"pull_request":{"number":99999999999999999999}`, `"pull_request":"x"`} {
		if status := w.send("pull_request", "huge-"+fmt.Sprint(len(huge)), payloadOf(acme, w.shop.ID(), "acme/shop", `"action":"opened",`+huge)); status != http.StatusAccepted {
			t.Errorf("%s: answered %d", huge, status)
		}
	}
	w.Settle()
	w.expect(w.pull("later", map[string]string{"openapi.yaml": without("price")}), "failure", "1 consumer breaks: web")
	stats, err := w.Server.Queue().Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d jobs died of %d deliveries that do not hang together", stats.Of(queue.Dead), len(events))
}
