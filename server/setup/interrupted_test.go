package setup

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/server/github/registration"
	"plimsoll/server/simulator"
	"plimsoll/server/testbed/browsertest"
)

// registered gives an App of a simulated GitHub, as GitHub gives it at the end of the flow.
func registered(t *testing.T) (chosen, registration.App) {
	t.Helper()
	github := simulator.New(simulator.Options{})
	return chosen{WebURL: "https://github.com", Organisation: "acme", Name: "plimsoll acme", PublicURL: "https://plimsoll.acme.dev"}, registration.App{
		ID: github.AppID(), Slug: "plimsoll-acme", ClientID: github.ClientID(), PrivateKey: config.NewSecret(string(github.PrivateKeyPEM())),
		WebhookSecret: config.NewSecret(github.WebhookSecret()), ClientSecret: config.NewSecret(github.ClientSecret()),
	}
}

func noEnvironment(string) string { return "" }

// A server that is killed after GitHub's answer, before, between or after the files, has
// everything at the next start.
func TestSetupThatIsKilledWhileItWrites(t *testing.T) {
	c, app := registered(t)
	for killed := range len(Target{}.writes(c, app)) + 1 {
		target := Target{File: filepath.Join(t.TempDir(), "server.yml")}
		if err := target.journal().begin(c); err != nil {
			t.Fatal(err)
		}
		if err := target.journal().keep(app); err != nil {
			t.Fatal(err)
		}
		for _, write := range target.writes(c, app)[:killed] {
			if err := write(); err != nil {
				t.Fatal(err)
			}
		}
		if _, needed, err := config.LoadForSetup(target.File, noEnvironment); err != nil || needed == (killed == len(target.writes(c, app))) {
			t.Errorf("killed after %d files: setup is needed: %v, %v", killed, needed, err)
		} else if needed {
			if resumed, err := Resume(target); err != nil || !resumed {
				t.Errorf("killed after %d files: %v, %v", killed, resumed, err)
			}
		} else if err := Forget(target); err != nil {
			t.Error(err)
		}
		conf, err := config.LoadServer(target.File, noEnvironment)
		if err != nil || conf.GitHub.App.IntegrationID != app.ID || conf.GitHub.App.WebhookSecrets[0].Reveal() != app.WebhookSecret.Reveal() || conf.GitHub.OAuth.ClientSecret.Reveal() != app.ClientSecret.Reveal() {
			t.Errorf("killed after %d files: %+v, %v", killed, conf, err)
		}
		left, err := os.ReadDir(filepath.Dir(target.File))
		if err != nil || len(left) != len(target.writes(c, app)) {
			t.Errorf("killed after %d files: %v is left, %v", killed, left, err)
		}
		if resumed, err := Resume(target); resumed || err != nil {
			t.Errorf("it is resumed twice: %v", err)
		}
	}
}

