package server_test

import (
	"net/http"
	"testing"

	"plimsoll/config"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
)

// A metric server belongs to the accounts that the operator names, by default to the
// App's owner alone. To others it does not exist, and it is never asked.
func TestMetricServerOfAnotherAccount(t *testing.T) {
	for name, c := range map[string]struct {
		accounts   []config.Account
		conclusion string
		asked      bool
	}{
		"everybody's":        {[]config.Account{"*"}, "failure", true},
		"its own":            {[]config.Account{"globex", "ACME"}, "failure", true},
		"another account's":  {[]config.Account{"globex"}, "neutral", false},
		"the App's owner's":  {[]config.Account{}, "neutral", false},
		"the owner, by name": {[]config.Account{"plimsoll-makers"}, "neutral", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.EachDSN(t, func(t *testing.T, dsn string) {
				server := newMetricServer(t, "http_requests_total")
				datasources := named("default", server.URL)
				datasources[0].Accounts = c.accounts
				p := newPlatform(t, testbed.Options{DSN: dsn, Queue: brisk(), Datasources: datasources}, nil)
				p.ready(p.pull("lag", newAlert(`stock_lag_seconds{job="stock"} > 60`)), c.conclusion)
				if asked := server.asked.Load() > 0; asked != c.asked {
					t.Errorf("asked: %v, expected %v", asked, c.asked)
				}
				p.alive()
			})
		})
	}
}

// The same for hosts that may be probed.
func TestProbesOfAnotherAccount(t *testing.T) {
	for name, c := range map[string]struct {
		accounts []config.Account
		probed   bool
	}{
		"its own":           {[]config.Account{"acme"}, true},
		"another account's": {[]config.Account{"globex"}, false},
		"the App's owner's": {[]config.Account{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			everyWatchingWith(t, "", func(w *watching) { w.probed = c.accounts }, func(t *testing.T, w *watching) {
				_, commit := w.change("good")
				w.service.runs(commit, http.StatusOK)
				w.deploy(commit)
				w.pass(6)
				runs := w.orders.Checks(commit, "plimsoll/deploy")
				verified := len(runs) == 1 && runs[0].Conclusion == "success"
				if verified != c.probed {
					t.Errorf("%+v, expected it to be probed: %v", runs, c.probed)
				}
			})
		})
	}
}
