package reload

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"plimsoll/config"
)

// key is an App's private key; a small one is made quickly.
var key = sync.OnceValue(func() *rsa.PrivateKey {
	made, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		panic(err)
	}
	return made
})

// operator is a folder with an operator's file and secrets, as Kubernetes mounts it.
type operator struct {
	t       *testing.T
	folder  string
	applied []*config.Server
	fails   error
	*Reloader
}

const file = `
github:
  app:
    integration_id: 1
    private_key_file: key.pem
    webhook_secrets_file: secrets
accounts: [acme]
`

func newOperator(t *testing.T) *operator {
	o := &operator{t: t, folder: t.TempDir()}
	o.write("server.yml", file)
	o.write("secrets", "the first webhook secret\n")
	o.write("key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key())})))
	running, err := o.load()
	if err != nil {
		t.Fatal(err)
	}
	if o.Reloader, err = New(running, Config{Load: o.load, Apply: func(_ context.Context, next *config.Server) error {
		if o.fails == nil {
			o.applied = append(o.applied, next)
		}
		return o.fails
	}}); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *operator) load() (*config.Server, error) {
	return config.LoadServer(filepath.Join(o.folder, "server.yml"), func(string) string { return "" })
}

func (o *operator) write(name, text string) {
	o.t.Helper()
	if err := os.WriteFile(filepath.Join(o.folder, name), []byte(text), 0o600); err != nil {
		o.t.Fatal(err)
	}
}

// expect compares how often a change was taken over, and the problem that operators see.
func (o *operator) expect(applied int, problem string) {
	o.t.Helper()
	state := o.State()
	if len(o.applied) != applied || (problem == "") != (state.Status == statusCurrent) || !strings.Contains(state.Problem, problem) {
		o.t.Errorf("%d applied, %+v; want %d and %q", len(o.applied), state, applied, problem)
	}
	want := 1.0
	if problem != "" {
		want = 0
	}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(o.Reloader)
	families, err := registry.Gather()
	if err != nil {
		o.t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == "plimsoll_config_reload_success" && family.Metric[0].GetGauge().GetValue() != want {
			o.t.Errorf("%v, want %g", family, want)
		}
	}
}

// A file is taken over once it was read twice the same, so that half of one never is.
func TestAChangeThatHasSettled(t *testing.T) {
	o := newOperator(t)
	o.look(t.Context())
	o.expect(0, "")
	o.write("server.yml", strings.Replace(file, "[acme]", "[]", 1)) // half of what an editor writes
	o.look(t.Context())
	o.write("server.yml", strings.Replace(file, "[acme]", "[acme, globex]", 1))
	o.look(t.Context())
	o.expect(0, "")
	o.look(t.Context())
	o.expect(1, "")
	o.look(t.Context())
	o.expect(1, "")
	if accounts := o.applied[0].Accounts; len(accounts) != 2 {
		t.Errorf("accounts %v", accounts)
	}
}

// SIGHUP does not wait.
func TestAChangeAtOnce(t *testing.T) {
	o := newOperator(t)
	o.write("secrets", "the first webhook secret\nthe second webhook secret\n")
	o.Reload(t.Context())
	o.expect(1, "")
	o.Reload(t.Context()) // nothing has changed
	o.expect(1, "")
	if secrets := o.applied[0].GitHub.App.WebhookSecrets; len(secrets) != 2 || secrets[1].Reveal() != "the second webhook secret" {
		t.Errorf("%d secrets", len(secrets))
	}
}

// Kubernetes replaces a mounted secret by swapping a symbolic link to its folder.
func TestASecretOfKubernetes(t *testing.T) {
	o := newOperator(t)
	for _, version := range []string{"..1", "..2"} {
		if err := os.Mkdir(filepath.Join(o.folder, version), 0o700); err != nil {
			t.Fatal(err)
		}
		o.write(version+"/secrets", "the webhook secret of "+version+"\n")
	}
	swap := func(to string) {
		if err := errors.Join(os.Symlink(to, filepath.Join(o.folder, "..tmp")), os.Rename(filepath.Join(o.folder, "..tmp"), filepath.Join(o.folder, "..data"))); err != nil {
			t.Fatal(err)
		}
	}
	swap("..1")
	if err := errors.Join(os.Remove(filepath.Join(o.folder, "secrets")), os.Symlink("..data/secrets", filepath.Join(o.folder, "secrets"))); err != nil {
		t.Fatal(err)
	}
	o.Reload(t.Context())
	swap("..2")
	o.look(t.Context())
	o.look(t.Context())
	o.expect(2, "")
	if secrets := o.applied[1].GitHub.App.WebhookSecrets; secrets[0].Reveal() != "the webhook secret of ..2" {
		t.Error("the old secret")
	}
}

// What needs a restart is named, and nothing else of the file is taken over with it.
func TestAChangeThatNeedsARestart(t *testing.T) {
	o := newOperator(t)
	o.write("server.yml", strings.Replace(file, "[acme]", "[acme, globex]\nworkers: 9\nretention: {samples: 30d}", 1))
	o.Reload(t.Context())
	o.expect(0, "workers, retention.samples changed, which needs a restart")
	o.write("server.yml", file)
	o.Reload(t.Context())
	o.expect(0, "")
}

// A broken file is reported with its line, once, and never with a secret.
func TestABrokenFile(t *testing.T) {
	o := newOperator(t)
	o.write("server.yml", strings.Replace(file, "accounts:", "acounts:", 1))
	for range 4 {
		o.look(t.Context())
	}
	o.expect(0, "server.yml:7:1: acounts: ")
	if o.failures != 1 {
		t.Errorf("%g failures", o.failures)
	}
	o.write("server.yml", file)
	o.look(t.Context())
	o.look(t.Context())
	o.expect(0, "")
	o.write("secrets", "short\n")
	o.Reload(t.Context())
	o.expect(0, "the webhook secret has 5 bytes")
	if strings.Contains(o.State().Problem, "short\n") || strings.Contains(o.State().Problem, `"short"`) {
		t.Error("a secret is shown: " + o.State().Problem)
	}
}

// What could not be taken over is tried again when the file changes.
func TestAChangeThatFails(t *testing.T) {
	o := newOperator(t)
	o.fails = errors.New("the database does not answer")
	o.write("server.yml", strings.Replace(file, "[acme]", "[acme, globex]", 1))
	o.Reload(t.Context())
	o.expect(0, "the database does not answer")
	o.fails = nil
	o.look(t.Context())
	o.look(t.Context())
	o.expect(1, "")
}

// Signals, ticks, readers and metrics at once.
func TestReloadsAtOnce(t *testing.T) {
	o := newOperator(t)
	hangup := make(chan os.Signal, 1)
	o.Reloader.config.Every, o.Reloader.config.Hangup = time.Millisecond, hangup
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { o.Run(ctx) })
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(o.Reloader)
	for i := range 20 {
		o.write("server.yml", strings.Replace(file, "[acme]", "[acme, globex"+strings.Repeat("x", i)+"]", 1))
		hangup <- os.Interrupt
		_ = o.State()
		if _, err := registry.Gather(); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	all.Wait()
	o.Reload(t.Context())
	if last := o.running.Accounts[1]; last != config.Account("globex"+strings.Repeat("x", 19)) {
		t.Errorf("the last account is %s", last)
	}
}

func TestNewNeedsAll(t *testing.T) {
	if _, err := New(nil, Config{}); err == nil {
		t.Error("no error")
	}
}