// A file of that name which no setup has written is not touched, and stops a setup that would
// need the name.
func TestSetupKeepsForeignFiles(t *testing.T) {
	target := Target{File: filepath.Join(t.TempDir(), "server.yml")}
	if err := os.WriteFile(target.journal().name, []byte("notes of the operator\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Forget(target); err != nil {
		t.Error(err)
	}
	if resumed, err := Resume(target); resumed || err == nil || !strings.Contains(err.Error(), "is not what a setup left") {
		t.Errorf("%v, %v", resumed, err)
	}
	if text, err := os.ReadFile(target.journal().name); err != nil || string(text) != "notes of the operator\n" {
		t.Errorf("%q, %v", text, err)
	}
}

// A server that was killed before GitHub's answer arrived, or in the middle of storing it, can't
// know the credentials. It says where the App is, and what to do.
func TestSetupThatIsKilledBeforeTheAnswer(t *testing.T) {
	c, app := registered(t)
	for name, torn := range map[string]bool{"before the answer": false, "half of it is stored": true} {
		t.Run(name, func(t *testing.T) {
			target := Target{File: filepath.Join(t.TempDir(), "server.yml")}
			if err := target.journal().begin(c); err != nil {
				t.Fatal(err)
			}
			if torn {
				if err := target.journal().keep(app); err != nil {
					t.Fatal(err)
				}
				content, err := os.ReadFile(target.journal().name)
				if err != nil {
					t.Fatal(err)
				}
				end := strings.LastIndex(string(content), "}")
				if err := os.WriteFile(target.journal().name, append(content[:end-200:end-200], strings.Repeat(" ", 500)...), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if resumed, err := Resume(target); err != nil || resumed {
				t.Fatalf("resumed %v, %v", resumed, err)
			}
			s := newSceneOf(t, target, simulator.Options{}, registration.Convert)
			if !s.setup.Lost() {
				t.Error("nothing was lost")
			}
			client := newClient(t)
			_, page := s.post(client, tokenPath, url.Values{"token": {s.setup.Token()}})
			for _, want := range []string{"<strong>plimsoll acme</strong> is registered at GitHub", "has no credentials", "https://github.com/organizations/acme/settings/apps", "Start again"} {
				if !strings.Contains(page, want) {
					t.Errorf("no %q in\n%s", want, page)
				}
			}
			if strings.Contains(page, "PRIVATE KEY") {
				t.Error("the page holds a key")
			}
			_, page = s.post(client, appPath, url.Values{"csrf": {field(t, page, `name="csrf" value="([^"]*)"`)}, "again": {"yes"}})
			if !strings.Contains(page, "Organisation that owns the App") {
				t.Errorf("after Start again:\n%s", page)
			}
			if again := newSceneOf(t, target, simulator.Options{}, registration.Convert); again.setup.Lost() {
				t.Error("it is lost again after the next start")
			}
		})
	}
}

// Somebody comes back from GitHub after more than an hour. The page leads to the App, and setup
// begins again.
func TestSetupWithACodeThatIsTooOld(t *testing.T) {
	now := time.Now()
	s := newSceneOf(t, Target{File: filepath.Join(t.TempDir(), "server.yml")}, simulator.Options{TokenClock: func() time.Time { return now }}, registration.Convert)
	client := newClient(t)
	back := s.create(client, s.enter(client))
	now = now.Add(61 * time.Minute)
	status, page := s.get(client, back)
	for _, want := range []string{"older than an hour", "Delete the App at GitHub", s.github.URL() + "/organizations/acme/settings/apps", "Start again"} {
		if status != http.StatusBadGateway || !strings.Contains(page, want) {
			t.Errorf("%d, no %q in\n%s", status, want, page)
		}
	}
	_, page = s.post(client, appPath, url.Values{"csrf": {field(t, page, `name="csrf" value="([^"]*)"`)}, "again": {"yes"}})
	status, page = s.post(client, appPath, url.Values{
		"csrf": {field(t, page, `name="csrf" value="([^"]*)"`)}, "web_url": {s.github.URL()}, "organisation": {"acme"}, "name": {"plimsoll again"}, "public_url": {s.server.URL},
	})
	if status != http.StatusOK {
		t.Fatalf("%d:\n%s", status, page)
	}
	if status, page := s.get(client, s.create(client, page)); status != http.StatusOK || !strings.Contains(page, "is registered, and") {
		t.Errorf("%d:\n%s", status, page)
	}
	if _, err := config.LoadServer(s.file, noEnvironment); err != nil {
		t.Error(err)
	}
}

// fullDisk lets no file become longer than a number of bytes: a write beyond it fails after
// what fits was written, as on a full disk. It returns what ends that.
func fullDisk(t *testing.T, bytes uint64) (end func()) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			t.Fatal(err)
		}
		signal.Reset(syscall.SIGXFSZ)
	}
}

