package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The old name asks for the old path, prints the same, and says on standard error how it
// is called now.
func TestMetricsAndTheirOldName(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/api/v1/")
		if query := r.URL.Query(); query.Get("repository") != "acme/orders" || query.Get("days") != "90" || query.Get("environment") != "production" {
			t.Errorf("asked with %s", r.URL.RawQuery)
		}
		fmt.Fprintf(w, `{"schema":"plimsoll.%s/v1","targets":[{"component":"orders","environment":"production","deployments":9,"deployments_per_day":0.1}]}`, name)
	}))
	defer server.Close()
	env := map[string]string{"PLIMSOLL_SERVER": server.URL, "GITHUB_TOKEN": "x"}
	arguments := []string{"--repository", "acme/orders", "--environment", "production", "--days", "90"}
	const notice = "plimsoll: keys was renamed: use plimsoll metrics; the next version removes the old name\n"
	told := map[string]string{}
	for _, name := range []string{"metrics", "keys"} {
		_, text, _ := strings.Cut(asked(t, env, append([]string{name}, arguments...)...), "\n")
		told[name] = text
		if raw := asked(t, env, append([]string{name, "--format", "json"}, arguments...)...); !strings.Contains(raw, `"schema": "plimsoll.`+name+`/v1"`) {
			t.Errorf("%s as JSON: %s", name, raw)
		}
	}
	if !strings.HasPrefix(told["metrics"], "orders in production, the last 90 days\n  deployment frequency   9 deployments, 3.0 in 30 days\n") || !strings.HasSuffix(told["metrics"], "\n[0]\n\n") {
		t.Errorf("metrics:\n%s", told["metrics"])
	}
	if want := strings.Replace(told["metrics"], "[0]", notice+"[0]", 1); told["keys"] != want {
		t.Errorf("keys:\n%s\nexpected\n%s", told["keys"], want)
	}
	help := plimsoll(t, "--help").stdout
	if !strings.Contains(help, "\n  metrics ") || strings.Contains(help, "\n  keys ") {
		t.Errorf("the list of commands:\n%s", help)
	}
}
