package doctor_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll"
	"plimsoll/cmd/plimsoll/internal/doctor"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server"
	"plimsoll/server/cloudwatch/cloudwatchtest"
	"plimsoll/server/datadog/datadogtest"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// Secrets of the operator's file. No finding may hold one.
const (
	metricsToken  = "token-of-the-metric-server"
	webhookSecret = "simulator-webhook-secret"
)

// otherKey is a key of another App.
var otherKey = sync.OnceValue(func() []byte {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
})

// names is a resolver with fixed answers.
type names map[string]string

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if n[host] == "" {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return []netip.Addr{netip.MustParseAddr(n[host])}, nil
}

// setting is a server with its GitHub and its metric server, and the operator's file that
// fits them, for a case to change.
type setting struct {
	t       *testing.T
	bed     *testbedtest.Testbed
	acme    *simulator.Installation
	orders  *simulator.Repository
	metrics string // the address of the metric server
	dsn     string

	// What stands in the operator's file.
	appID                int64
	key                  []byte
	api, database, token string
	accounts, probe      string
	prometheus, more     string
	credentials          string // of the metric server
	datadog              string // the application key, if it is Datadog
	cloudwatch           string // the secret of the access key, if it is CloudWatch
	now                  func() time.Time
	transport            http.RoundTripper
	hosts                names
}

func newSetting(t *testing.T, dsn string, options simulator.Options) *setting {
	t.Helper()
	options.Clock = func() time.Time { return testbedtest.Noon }
	github := simulator.New(options)
	if err := github.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := github.Close(); err != nil {
			t.Error(err)
		}
		for _, violation := range github.Violations() {
			t.Errorf("against GitHub's description, limits or permissions: %s", violation)
		}
	})
	s := &setting{t: t, bed: testbedtest.Open(t, testbed.Options{DSN: dsn, GitHub: github}), dsn: dsn}
	s.orders = github.NewRepository("acme/orders", simulator.RepositoryOptions{})
	s.orders.CommitAs("ana", "main", "Begin", map[string]string{"README.md": "orders"})
	s.acme = github.Install("acme")
	s.bed.Settle()
	metrics := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if r.Header.Get("Authorization") != "Bearer "+metricsToken && (user != "plimsoll" || password != metricsToken || r.Header.Get("X-Scope-OrgID") != "acme") {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[0,"1"]}]}}`)
	}))
	t.Cleanup(metrics.Close)
	s.metrics = metrics.URL
	s.reset()
	return s
}

// reset makes the file fit again.
func (s *setting) reset() {
	github := s.bed.GitHub
	s.appID, s.key, s.api, s.database, s.token = github.AppID(), github.PrivateKeyPEM(), github.APIURL(), s.dsn, metricsToken
	s.accounts, s.credentials, s.datadog = `["*"]`, "bearer_token_file: token", ""
	s.cloudwatch = ""
	s.prometheus, s.more, s.now, s.transport = s.metrics, "", time.Now, nil
	s.probe, s.hosts = `["*.globex.dev", 10.0.0.0/8, orders.acme.dev]`, names{"orders.acme.dev": "93.184.215.14"}
}

// run writes the file and runs the doctor. It gives the report, and what a person reads.
func (s *setting) run() (doctor.Report, string) {
	s.t.Helper()
	folder := s.t.TempDir()
	kind := fmt.Sprintf("prometheus: %q, %s", s.prometheus, s.credentials)
	if s.datadog != "" {
		api := datadogtest.Start(s.t, func(string, time.Time, time.Duration) float64 { return 1 })
		kind = fmt.Sprintf("datadog: {api_url: %q, api_key_file: token, application_key: %s}", api.URL, s.datadog)
	}
	if s.cloudwatch != "" {
		api := cloudwatchtest.Start(s.t, func(string, time.Time, time.Duration) float64 { return 1 })
		kind = fmt.Sprintf("cloudwatch: {region: %s, api_url: %q, access_key_id: %s, secret_access_key: %q}", cloudwatchtest.Key.Region, api.URL, cloudwatchtest.Key.ID, s.cloudwatch)
	}
	for name, content := range map[string]string{"app.pem": string(s.key), "token": s.token, "server.yml": fmt.Sprintf(`public_url: %s