// On a full disk GitHub is not asked for what it gives once. Half a file is never left.
func TestSetupOnAFullDisk(t *testing.T) {
	folder := t.TempDir()
	asked := 0
	s := newSceneOf(t, Target{File: filepath.Join(folder, "server.yml")}, simulator.Options{}, func(ctx context.Context, transport http.RoundTripper, apiURL, code string) (registration.App, error) {
		asked++
		return registration.Convert(ctx, transport, apiURL, code)
	})
	client := newClient(t)
	back := s.create(client, s.enter(client))
	end := fullDisk(t, 100)
	status, page := s.get(client, back)
	end()
	if status != http.StatusInternalServerError || asked != 0 || !strings.Contains(page, "GitHub was not asked for them") || !strings.Contains(page, "Try again") {
		t.Errorf("asked %d times, %d:\n%s", asked, status, page)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
	if status, page := s.get(client, s.server.URL+field(t, page, `href="([^"]*callback[^"]*)"`)); status != http.StatusOK || asked != 1 {
		t.Errorf("asked %d times, %d:\n%s", asked, status, page)
	}
	if _, err := config.LoadServer(s.file, noEnvironment); err != nil {
		t.Error(err)
	}
}

// What can't be written after GitHub's answer is safe, also if the server is killed then.
func TestSetupKeepsWhatItCannotWrite(t *testing.T) {
	folder := t.TempDir()
	blocked := filepath.Join(folder, keyFile) // a folder in the place of the key
	s := newSceneOf(t, Target{File: filepath.Join(folder, "server.yml")}, simulator.Options{}, func(ctx context.Context, transport http.RoundTripper, apiURL, code string) (registration.App, error) {
		if err := os.MkdirAll(filepath.Join(blocked, "x"), 0o700); err != nil {
			t.Error(err)
		}
		return registration.Convert(ctx, transport, apiURL, code)
	})
	client := newClient(t)
	if status, page := s.get(client, s.create(client, s.enter(client))); status != http.StatusInternalServerError || !strings.Contains(page, "They are safe in") || !strings.Contains(page, "Try again") {
		t.Errorf("%d:\n%s", status, page)
	}
	target := Target{File: s.file}
	if info, err := os.Stat(target.journal().name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if resumed, err := Resume(target); err == nil || resumed || !strings.Contains(err.Error(), "an earlier setup got from GitHub") {
		t.Errorf("%v, %v", resumed, err)
	}
	if err := os.RemoveAll(blocked); err != nil {
		t.Fatal(err)
	}
	if resumed, err := Resume(target); err != nil || !resumed {
		t.Errorf("%v, %v", resumed, err)
	}
	if _, err := config.LoadServer(s.file, noEnvironment); err != nil {
		t.Error(err)
	}
}

// The page of what is lost, in a browser.
func TestLostSetupInABrowser(t *testing.T) {
	c, _ := registered(t)
	for name, dark := range map[string]bool{"light": false, "dark": true} {
		target := Target{File: filepath.Join(t.TempDir(), "server.yml"), Secret: filepath.Join(t.TempDir(), "plimsoll-secret.yaml")}
		if err := target.journal().begin(c); err != nil {
			t.Fatal(err)
		}
		s := newSceneOf(t, target, simulator.Options{}, registration.Convert)
		tab := browsertest.Open(t, dark)
		look, press := opened(t, tab, s, name)
		press(`document.querySelector("#token").value = "` + s.setup.Token() + `"; document.querySelector("button").click()`)
		tab.Shows("", "main", "Choose one way")
		look("lost")
		press(`document.querySelector("button").click()`)
		tab.Shows("", "main", "Organisation that owns the App")
		press(`document.querySelector("#web_url").value = "` + s.github.URL() + `"; document.querySelector("#organisation").value = "acme"; document.querySelector("button").click()`)
		tab.Shows("", "main", "GitHub will ask you to confirm")
		press(`document.querySelector("button").click()`)
		tab.Shows("", "h1", "Create GitHub App for acme")
		press(`document.querySelector("main button").click()`)
		tab.Shows("", "main", "the manifest of a Secret")
		look("secret")
		tab.Quiet()
	}
}
