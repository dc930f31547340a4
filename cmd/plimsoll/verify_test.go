package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/cmd/plimsoll/internal/watch"
	"plimsoll/server/prometheus/prometheustest"
)

const deployedCommit = "0123456789abcdef0123456789abcdef01234567"

// deployedAt is when the tests' deployments succeed.
var deployedAt = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// terminalRun is one run of the command in which time passes as it waits.
type terminalRun struct {
	env            map[string]string
	stdout, stderr bytes.Buffer
	progress       bool
	now            time.Time
	waited         int
	// waiting is called before each wait.
	waiting func(n int)
}

func (r *terminalRun) run(ctx context.Context, args ...string) string {
	if r.now.IsZero() {
		r.now = deployedAt
	}
	t := terminal.New(func(name string) string { return r.env[name] }, &r.stdout, &r.stderr)
	t.Progress = r.progress
	t.Now = func() time.Time { return r.now }
	t.Sleep = func(ctx context.Context, until time.Time) error {
		r.waited++
		if r.waiting != nil {
			r.waiting(r.waited)
		}
		r.now = until
		return ctx.Err()
	}
	root := newRoot(t)
	root.SetArgs(append([]string{"verify"}, args...))
	root.SetOut(&r.stdout)
	root.SetErr(&r.stderr)
	err := root.ExecuteContext(ctx)
	return took.ReplaceAllString(fmt.Sprintf("%s%s[%d]", r.stdout.String(), terminal.ErrorText(err), terminal.StatusOf(err)), " in 1ms")
}

// took is how long an answer took, which differs from run to run.
var took = regexp.MustCompile(` in \d+(\.\d+)?[mµ]?s\b`)

// deployed is a service that answers as it is told to.
type deployed struct {
	mu     sync.Mutex
	health int
	asked  int
}

func (d *deployed) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked++
	w.WriteHeader(d.health)
	_ = json.NewEncoder(w).Encode(map[string]string{"sha": deployedCommit})
}

func (d *deployed) set(health int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.health = health
}

func serveDeployed(t *testing.T) (service *deployed, url string) {
	t.Helper()
	service = &deployed{health: http.StatusOK}
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	return service, server.URL
}

func watchedFolder(t *testing.T, text string) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, ".github"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, ".github", "plimsoll.yml"), text)
	return folder
}

const probedFile = `version: 1
components:
  - name: orders
    environments:
      staging:
        verify:
          for: 5m
          every: 1m
          probes:
            - get: /healthz
            - get: /version
              expect: {json: {sha: "{{deployment.sha}}"}}
`

