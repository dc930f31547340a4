package server_test

import (
	"net/http"
	"strings"
	"testing"

	"plimsoll/config"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// While nobody knows whose the App is, no account is served by default: nothing is read, and
// nothing is said. What was asked for meanwhile is done once it is known.
func TestOwnerOfTheAppThatCannotBeRead(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		github := testbedtest.GitHub(t)
		repair := github.Fault(simulator.Fault{Operation: "apps/get-authenticated", Times: simulator.Always, Status: http.StatusServiceUnavailable})
		w := &world{Testbed: testbedtest.Open(t, testbed.Options{DSN: dsn, GitHub: github, Queue: brisk(), Accounts: []config.Account{}}), t: t}
		const owner = "plimsoll-makers" // of the simulated App
		w.shop, w.web = w.in(owner, "shop", shopFile), w.in(owner, "web", webFile)
		w.shop.CommitAs("ana", "main", "Add the contract", map[string]string{"openapi.yaml": shopContract})
		github.Install(owner)
		w.shop.CommitAs("ana", "change", "Drop the price", map[string]string{"openapi.yaml": without("price")})
		pull := w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Author: "ana"})
		w.await("the third attempt", func() bool {
			asked := 0
			for _, e := range github.Requests() {
				if e.Operation == "apps/get-authenticated" {
					asked++
				}
				if strings.HasPrefix(e.Path, "/repos/") {
					t.Fatalf("%s %s was asked for", e.Method, e.Path)
				}
			}
			return asked >= 3
		})
		if runs := w.shop.Checks(pull.HeadSHA()); len(runs) > 0 {
			t.Fatalf("%+v", runs)
		}
		repair()
		w.await("the answer", func() bool { return len(pull.Checks(onContracts)) == 1 })
		w.Settle()
		w.expectNewest(pull, "failure", "1 consumer breaks: web")
	})
}
