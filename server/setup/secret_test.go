package setup

import (
	"errors"
	"flag"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"plimsoll/config"
	"plimsoll/server/github/registration"
	"plimsoll/server/simulator"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// The manifest is a file that the test of the chart reads: its keys are those that the chart
// mounts, and Kubernetes' own types take it.
func TestSecretManifest(t *testing.T) {
	c := chosen{WebURL: "https://github.com", Organisation: "acme", Name: "plimsoll acme", PublicURL: "https://plimsoll.acme.dev"}
	got, err := secretManifest(c, registration.App{
		ID: 1234567, Slug: "plimsoll-acme", ClientID: "Iv23liabcdefghijklmn", PrivateKey: config.NewSecret("-----BEGIN RSA PRIVATE KEY-----\nbm90IGEga2V5\n-----END RSA PRIVATE KEY-----\n"),
		WebhookSecret: config.NewSecret("0123456789abcdef: #'\""), ClientSecret: config.NewSecret("0123e4"),
	})
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "secret.yaml")
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("the manifest has changed (run with -update and read the difference):\n%s", got)
	}
}

// Setup writes the Secret in the place of the operator's file, and nothing else. The page says
// how to install the server with it, and holds no secret.
func TestSetupWritesASecret(t *testing.T) {
	folder := t.TempDir()
	target := Target{File: filepath.Join(folder, "server.yml"), Secret: filepath.Join(folder, "plimsoll-secret.yaml")}
	s := newSceneOf(t, target, simulator.Options{}, registration.Convert)
	client := newClient(t)
	status, page := s.get(client, s.create(client, s.enter(client)))
	for _, want := range []string{"kubectl apply -f " + target.Secret, "appID=4711,existingSecret=plimsoll", "config.github.oauth.client_id=" + s.github.ClientID(), "/installations/new"} {
		if status != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("%d, no %q in\n%s", status, want, page)
		}
	}
	left, err := os.ReadDir(folder)
	if err != nil || len(left) != 1 {
		t.Errorf("%v is written, %v", left, err)
	}
	text, err := os.ReadFile(target.Secret)
	if err != nil {
		t.Fatal(err)
	}
	var manifest kubernetesSecret
	if err := yaml.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	if got := manifest.StringData; got[secretKey] != string(s.github.PrivateKeyPEM()) || got[secretHook] != s.github.WebhookSecret() || got[secretUser] != s.github.ClientSecret() || len(got) != 3 {
		t.Errorf("the keys are %v", len(got))
	}
	if info, err := os.Stat(target.Secret); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	for _, secret := range []string{"PRIVATE KEY", s.github.ClientSecret(), s.github.WebhookSecret()} {
		if strings.Contains(page, secret) {
			t.Errorf("the page holds %q", secret)
		}
	}
	if err := target.Check(); err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Errorf("an existing file: %v", err)
	}
}

// A page at this machine is where the browser comes back from GitHub, wherever the server will
// be. No other page says so.
func TestWayBackFromGitHub(t *testing.T) {
	for origin, want := range map[string]string{
		"http://localhost:8080": "http://localhost:8080/setup/callback", "": "https://plimsoll.acme.dev/setup/callback",
		"null": "https://plimsoll.acme.dev/setup/callback", "https://evil.example": "https://plimsoll.acme.dev/setup/callback", "http://localhost.evil.example": "https://plimsoll.acme.dev/setup/callback",
	} {
		s := newScene(t, filepath.Join(t.TempDir(), "server.yml"))
		client := newClient(t)
		_, page := s.post(client, tokenPath, url.Values{"token": {s.setup.Token()}})
		form := url.Values{"csrf": {field(t, page, `name="csrf" value="([^"]*)"`)}, "web_url": {"https://github.com"}, "name": {"plimsoll"}, "public_url": {"https://plimsoll.acme.dev"}}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.server.URL+appPath, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Origin", origin)
		res, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil {
			t.Fatal(err)
		}
		manifest := field(t, string(body), `name="manifest" value="([^"]*)"`)
		if !strings.Contains(manifest, `"redirect_url":"`+want+`"`) || !strings.Contains(manifest, `"url":"https://plimsoll.acme.dev/api/github/hook"`) {
			t.Errorf("from %q: %s", origin, manifest)
		}
	}
}