func TestVerifyByProbes(t *testing.T) {
	folder := watchedFolder(t, probedFile)
	args := func(url string, more ...string) []string {
		return append([]string{"--file", folder, "--environment", "staging", "--commit", deployedCommit, "--url", url, "--allow", "127.0.0.0/8"}, more...)
	}
	t.Run("works", func(t *testing.T) {
		service, url := serveDeployed(t)
		r := &terminalRun{}
		want := `orders in staging is verified
  because all probes passed in 6 samples; no signals are declared
  GET /healthz: passed 6 of 6; last: 200 in 1ms
  GET /version: passed 6 of 6; last: 200 in 1ms
[0]`
		if got := r.run(t.Context(), args(url)...); got != want {
			t.Errorf("%s\nexpected\n%s", got, want)
		}
		if r.waited != 5 || service.asked != 12 || r.stderr.Len() > 0 {
			t.Errorf("waited %d times, asked %d times, stderr %q", r.waited, service.asked, r.stderr.String())
		}
	})
	t.Run("fails", func(t *testing.T) {
		service, url := serveDeployed(t)
		r := &terminalRun{waiting: func(n int) {
			if n == 2 {
				service.set(http.StatusServiceUnavailable)
			}
		}}
		want := `Roll back orders in staging: GET /healthz failed 3 of the last 5 times
  because GET /version failed 3 of the last 5 times (status 503, expected 2XX)
  GET /healthz: passed 2 of 5; last: status 503, expected 2XX
  GET /version: passed 2 of 5; last: status 503, expected 2XX
  Next step: deploy the last commit that worked, and find the cause.
[1]`
		if got := r.run(t.Context(), args(url)...); got != want {
			t.Errorf("%s\nexpected\n%s", got, want)
		}
	})
	t.Run("Ctrl-C", func(t *testing.T) {
		_, url := serveDeployed(t)
		ctx, stop := context.WithCancel(t.Context())
		r := &terminalRun{waiting: func(n int) {
			if n == 2 {
				stop()
			}
		}}
		want := `Inconclusive for orders in staging: the run was stopped after 2 of 6 samples
  GET /healthz: passed 2 of 2; last: 200 in 1ms
  GET /version: passed 2 of 2; last: 200 in 1ms
[3]`
		if got := r.run(ctx, args(url)...); got != want {
			t.Errorf("%s\nexpected\n%s", got, want)
		}
	})
	t.Run("on a terminal, as JSON", func(t *testing.T) {
		_, url := serveDeployed(t)
		r := &terminalRun{progress: true, env: map[string]string{"NO_COLOR": "1"}}
		r.run(t.Context(), args(url, "--format", "json", "--since", "2026-11-02T11:59:30Z")...)
		var told watch.Result
		if err := json.Unmarshal(r.stdout.Bytes(), &told); err != nil {
			t.Fatal(err)
		}
		if told.Answer != "verified" || len(told.Samples) != 6 || !told.Verification.Began.Equal(deployedAt.Add(-30*time.Second)) {
			t.Errorf("%+v", told)
		}
		for _, want := range []string{"Watching orders in staging: 3 of 6 samples", "████████████████████░░░░░░░░░░░░░░░░░░░░ 3/6", "\x1b[2A\x1b[J"} {
			if !strings.Contains(r.stderr.String(), want) {
				t.Errorf("%q is not drawn: %q", want, r.stderr.String())
			}
		}
		if strings.Contains(r.stderr.String(), "\x1b[1m") || !strings.HasSuffix(r.stderr.String(), "\x1b[J") {
			t.Errorf("drawn %q", r.stderr.String())
		}
	})
	t.Run("as Markdown", func(t *testing.T) {
		_, url := serveDeployed(t)
		r := &terminalRun{}
		if got := r.run(t.Context(), args(url, "--format", "markdown")...); !strings.HasPrefix(got, "## orders in staging is verified\n\n") || !strings.Contains(got, "| Probe | Passed | Last result |") {
			t.Error(got)
		}
	})
	t.Run("not allowed", func(t *testing.T) {
		service, url := serveDeployed(t)
		r := &terminalRun{}
		got := r.run(t.Context(), "--file", folder, "--environment", "staging", "--commit", deployedCommit, "--url", url, "--allow", "orders.acme.dev")
		if !strings.Contains(got, "not on the operator's list") && !strings.Contains(got, "was not requested") || !strings.HasSuffix(got, "[3]") || service.asked != 0 {
			t.Errorf("asked %d times: %s", service.asked, got)
		}
	})
}