github:
  web_url: %s
  v3_api_url: %s
  app: {integration_id: %d, private_key_file: app.pem, webhook_secrets: [%s]}
database: %q
accounts: %s
datasources:
  - {name: default, %s}
probes:
  allow: %s
%s`, s.bed.URL(), s.bed.GitHub.URL(), s.api, s.appID, webhookSecret, s.database, s.accounts, kind, s.probe, s.more)} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	s.t.Chdir(folder) // relative names are those of the file's folder
	asks, err := server.AskedOfAccounts()
	if err != nil {
		s.t.Fatal(err)
	}
	var text bytes.Buffer
	to := terminal.New(func(string) string { return "" }, &text, &text)
	report := doctor.Run(s.t.Context(), doctor.Options{
		File: "server.yml", Env: func(string) string { return "" }, Asks: asks, HookPath: server.HookPath, Now: s.now, Transport: s.transport, Resolver: s.hosts, Patience: 20,
		Found: func(f doctor.Finding) {
			if err := f.Write(to); err != nil {
				s.t.Error(err)
			}
		},
	})
	fmt.Fprintf(&text, "%s\n[%d]\n", report.Summary(), report.Answer())
	raw, err := json.Marshal(report)
	if err != nil {
		s.t.Fatal(err)
	}
	if strings.ContainsRune(text.String(), '\x1b') {
		s.t.Errorf("signs that a terminal obeys: %q", text.String())
	}
	for _, secret := range []string{metricsToken, s.token, s.datadog, s.cloudwatch, webhookSecret, "PRIVATE KEY", keyText(s.bed.GitHub.PrivateKeyPEM()), keyText(otherKey())} {
		if len(secret) > 5 && strings.Contains(text.String()+string(raw), secret) {
			s.t.Errorf("the secret %q is shown:\n%s", secret, text.String())
		}
	}
	return report, text.String()
}

// keyText is a line of a key.
func keyText(key []byte) string { return strings.Split(string(key), "\n")[3] }

// others lists the findings that are not ok, without their texts.
func others(report doctor.Report) (all []string) {
	for _, f := range report.Checks {
		if f.State != doctor.OK {
			all = append(all, strings.TrimSpace(fmt.Sprintf("%s: %s %s", f.State, f.Check, f.Subject)))
		}
	}
	return all
}

// dated changes the time that answers are from.
type dated struct{ ahead time.Duration }

func (d dated) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err == nil {
		response.Header.Set("Date", time.Now().Add(d.ahead).UTC().Format(http.TimeFormat))
	}
	return response, err
}

// broken lets GitHub's calls go wrong until the end of a case.
func broken(f simulator.Fault) func(*setting) func() {
	f.Times = simulator.Always
	return func(s *setting) func() { return s.bed.GitHub.Fault(f) }
}

func execute(t *testing.T, dsn, statement string) {
	t.Helper()
	if _, err := storetest.Raw(t, dsn).ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// Of a healthy server everything is ok. Each fault is found, and nothing else.
func TestDoctor(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, database := range []struct {
		name string
		dsn  func(testing.TB) string
	}{{"sqlite", storetest.SQLite}, {"postgres", storetest.Postgres}} {
		t.Run(database.name, func(t *testing.T) {
			s := newSetting(t, database.dsn(t), simulator.Options{})
			var all strings.Builder
			shown := map[string]bool{}
			for _, fault := range faults {
				s.reset()
				undo := fault.do(s)
				report, text := s.run()
				if got := others(report); !slices.Equal(replaced(s, got), fault.want) {
					t.Errorf("%s: %q, expected %q\n%s", fault.name, got, fault.want, text)
				}
				text = fine.ReplaceAllStringFunc(text, func(line string) string { // once is enough
					if shown[line] {
						return ""
					}
					shown[line] = true
					return line
				})
				fmt.Fprintf(&all, "# %s\n%s\n", fault.name, text)
				if undo != nil {
					undo()
				}
			}
			if database.name == "sqlite" {
				t.Chdir(here)
				testbedtest.Golden(t, "doctor.txt", replaced(s, []string{all.String()})[0])
			}
		})
	}
}

var (
	versions = regexp.MustCompile(`(version|versions up to|them to) \d+`)
	until    = regexp.MustCompile(`after 20\S+Z`)
	fine     = regexp.MustCompile(`(?m)^ok .*\n`)
	ports    = regexp.MustCompile(`127\.0\.0\.1:\d\d+`)
)

// replaced takes out of texts what differs from run to run.
func replaced(s *setting, texts []string) (all []string) {
	folder := filepath.Dir(strings.TrimPrefix(s.dsn, "sqlite:"))
	shown := s.dsn
	if at := strings.Index(s.dsn, "?"); at >= 0 {
		shown = s.dsn[:at]
	}
	for _, text := range texts {
		for from, to := range map[string]string{s.dsn: "DATABASE", shown: "DATABASE"} {
			text = strings.ReplaceAll(text, from, to)
		}
		text = strings.NewReplacer(folder, "FOLDER", s.bed.URL(), "https://plimsoll.acme.dev", s.bed.GitHub.URL(), "https://github.acme.dev").Replace(text)
		text = until.ReplaceAllString(text, "after TIME")
		text = versions.ReplaceAllString(text, "$1 N")
		all = append(all, ports.ReplaceAllString(text, "ADDRESS"))
	}
	return all
}

// A server that has no App yet can register one.
func TestDoctorOfAServerWithoutAnApp(t *testing.T) {
	folder := t.TempDir()
	env := map[string]string{"PLIMSOLL_GITHUB_V3_API_URL": "http://127.0.0.1:1", "PLIMSOLL_DATABASE": "sqlite:" + filepath.Join(folder, "plimsoll.db"), "PLIMSOLL_WORKERS": "0"}
	report := doctor.Run(t.Context(), doctor.Options{Env: func(name string) string { return env[name] }, HookPath: server.HookPath, Now: time.Now})
	var found []string
	for _, f := range report.Checks {
		if f.Check == "configuration" {
			found = append(found, f.Found)
		}
	}
	if len(found) != 2 || found[0] != "Neither the file nor the environment names an App." || !strings.Contains(found[1], "workers: expected 1 to 256") {
		t.Errorf("%q", found)
	}
}

// The App itself does not ask for an event: no account can grant it.
func TestDoctorFindsWhatTheAppDoesNotAskFor(t *testing.T) {
	manifest := regexp.MustCompile(`(?m)^  - release .*\n`).ReplaceAll(plimsoll.AppManifest, nil)
	s := newSetting(t, storetest.SQLite(t), simulator.Options{Manifest: manifest})
	report, text := s.run()
	if got := others(report); !slices.Equal(got, []string{"problem: permissions of the App"}) || !strings.Contains(text, "the event release") || !strings.Contains(text, "/apps/plimsoll/permissions") {
		t.Errorf("%q\n%s", got, text)
	}
}

// A clock that GitHub does not take is named as the cause.
func TestDoctorFindsTheClockBehindARefusedToken(t *testing.T) {
	behind := func() time.Time { return time.Now().Add(-10 * time.Minute) }
	s := newSetting(t, storetest.SQLite(t), simulator.Options{})
	other := simulator.New(simulator.Options{TokenClock: behind})
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() }) // it has nothing to say
	s.api, s.transport = other.APIURL(), dated{-10 * time.Minute}
	report, text := s.run()
	if got := others(report); !slices.Equal(got, []string{"problem: clock", "problem: App", "not checked: permissions", "not checked: webhook", "not checked: deliveries"}) ||
		!strings.Contains(text, "10 min ahead of GitHub's") || !strings.Contains(text, "while the clock is wrong") {
		t.Errorf("%q\n%s", got, text)
	}
}
