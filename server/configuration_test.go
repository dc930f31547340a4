package server_test

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"slices"
	"sync"
	"testing"

	"plimsoll/config"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
)

func (w *world) reload(change func(*config.Server)) {
	w.t.Helper()
	if err := w.Reload(w.t.Context(), change); err != nil {
		w.t.Fatal(err)
	}
}

func accepts(secrets ...string) func(*config.Server) {
	return func(conf *config.Server) {
		conf.GitHub.App.WebhookSecrets = nil
		for _, secret := range secrets {
			conf.GitHub.App.WebhookSecrets = append(conf.GitHub.App.WebhookSecrets, config.WebhookSecret{Secret: config.NewSecret(secret)})
		}
	}
}

// A webhook secret is replaced without a lost delivery: both are accepted while GitHub
// changes to the new one, and the old one is refused once it is removed.
func TestReplacedWebhookSecret(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn})
		before, after := w.GitHub.WebhookSecret(), "the new secret of the webhook"
		var pushes sync.WaitGroup
		pushes.Go(func() {
			for i := range 20 {
				w.shop.CommitAs("ana", "main", fmt.Sprint("Push ", i), map[string]string{"README.md": fmt.Sprint(i)})
			}
		})
		w.reload(accepts(before, after))
		w.GitHub.SetWebhookSecret(after)
		pushes.Wait()
		w.Settle() // deliveries that the old secret has signed have arrived
		w.reload(accepts(after))
		w.expect(w.pull("drop-price", map[string]string{"openapi.yaml": without("price")}), "failure", "web")
		for _, d := range w.GitHub.Deliveries() {
			if d.StatusCode/100 != 2 {
				t.Errorf("delivery of %s: %d", d.Event, d.StatusCode)
			}
		}

		w.GitHub.SetWebhookSecret(before)
		w.shop.CommitAs("ana", "main", "Signed with the old secret", map[string]string{"README.md": "old"})
		w.Settle()
		all := w.GitHub.Deliveries()
		if last := all[len(all)-1]; last.StatusCode != 401 {
			t.Errorf("a delivery that the removed secret has signed: %d", last.StatusCode)
		}
		w.conditions(`"configuration":{"status":"current"`)
	})
}

// An account that is added is read and answered; once it is removed, it is not.
func TestReplacedAccounts(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk(), Accounts: []config.Account{"globex"}})
		w.expect(w.pull("refused", map[string]string{"openapi.yaml": without("price")}), "neutral", "does not serve acme")
		w.reload(func(conf *config.Server) { conf.Accounts = []config.Account{"globex", "acme"} })
		w.Settle()
		w.expect(w.pull("drop-price", map[string]string{"openapi.yaml": without("price")}), "failure", "web")
		w.reload(func(conf *config.Server) { conf.Accounts = []config.Account{"globex"} })
		w.expect(w.pull("refused-again", map[string]string{"openapi.yaml": without("color")}), "neutral", "does not serve acme")
		w.alive()
	})
}

// The App's private key is replaced while the server runs; GitHub takes only the new one.
func TestReplacedPrivateKey(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk()})
		before := len(w.GitHub.RequestsSince(0, true))
		w.GitHub.SetPrivateKey(key)
		w.reload(func(conf *config.Server) {
			conf.GitHub.App.PrivateKey = config.PrivateKey{Secret: config.NewSecret(string(w.GitHub.PrivateKeyPEM()))}
		})
		w.expect(w.pull("drop-price", map[string]string{"openapi.yaml": without("price")}), "failure", "web")
		if !slices.ContainsFunc(w.GitHub.RequestsSince(0, true)[before:], func(e simulator.Exchange) bool { return e.Operation == "apps/create-installation-access-token" }) {
			t.Error("no token was made with the new key")
		}
	})
}

// What needs a restart is named for operators, and the server continues as before.
func TestConfigurationThatNeedsARestart(t *testing.T) {
	w := newWorld(t, testbed.Options{DSN: storetest.SQLite(t)})
	w.reload(func(conf *config.Server) { conf.Workers, conf.Accounts = 9, []config.Account{"globex"} })
	w.conditions(`"problem":"workers changed, which needs a restart; nothing of the file was taken over"`)
	w.reload(func(conf *config.Server) { conf.Workers = 8 })
	w.conditions(`"configuration":{"status":"current"`)
	w.alive()
}