func TestVerifyOfBadInput(t *testing.T) {
	folder := watchedFolder(t, probedFile+`      bare: {}
  - name: web
    environments:
      staging: {url: "https://web.acme.dev", verify: {signals: [{preset: http, match: {job: web}}]}}
`)
	base := "--file " + folder + " --commit " + deployedCommit
	for args, want := range map[string]string{
		"--environment staging":                                               "--component is required: FILE declares orders, web",
		"":                                                                    "--environment is required (or use --replay ID)",
		"--component shop --environment staging":                              "FILE: no component shop; it declares orders, web",
		"--component orders --environment moon":                               "FILE: orders has no environment moon",
		"--component orders --environment bare":                               "FILE: no verify for orders in bare (plimsoll check --readiness suggests the lines)",
		"--component orders --environment staging":                            "--url is required: the file has no url for orders in staging",
		"--component orders --environment staging --url ftp:x":                "--url: expected a URL such as https://orders.acme.dev",
		"--component orders --environment staging --url http://x":             "give --allow HOST (or an address range), or --config with probes.allow, to say what may be probed",
		"--component orders --environment staging --url http://x --allow a*b": `--allow: expected a host name or an IP range, found "a*b" (write "*.acme.dev", orders.acme.dev or 10.0.0.0/8)`,
		"--component web --environment staging":                               "give --prometheus URL, or --config with datasources, to name the metric server",
		"--component web --environment staging --since 2027-01-01":            "--since 2027-01-01: this is in the future",
		"--component web --environment staging --format xml":                  "--format xml: use one of text, json, markdown",
		"--replay nothing.json":                                               "--replay nothing.json: expected verdict/…, INSTALLATION:SEQ, or a file with the entry as JSON",
	} {
		r := &terminalRun{}
		got := strings.ReplaceAll(r.run(t.Context(), strings.Fields(base+" "+args)...), filepath.Join(folder, ".github", "plimsoll.yml"), "FILE")
		if got != "plimsoll: "+want+"[2]" {
			t.Errorf("%s:\n%s\nexpected\n%s", args, got, want)
		}
	}
}

const measuredFile = `version: 1
components:
  - name: orders
    environments:
      production:
        production: true
        verify:
          for: 30m
          every: 1m
          signals:
            - preset: http
              match: {job: JOB}
`

// traffic is what Prometheus has of two services: 2,000 requests a minute for eight
// days, of which 1 in 500 fails; from the deployment on 1 in 20 of the job "worse".
func traffic() string {
	var b strings.Builder
	b.WriteString("# TYPE http_requests counter\n")
	for job, oneIn := range map[string]float64{"worse": 20, "same": 500} {
		random := rand.New(rand.NewPCG(7, 7))
		good, bad := 0.0, 0.0
		var bads strings.Builder
		for at := deployedAt.Add(-8 * 24 * time.Hour); at.Before(deployedAt.Add(45 * time.Minute)); at = at.Add(time.Minute) {
			share := 1.0 / 500
			if at.After(deployedAt) {
				share = 1 / oneIn
			}
			requests := 2000 + 100*random.NormFloat64()
			failed := max(0, requests*share+random.NormFloat64()*2)
			good, bad = good+requests-failed, bad+failed
			fmt.Fprintf(&b, "http_requests_total{job=%q,code=\"200\"} %f %d\n", job, good, at.Unix())
			fmt.Fprintf(&bads, "http_requests_total{job=%q,code=\"500\"} %f %d\n", job, bad, at.Unix())
		}
		b.WriteString(bads.String())
	}
	b.WriteString("# EOF\n")
	return b.String()
}

// The signals of a real Prometheus, evaluated as the server evaluates them.
func TestVerifyBySignals(t *testing.T) {
	metrics := prometheustest.Start(t, traffic())
	for job, want := range map[string]struct{ title, status string }{
		"worse": {"Roll back orders in production: errors 0.", "[1]"},
		"same":  {"orders in production is verified\n", "[0]"},
	} {
		t.Run(job, func(t *testing.T) {
			folder := watchedFolder(t, strings.ReplaceAll(measuredFile, "JOB", job))
			r := &terminalRun{progress: true}
			got := r.run(t.Context(), "--file", folder, "--environment", "production", "--commit", deployedCommit, "--prometheus", metrics)
			if !strings.HasPrefix(got, want.title) || !strings.HasSuffix(got, want.status) {
				t.Errorf("%s\nafter %d looks", got, r.waited+1)
			}
			drawn := r.stderr.String()
			if !strings.Contains(drawn, "│") || !strings.ContainsAny(drawn, "▂▃▄▅▆▇") || !strings.Contains(drawn, "\x1b[1mWatching") {
				t.Errorf("drawn:\n%s", drawn)
			}
			t.Logf("%s\nafter %d looks; at the end was drawn:\n%s", got, r.waited+1, drawn[max(0, strings.LastIndex(drawn, "Watching")):])
		})
	}
}
