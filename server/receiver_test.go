package server_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"plimsoll/config"
)

// Secrets of destinations. No check run, job or log may hold one.
const (
	hookSecret   = "whsec_c2VjcmV0LW9mLXRoZS1yZWNlaXZlcg==" // encoded, as receivers know it
	oldSecret    = "an-old-secret-of-the-receiver"
	slackPath    = "/services/T0/B0/secret-of-slack"
	grafanaToken = "glsa_secret-of-grafana"
)

// receiver is every destination: a webhook, Slack and Grafana. It keeps what it took.
type receiver struct {
	*httptest.Server
	t  *testing.T
	mu sync.Mutex
	// fail answers the next requests to a path with an error; lose takes them and closes the
	// connection.
	fail, lose map[string]int
	status     int
	// took is called when the first event was taken, before it is answered.
	took func()
	taken
}

// taken is what a receiver took: CloudEvents as they came, with repetitions, the ids of all
// tries, texts of Slack, and annotations of Grafana.
type taken struct {
	events      []map[string]any
	ids         []string
	texts       []string
	annotations []map[string]any
}

// seen is what was taken until now.
func (r *receiver) seen() taken {
	r.mu.Lock()
	defer r.mu.Unlock()
	return taken{slices.Clone(r.events), slices.Clone(r.ids), slices.Clone(r.texts), slices.Clone(r.annotations)}
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{t: t, fail: map[string]int{}, lose: map[string]int{}, status: http.StatusServiceUnavailable}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	body, err := io.ReadAll(request.Body)
	if err != nil {
		r.t.Error(err)
	}
	path := request.URL.Path
	if path == "/hook" {
		r.ids = append(r.ids, request.Header.Get("webhook-id"))
	}
	if r.fail[path] > 0 {
		r.fail[path]--
		w.Header().Set("Location", r.URL+"/elsewhere")
		w.WriteHeader(r.status)
		return
	}
	switch {
	case path == "/hook":
		r.signed(request.Header, body)
		r.events = append(r.events, r.event(body))
		if took := r.took; took != nil {
			r.took = nil
			r.mu.Unlock()
			took()
			r.mu.Lock()
		}
	case path == slackPath:
		var message struct{ Text string }
		if err := json.Unmarshal(body, &message); err != nil || message.Text == "" {
			r.t.Errorf("Slack was sent %s: %v", body, err)
		}
		r.texts = append(r.texts, message.Text)
		_, _ = io.WriteString(w, "ok")
	case path == "/grafana/api/annotations" && request.Header.Get("Authorization") == "Bearer "+grafanaToken:
		r.annotate(w, request, body)
	default:
		r.t.Errorf("asked for %s %s", request.Method, request.URL)
		w.WriteHeader(http.StatusTeapot)
	}
	if r.lose[path] > 0 && request.Method == http.MethodPost {
		r.lose[path]--
		connection, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			r.t.Error(err)
			return
		}
		_ = connection.Close()
	}
}

// signed verifies a signature as receivers do, by a library that is not ours.
func (r *receiver) signed(header http.Header, body []byte) {
	for _, secret := range []string{hookSecret, "raw"} {
		verifier, err := standardwebhooks.NewWebhook(secret)
		if secret == "raw" {
			verifier, err = standardwebhooks.NewWebhookRaw([]byte(oldSecret))
		}
		if err != nil {
			r.t.Error(err)
			return
		}
		if err := verifier.Verify(body, header); err != nil {
			r.t.Errorf("%v: %v", header, err)
		}
		if err := verifier.Verify(append(body, ' '), header); err == nil {
			r.t.Error("a body that was changed is accepted")
		}
	}
	wrong, err := standardwebhooks.NewWebhookRaw([]byte("another-secret-of-16"))
	if err != nil || wrong.Verify(body, header) == nil {
		r.t.Errorf("another secret is accepted (%v)", err)
	}
}

// event reads a CloudEvent as the published schema describes it.
func (r *receiver) event(body []byte) map[string]any {
	file, err := os.Open("notify/testdata/cloudevents/cloudevents.json")
	if err != nil {
		r.t.Error(err)
		return nil
	}
	defer func() { _ = file.Close() }()
	document, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		r.t.Error(err)
		return nil
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("cloudevents.json", document); err != nil {
		r.t.Error(err)
		return nil
	}
	schema, err := compiler.Compile("cloudevents.json")
	if err != nil {
		r.t.Error(err)
		return nil
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(body)))
	if err == nil {
		err = schema.Validate(value)
	}
	if err != nil {
		r.t.Errorf("%s: %v", body, err)
	}
	event, _ := value.(map[string]any)
	return event
}

// annotate is Grafana's API of annotations, as far as it is used.
func (r *receiver) annotate(w http.ResponseWriter, request *http.Request, body []byte) {
	found := []map[string]any{}
	if request.Method == http.MethodGet {
		for _, a := range r.annotations {
			if slices.Contains(a["tags"].([]any), any(request.FormValue("tags"))) {
				found = append(found, a)
			}
		}
		_ = json.NewEncoder(w).Encode(found)
		return
	}
	var a map[string]any
	if err := json.Unmarshal(body, &a); err != nil {
		r.t.Errorf("Grafana was sent %s: %v", body, err)
		return
	}
	r.annotations = append(r.annotations, a)
	_, _ = fmt.Fprintf(w, `{"message":"Annotation added","id":%d}`, len(r.annotations))
}

// told lists what was told by CloudEvents, the same event once.
func (r *receiver) told() (all []string) {
	seen := map[any]bool{}
	for _, e := range r.seen().events {
		if seen[e["id"]] {
			continue
		}
		seen[e["id"]] = true
		data := e["data"].(map[string]any)
		text := fmt.Sprint(e["type"], ": ", data["event"])
		if rollback, ok := data["rollback"].(map[string]any); ok {
			text += " " + rollback["state"].(string)
		}
		all = append(all, text)
	}
	return all
}

// every names all destinations at a receiver.
func (r *receiver) every() []config.Notification {
	secret := func(text string) config.WebhookSecret { return config.WebhookSecret{Secret: config.NewSecret(text)} }
	address := func(path string) config.SecretURL { return config.SecretURL{Secret: config.NewSecret(r.URL + path)} }
	all := []config.Account{config.EveryAccount}
	return []config.Notification{
		{Name: "platform", Webhook: address("/hook"), Secrets: []config.WebhookSecret{secret(hookSecret), secret(oldSecret)}, Accounts: all},
		{Name: "deploys", Slack: address(slackPath), Accounts: all},
		{Name: "graphs", Grafana: config.URL(r.URL + "/grafana"), Token: config.NewSecret(grafanaToken), Dashboard: "shop", Accounts: all},
	}
}
