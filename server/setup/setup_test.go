package setup

import (
	"context"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"plimsoll"
	"plimsoll/config"
	"plimsoll/server/github/registration"
	"plimsoll/server/simulator"
	"plimsoll/server/testbed/browsertest"
)

// scene is a GitHub, and a server that is being set up.
type scene struct {
	t      *testing.T
	github *simulator.Simulator
	setup  *Setup
	server *httptest.Server
	file   string
}

func newScene(t *testing.T, file string) *scene {
	return newSceneOf(t, Target{File: file}, simulator.Options{}, registration.Convert)
}

// converting is what exchanges codes; see [registration.Convert].
type converting func(ctx context.Context, transport http.RoundTripper, apiURL, code string) (registration.App, error)

func newSceneOf(t *testing.T, target Target, options simulator.Options, convert converting) *scene {
	s := &scene{t: t, github: simulator.New(options), file: target.File}
	if err := s.github.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, violation := range s.github.Violations() {
			t.Errorf("against GitHub's description: %s", violation)
		}
		_ = s.github.Close()
	})
	s.github.Organization("acme")
	s.github.NewRepository("acme/orders", simulator.RepositoryOptions{})
	var handler http.Handler
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(s.server.Close)
	made, err := New(Deps{
		Manifest: plimsoll.AppManifest, Paths: Paths{Hook: "/api/github/hook", Callback: "/login/callback"}, Target: target, PublicURL: s.server.URL,
		Convert: func(ctx context.Context, apiURL, code string) (registration.App, error) {
			return convert(ctx, nil, apiURL, code)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.setup, handler = made, made
	return s
}

func newClient(t *testing.T) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

func (s *scene) post(client *http.Client, path string, form url.Values) (int, string) {
	s.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = s.server.URL + path
	}
	res, err := client.PostForm(path, form)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func (s *scene) get(client *http.Client, address string) (int, string) {
	s.t.Helper()
	res, err := client.Get(address)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func field(t *testing.T, page, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no %s in\n%s", pattern, page)
	}
	return html.UnescapeString(m[1])
}

// enter gives the token, and chooses the organisation.
func (s *scene) enter(client *http.Client) (page string) {
	s.t.Helper()
	_, page = s.post(client, tokenPath, url.Values{"token": {s.setup.Token()}})
	status, page := s.post(client, appPath, url.Values{
		"csrf": {field(s.t, page, `name="csrf" value="([^"]*)"`)}, "web_url": {s.github.URL()}, "organisation": {"acme"}, "name": {"plimsoll acme"}, "public_url": {s.server.URL},
	})
	if status != http.StatusOK {
		s.t.Fatalf("choosing answers %d:\n%s", status, page)
	}
	return page
}

// create presses the buttons at GitHub, and gives the way back.
func (s *scene) create(client *http.Client, page string) string {
	s.t.Helper()
	action := field(s.t, page, `action="([^"]*apps/new[^"]*)"`)
	once := *client
	once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	form := url.Values{"manifest": {field(s.t, page, `name="manifest" value="([^"]*)"`)}, "create": {"yes"}}
	res, err := once.PostForm(action, form)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusFound {
		body, _ := io.ReadAll(res.Body)
		s.t.Fatalf("GitHub answers %d: %s", res.StatusCode, body)
	}
	return res.Header.Get("Location")
}

const commented = `# the operator's notes
listen: ":9999" # behind the proxy
accounts:
  - acme # ours
`

// An App is registered and its credentials written: comments stay, secrets have files of
// their own, and the server starts with the file.
func TestSetup(t *testing.T) {
	file := filepath.Join(t.TempDir(), "server.yml")
	if err := os.WriteFile(file, []byte(commented), 0o644); err != nil {
		t.Fatal(err)
	}
	s := newScene(t, file)
	client := newClient(t)
	back := s.create(client, s.enter(client))
	status, page := s.get(client, back)
	if status != http.StatusOK || !strings.Contains(page, "/installations/new") {
		t.Fatalf("%d:\n%s", status, page)
	}
	select {
	case <-s.setup.done:
	default:
		t.Error("setup is still open")
	}
	w := httptest.NewRecorder() // on a connection that is older than the server which takes over
	s.setup.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz?x=1", nil))
	if w.Code != http.StatusTemporaryRedirect || w.Header().Get("Location") != "/readyz?x=1" || w.Header().Get("Connection") != "close" {
		t.Errorf("after the end: %d, %v", w.Code, w.Header())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, kept := range []string{"# the operator's notes", "# behind the proxy", "- acme # ours"} {
		if !strings.Contains(string(text), kept) {
			t.Errorf("%q is lost:\n%s", kept, text)
		}
	}
	for _, secret := range []string{"PRIVATE KEY", s.github.ClientSecret(), s.github.WebhookSecret()} {
		if strings.Contains(string(text)+page, secret) {
			t.Errorf("%q is shown", secret)
		}
	}
	for _, name := range []string{keyFile, webhookFile, clientFile} {
		info, err := os.Stat(filepath.Join(filepath.Dir(file), name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	conf, err := config.LoadServer(file, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	if conf.GitHub.App.IntegrationID != s.github.AppID() || conf.GitHub.OAuth.ClientID != s.github.ClientID() || string(conf.PublicURL) != s.server.URL {
		t.Errorf("%+v", conf)
	}
	if _, needed, err := config.LoadForSetup(file, func(string) string { return "" }); needed || err != nil {
		t.Errorf("setup is needed again: %v", err)
	}
	if status, _ := s.get(newClient(t), back); status != http.StatusForbidden {
		t.Errorf("the way back in another browser: %d", status)
	}
}

// Outsiders, used links and wrong states get nothing.
func TestSetupIsAttacked(t *testing.T) {
	s := newScene(t, filepath.Join(t.TempDir(), "server.yml"))
	attacker := newClient(t)
	for _, path := range []string{appPath, writePath} {
		if status, _ := s.post(attacker, path, url.Values{"csrf": {""}}); status != http.StatusForbidden {
			t.Errorf("%s without the token: %d", path, status)
		}
	}
	if status, _ := s.post(attacker, tokenPath, url.Values{"token": {"guess"}}); status != http.StatusForbidden {
		t.Errorf("a wrong token: %d", status)
	}
	client := newClient(t)
	page := s.enter(client)
	if status, _ := s.post(attacker, tokenPath, url.Values{"token": {s.setup.Token()}}); status != http.StatusForbidden {
		t.Errorf("the token again: %d", status)
	}
	if status, _ := s.post(client, appPath, url.Values{"csrf": {"x"}}); status != http.StatusForbidden {
		t.Errorf("a form of another site: %d", status)
	}
	back := s.create(client, page)
	u, err := url.Parse(back)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set("state", "forged")
	if status, _ := s.get(client, s.server.URL+callbackPath+"?"+query.Encode()); status != http.StatusForbidden {
		t.Errorf("a wrong state: %d", status)
	}
	if status, _ := s.get(attacker, back); status != http.StatusForbidden {
		t.Errorf("the way back in the attacker's browser: %d", status)
	}
	query.Set("state", u.Query().Get("state"))
	query.Set("code", "../../app")
	if status, _ := s.get(client, s.server.URL+callbackPath+"?"+query.Encode()); status != http.StatusBadGateway {
		t.Errorf("a wrong code: %d", status)
	}
	for _, name := range []string{"server.yml", keyFile} {
		if _, err := os.Stat(filepath.Join(filepath.Dir(s.file), name)); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	guessed := newScene(t, filepath.Join(t.TempDir(), "server.yml"))
	for range mostAttempts {
		guessed.post(attacker, tokenPath, url.Values{"token": {"guess"}})
	}
	if status, _ := guessed.post(newClient(t), tokenPath, url.Values{"token": {guessed.setup.Token()}}); status != http.StatusForbidden {
		t.Errorf("the token after too many guesses: %d", status)
	}
}

// If the file can't be written, nothing is registered; if that happens later, GitHub is not asked
// for the credentials before it can; and after that, they stay in memory.
func TestSetupCannotWrite(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "conf")
	asked := 0
	s := newSceneOf(t, Target{File: filepath.Join(folder, "server.yml")}, simulator.Options{}, func(ctx context.Context, transport http.RoundTripper, apiURL, code string) (registration.App, error) {
		asked++
		app, err := registration.Convert(ctx, transport, apiURL, code)
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
		return app, err
	})
	client := newClient(t)
	_, page := s.post(client, tokenPath, url.Values{"token": {s.setup.Token()}})
	form := url.Values{"csrf": {field(t, page, `name="csrf" value="([^"]*)"`)}, "web_url": {s.github.URL()}, "name": {"plimsoll"}, "public_url": {s.server.URL}}
	if status, page := s.post(client, appPath, form); status != http.StatusInternalServerError || !strings.Contains(page, "Nothing was registered") {
		t.Errorf("%d:\n%s", status, page)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	_, page = s.post(client, appPath, form)
	back := s.create(client, page)
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	if status, page := s.get(client, back); status != http.StatusInternalServerError || asked != 0 || !strings.Contains(page, "GitHub was not asked for them") || !strings.Contains(page, "Try again") {
		t.Errorf("asked %d times, %d:\n%s", asked, status, page)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if status, page := s.get(client, back); status != http.StatusInternalServerError || asked != 1 || !strings.Contains(page, "Do not stop the server") || !strings.Contains(page, "Try again") {
		t.Errorf("asked %d times, %d:\n%s", asked, status, page)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if status, page := s.post(client, writePath, url.Values{"csrf": {form.Get("csrf")}}); status != http.StatusOK || !strings.Contains(page, "is registered, and") {
		t.Errorf("%d:\n%s", status, page)
	}
	if _, err := config.LoadServer(s.file, func(string) string { return "" }); err != nil {
		t.Error(err)
	}
}

// What the operator chooses is checked before anything is registered.
func TestChoice(t *testing.T) {
	for name, c := range map[string]chosen{
		"localhost at github.com": {WebURL: "https://github.com", Name: "p", PublicURL: "http://localhost:8080"},
		"plain http":              {WebURL: "https://github.com", Name: "p", PublicURL: "http://plimsoll.acme.dev"},
		"GitHub over http":        {WebURL: "http://github.acme.dev", Name: "p", PublicURL: "https://plimsoll.acme.dev"},
		"a path":                  {WebURL: "https://github.com/acme", Name: "p", PublicURL: "https://plimsoll.acme.dev"},
		"a policy in the host":    {WebURL: "https://x;script-src", Name: "p", PublicURL: "https://plimsoll.acme.dev"},
		"an organisation":         {WebURL: "https://github.com", Organisation: "../x", Name: "p", PublicURL: "https://plimsoll.acme.dev"},
		"a long name":             {WebURL: "https://github.com", Name: strings.Repeat("x", 35), PublicURL: "https://plimsoll.acme.dev"},
	} {
		if c.check() == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	honest := chosen{WebURL: "https://GitHub.com/", Organisation: "acme", Name: "plimsoll", PublicURL: "https://plimsoll.acme.dev/"}
	if err := honest.check(); err != nil || honest.WebURL != "https://github.com" {
		t.Errorf("%+v, %v", honest, err)
	}
}

// opened opens the page in a browser. look looks at a step on a screen and on a phone, press runs
// a script that presses something.
func opened(t *testing.T, tab *browsertest.Tab, s *scene, name string) (look, press func(string)) {
	t.Helper()
	look = func(step string) {
		t.Helper()
		for _, width := range []int64{1280, 375} {
			tab.Size(width, 800)
			tab.Fits()
			tab.Accessible()
			tab.Shot("setup-" + step + "-" + name + map[int64]string{1280: "", 375: "-phone"}[width])
		}
	}
	tab.Shows(s.server.URL+Path, "main", "Paste the token")
	return look, func(script string) { browsertest.Evaluate[bool](tab, script+"; true") }
}

// A person sets the server up in a browser, on a screen and on a phone.
func TestSetupInABrowser(t *testing.T) {
	for name, dark := range map[string]bool{"light": false, "dark": true} {
		s := newScene(t, filepath.Join(t.TempDir(), "server.yml"))
		tab := browsertest.Open(t, dark)
		look, press := opened(t, tab, s, name)
		look("token")
		press(`document.querySelector("#token").value = "` + s.setup.Token() + `"; document.querySelector("button").click()`)
		tab.Shows("", "main", "Organisation that owns the App")
		look("choose")
		press(`document.querySelector("#web_url").value = "` + s.github.URL() + `"; document.querySelector("#organisation").value = "acme"; document.querySelector("button").click()`)
		tab.Shows("", "main", "GitHub will ask you to confirm")
		look("register")
		press(`document.querySelector("button").click()`)
		tab.Shows("", "h1", "Create GitHub App for acme")
		press(`document.querySelector("main button").click()`)
		tab.Shows("", "main", "Install the App on the accounts")
		look("done")
		press(`document.querySelector("a.button").click()`)
		tab.Shows("", "main", "Install on acme")
		tab.Quiet()
	}
}
