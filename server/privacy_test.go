package server_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"plimsoll/server/simulator"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// keptLog is a log that is written from many goroutines and read at the end.
type keptLog struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (k *keptLog) Write(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.all.Write(p)
}

func (k *keptLog) String() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.all.String()
}

// No secret is in anything that the server writes: its log at the finest level,
// its pages, its database and what it says on GitHub, also when things go wrong.
func TestSecretsAreNowhere(t *testing.T) {
	var log keptLog
	github := testbedtest.GitHub(t)
	folder := t.TempDir()
	opened, err := testbed.Open(t.Context(), testbed.Options{
		DSN: "sqlite:" + filepath.Join(folder, "plimsoll.db"), GitHub: github, Log: zerolog.New(&log).Level(zerolog.TraceLevel), Queue: brisk(),
	})
	if err != nil {
		t.Fatal(err)
	}
	shop := shopAndWeb(github)
	settle := func() {
		t.Helper()
		if err := opened.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	settle()
	for _, fault := range []simulator.Fault{
		{Operation: "apps/create-installation-access-token", Status: http.StatusInternalServerError, Times: 2},
		{Operation: "pulls/get", Status: http.StatusUnauthorized, Times: 2},
		{Operation: "repos/compare-commits-with-basehead", Close: true},
		{Operation: "git/get-blob", Status: http.StatusBadGateway},
		{Operation: "checks/create", Status: http.StatusUnprocessableEntity},
	} {
		github.Fault(fault)
	}
	for _, branch := range []string{"one", "two", "three"} {
		shopPull(shop, branch)
		settle()
	}
	pages := ""
	for _, address := range []string{
		opened.URL() + "/", opened.URL() + "/healthz", opened.URL() + "/readyz", opened.URL() + "/schema/plimsoll.json",
		opened.URL() + "/api/github/hook", opened.URL() + "/nowhere", opened.AdminURL() + "/metrics", opened.AdminURL() + "/debug/pprof/cmdline",
	} {
		response, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil {
			t.Fatal(err)
		}
		pages += string(body)
	}
	refused, err := http.Post(opened.URL()+"/api/github/hook", "application/json", strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := refused.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
	places := map[string]string{"the log": log.String(), "a page": pages, "GitHub": github.RenderAll()}
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file.Name(), ".lock") {
			continue // it holds nothing
		}
		content, err := os.ReadFile(filepath.Join(folder, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		places["the database ("+file.Name()+")"] = string(content)
	}
	key := strings.Split(string(github.PrivateKeyPEM()), "\n")[3]
	token := regexp.MustCompile(`gh[sopu]_[A-Za-z0-9]{8,}|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.`)
	for place, text := range places {
		if len(text) < 100 {
			t.Errorf("%s holds only %q: the test looks at nothing", place, text)
		}
		for name, secret := range map[string]string{"the webhook secret": github.WebhookSecret(), "the private key": key, "a PEM block": "PRIVATE KEY"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds %s", place, name)
			}
		}
		if found := token.FindString(text); found != "" {
			t.Errorf("%s holds a token: %s", place, found)
		}
	}
	if !strings.Contains(log.String(), `"level":"debug"`) && !strings.Contains(log.String(), `"level":"trace"`) {
		t.Error("the log is not at its finest level")
	}
	// Every line says what it belongs to.
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, `"message":"worked"`) && !strings.Contains(line, `"installation":`) && !strings.Contains(line, `"kind":"`) {
			t.Errorf("a line without its subject: %s", line)
		}
	}
}

// What a private consumer says about itself is nowhere in what the server writes
// about a public provider: no check run, comment or annotation, whatever the
// consumer's file holds.
func TestPrivateConsumersOfPublicProvidersStayUnnamed(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	hidden := strings.NewReplacer("name: web", "name: zz-hidden", "@acme/web", "@acme/zz-people", "reads: [name, price]", "reads: [name, price, zz-field]").Replace(webFile)
	w.repository("zz-secret", map[string]string{".github/plimsoll.yml": hidden})
	archived := w.repository("zz-old", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(hidden, "zz-hidden", "zz-relic")})
	w.repository("zz-broken", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(hidden, "/items/{id}", "/zz-items")})
	w.Settle()
	archived.Archive()
	w.shop.SetPrivate(false)
	w.Settle()
	for branch, content := range map[string]string{"drop": without("price"), "harmless": without("color"), "gone": strings.ReplaceAll(shopContract, "/items/{id}", "/things/{id}")} {
		pull := w.pull(branch, map[string]string{"openapi.yaml": content})
		for _, e := range w.GitHub.Requests() {
			if e.Method != http.MethodGet && strings.Contains(e.Body, "zz-") {
				t.Fatalf("%s %s gives away a private consumer: %s", e.Method, e.Path, e.Body)
			}
		}
		if checks := pull.Checks(onContracts); len(checks) != 1 {
			t.Errorf("%d checks", len(checks))
		}
	}
	w.alive()
}

// Two accounts with repositories, components and APIs of the same names: neither
// shows up with the other.
func TestInstallationsAreApart(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	twin := w.GitHub.NewRepository("globex/shop", simulator.RepositoryOptions{Private: true})
	twin.CommitAs("bob", "main", "Begin", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(shopFile, "@acme", "@globex"), "openapi.yaml": shopContract})
	user := w.GitHub.NewRepository("globex/phone", simulator.RepositoryOptions{Private: true})
	inFull := strings.NewReplacer("name: web", "name: phone", "@acme", "@globex", "api: shop", "api: acme/shop/shop").Replace(webFile)
	user.CommitAs("bob", "main", "Begin", map[string]string{".github/plimsoll.yml": inFull})
	w.GitHub.Install("globex")
	w.Settle()

	page := w.GitHub.Render(w.pull("change", map[string]string{"openapi.yaml": without("price")}))
	if strings.Contains(page, "globex") || strings.Contains(page, "phone") {
		t.Errorf("a consumer of another account shows:\n%s", page)
	}
	twin.CommitAs("bob", "change", "Change", map[string]string{"openapi.yaml": without("price")})
	pull := twin.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Author: "bob"})
	w.Settle()
	if page := w.GitHub.Render(pull); strings.Contains(page, "acme") || strings.Contains(page, "`web`") {
		t.Errorf("a consumer of another account shows:\n%s", page)
	}
	w.expect(pull, "success")
	w.alive()
}
