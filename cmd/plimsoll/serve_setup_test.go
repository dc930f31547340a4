package main

import (
	"bytes"
	"context"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
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
	return setUpIn(t, github, t.TempDir())
}

// setUpEnv is the environment of a server in a folder that has no App.
func setUpEnv(github *simulator.Simulator, folder string) map[string]string {
	return map[string]string{
		"PLIMSOLL_LISTEN": "127.0.0.1:0", "PLIMSOLL_ADMIN_LISTEN": "127.0.0.1:0", "PLIMSOLL_DATABASE": "sqlite:" + filepath.Join(folder, "plimsoll.db"),
		"PLIMSOLL_GITHUB_V3_API_URL": github.APIURL(),
	}
}

func setUpIn(t *testing.T, github *simulator.Simulator, folder string) settingUp {
	t.Helper()
	env := setUpEnv(github, folder)
	ctx, stop := context.WithCancel(t.Context())
	s, ended := settingUp{log: &lockedLog{}}, make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"serve", "--config", filepath.Join(folder, "server.yml")}, func(key string) string { return env[key] }, io.Discard, s.log)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	s.await(t)
	return s
}

// await waits until the log says where the page is.
func (s *settingUp) await(t *testing.T) {
	t.Helper()
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
}

// operator is a person at the pages of setup.
type operator struct {
	t      *testing.T
	client *http.Client
}

func newOperator(t *testing.T) operator {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return operator{t, &http.Client{Jar: jar}}
}

// try sends a form, and gives the page that it ends at.
func (o operator) try(path string, form url.Values) (string, error) {
	res, err := o.client.PostForm(path, form)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return string(body), err
}

func (o operator) send(path string, form url.Values) string {
	o.t.Helper()
	page, err := o.try(path, form)
	if err != nil {
		o.t.Fatal(err)
	}
	return page
}

func (o operator) find(page, pattern string) string {
	o.t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(page)
	if m == nil {
		o.t.Fatalf("no %s in\n%s", pattern, page)
	}
	return html.UnescapeString(m[1])
}

// create goes through all pages, and gives the last one.
func (o operator) create(github *simulator.Simulator, s settingUp) (string, error) {
	o.t.Helper()
	page := o.send(s.at+"/setup/token", url.Values{"token": {s.token}})
	page = o.send(s.at+"/setup/app", url.Values{
		"csrf": {o.find(page, `name="csrf" value="([^"]*)"`)}, "web_url": {github.URL()}, "name": {"plimsoll"}, "public_url": {s.at},
	})
	return o.try(o.find(page, `action="([^"]*apps/new[^"]*)"`), url.Values{"manifest": {o.find(page, `name="manifest" value="([^"]*)"`)}, "create": {"yes"}})
}

// From nothing to a server that answers GitHub, in one process: the page is never away.
func TestServeSetsItselfUp(t *testing.T) {
	github := simulator.New(simulator.Options{})
	if err := github.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = github.Close() })
	started := setUpAgainst(t, github)
	log, at := started.log, started.at
	person := newOperator(t)
	client := person.client
	page, err := person.create(github, started)
	if err != nil || !strings.Contains(page, "The server is starting") {
		t.Fatalf("the last page: %v\n%s", err, page)
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

// The process is killed while GitHub gives the credentials, which it gives once. The next start
// says so in the log, and the page says what to do.
func TestServeIsKilledInSetup(t *testing.T) {
	github := simulator.New(simulator.Options{})
	if err := github.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = github.Close() })
	folder := t.TempDir()
	file := filepath.Join(folder, "server.yml")
	killed := settingUp{log: &lockedLog{}}
	child := exec.Command(os.Args[0], "serve", "--config", file)
	child.Env = append(os.Environ(), "PLIMSOLL_TEST_AS_PROGRAM=1")
	for key, value := range setUpEnv(github, folder) {
		child.Env = append(child.Env, key+"="+value)
	}
	child.Stderr = killed.log
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	killed.await(t)
	ended := make(chan struct{})
	github.Fault(simulator.Fault{Operation: "apps/create-from-manifest", After: true, Close: true, Before: func() {
		_ = child.Process.Kill() // SIGKILL
		_ = child.Wait()         // killed is not a success
		close(ended)
	}})
	if page, err := newOperator(t).create(github, killed); err == nil {
		t.Fatalf("the killed server answered:\n%s", page)
	}
	<-ended
	again := setUpIn(t, github, folder)
	if !strings.Contains(again.log.String(), "an earlier setup ended after GitHub had registered an App") {
		t.Errorf("the log does not say it:\n%s", again.log)
	}
	person := newOperator(t)
	page := person.send(again.at+"/setup/token", url.Values{"token": {again.token}})
	for _, want := range []string{"has no credentials", github.URL() + "/settings/apps", "Start again"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	page = person.send(again.at+"/setup/app", url.Values{"csrf": {person.find(page, `name="csrf" value="([^"]*)"`)}, "again": {"yes"}})
	page = person.send(again.at+"/setup/app", url.Values{
		"csrf": {person.find(page, `name="csrf" value="([^"]*)"`)}, "web_url": {github.URL()}, "name": {"plimsoll again"}, "public_url": {again.at},
	})
	page = person.send(person.find(page, `action="([^"]*apps/new[^"]*)"`), url.Values{"manifest": {person.find(page, `name="manifest" value="([^"]*)"`)}, "create": {"yes"}})
	if !strings.Contains(page, "The server is starting") {
		t.Errorf("the last page:\n%s", page)
	}
}

// With --setup-secret, serve writes the manifest and ends. On a server that has an App, it does
// not begin.
func TestServeWritesASecret(t *testing.T) {
	github := simulator.New(simulator.Options{})
	if err := github.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = github.Close() })
	folder := t.TempDir()
	secret, env := filepath.Join(folder, "plimsoll-secret.yaml"), setUpEnv(github, folder)
	s, ended := settingUp{log: &lockedLog{}}, make(chan error, 1)
	go func() {
		ended <- run(t.Context(), []string{"serve", "--setup-secret", secret}, func(key string) string { return env[key] }, io.Discard, s.log)
	}()
	s.await(t)
	page, err := newOperator(t).create(github, s)
	if err != nil || !strings.Contains(page, "kubectl apply -f "+secret) {
		t.Errorf("the last page: %v\n%s", err, page)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("%v is written, %v", left, err)
	}
	env["PLIMSOLL_GITHUB_APP_INTEGRATION_ID"] = "1"
	got := asked(t, env, "serve", "--setup-secret", secret)
	if !strings.Contains(got, "names an App already") || !strings.HasSuffix(got, "[2]\n\n") {
		t.Error(got)
	}
}
