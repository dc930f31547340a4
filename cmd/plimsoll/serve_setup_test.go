package main

import (
	"bytes"
	"context"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll/server/simulator"
)

// lockedLog is a log that is read while it is written.
type lockedLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// settingUp is a server without an App, which asks to be set up.
type settingUp struct {
	log       *lockedLog
	at, token string // where it is, and what opens the page
}

// setUpAgainst starts a server that has no App at a simulated GitHub.
func setUpAgainst(t *testing.T, github *simulator.Simulator) settingUp {
	t.Helper()
	folder := t.TempDir()
	env := map[string]string{
		"PLIMSOLL_LISTEN": "127.0.0.1:0", "PLIMSOLL_ADMIN_LISTEN": "127.0.0.1:0", "PLIMSOLL_DATABASE": "sqlite:" + filepath.Join(folder, "plimsoll.db"),
		"PLIMSOLL_GITHUB_V3_API_URL": github.APIURL(),
	}
	ctx, stop := context.WithCancel(t.Context())
	s, ended := settingUp{log: &lockedLog{}}, make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"serve", "--config", filepath.Join(folder, "server.yml")}, func(key string) string { return env[key] }, io.Discard, s.log)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	await := func(pattern string) string {
		t.Helper()
		deadline := time.Now().Add(time.Minute)
		for {
			if m := regexp.MustCompile(pattern).FindStringSubmatch(s.log.String()); m != nil {
				return m[1]
			}
			if time.Now().After(deadline) {
				t.Fatalf("no %s in the log:\n%s", pattern, s.log)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	s.token, s.at = await(`"token":"([^"]+)"`), "http://"+await(`"address":"([^"]+)"`)
	return s
}

// From nothing to a server that answers GitHub, in one process: the page is never away.
func TestServeSetsItselfUp(t *testing.T) {
	github := simulator.New(simulator.Options{})
	if err := github.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = github.Close() })
	started := setUpAgainst(t, github)
	log, token, at := started.log, started.token, started.at
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	send := func(path string, form url.Values) string {
		t.Helper()
		res, err := client.PostForm(path, form)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	find := func(page, pattern string) string {
		t.Helper()
		m := regexp.MustCompile(pattern).FindStringSubmatch(page)
		if m == nil {
			t.Fatalf("no %s in\n%s", pattern, page)
		}
		return html.UnescapeString(m[1])
	}
	page := send(at+"/setup/token", url.Values{"token": {token}})
	page = send(at+"/setup/app", url.Values{
		"csrf": {find(page, `name="csrf" value="([^"]*)"`)}, "web_url": {github.URL()}, "name": {"plimsoll"}, "public_url": {at},
	})
	page = send(find(page, `action="([^"]*apps/new[^"]*)"`), url.Values{"manifest": {find(page, `name="manifest" value="([^"]*)"`)}, "create": {"yes"}})
	if !strings.Contains(page, "The server is starting") {
		t.Fatalf("the last page:\n%s", page)
	}
	res, err := client.Get(at + "/readyz") // waits until the real server takes it
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		t.Errorf("/readyz answers %d", res.StatusCode)
	}
	again, err := client.Get(at + "/setup")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Body.Close() }()
	if body, _ := io.ReadAll(again.Body); strings.Contains(string(body), "Set up Plimsoll") {
		t.Error("setup is open again")
	}
	for _, secret := range []string{"PRIVATE KEY", github.ClientSecret(), github.WebhookSecret()} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}
