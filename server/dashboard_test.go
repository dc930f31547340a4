package server_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"plimsoll/server/dashboard/dashboardtest"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
)

// The pages show what webhooks brought, with the answers of the real registry.
func TestDashboardThroughTheFrontDoor(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		people := dashboardtest.People{"ana": {Name: "ana", Boss: true}, "eve": {Name: "eve"}}
		w := newWorld(t, testbed.Options{DSN: dsn, Visitors: people})
		people["ana"].Reads = map[int64]bool{w.shop.ID(): true, w.web.ID(): true}
		pull := w.pull("drop-price", map[string]string{"openapi.yaml": without("price")})
		w.expect(pull, "failure", "web")
		visit := func(person, path string) (int, string) {
			t.Helper()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.URL()+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.AddCookie(&http.Cookie{Name: "person", Value: person})
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = res.Body.Close() }()
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			return res.StatusCode, string(body)
		}
		for path, wanted := range map[string]string{
			"/": "acme/shop#", "/components": "acme/web", "/apis": "/apis/acme/shop/shop", "/apis/acme/shop/shop": "web", "/apis/acme/shop/shop/deploy": "Can I deploy?",
			"/apis/acme/shop/shop/deprecations": "Deprecations", "/deployments": "No deployment in the last 14 days", "/ledger": "No entry matches", "/graph": "uses shop of shop", "/operations": "acme",
		} {
			if status, page := visit("ana", path); status != http.StatusOK || !strings.Contains(page, wanted) {
				t.Errorf("%s: %d without %q:\n%s", path, status, wanted, page)
			}
			if status, page := visit("eve", path); strings.Contains(page, "acme/shop") || strings.Contains(page, "acme/web") || status != http.StatusOK && status != http.StatusNotFound {
				t.Errorf("eve gets %d for %s:\n%s", status, path, page)
			}
		}
	})
}
