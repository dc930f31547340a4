package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"plimsoll/checks/readiness"
	"plimsoll/cmd/plimsoll/internal/git/gittest"
	"plimsoll/cmd/plimsoll/internal/readycheck"
	"plimsoll/cmd/plimsoll/internal/sarif"
	"plimsoll/cmd/plimsoll/internal/terminal"
)

// metricsOf gives the address of a metric server that has some metrics.
func metricsOf(t *testing.T, names ...string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": names})
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// The metric server says which alerts can never fire; one that does not answer is told
// and passes nothing.
func TestReadinessAsksTheMetricServer(t *testing.T) {
	files := readyFiles()
	files[".github/plimsoll.yml"] += "      alerts: [alerts.yml]\npolicy: {block: [AL004]}\n"
	files["alerts.yml"] = "groups:\n  - name: orders\n    rules:\n      - alert: OrdersDown\n        expr: up{job=\"orders\"} == 0 or orders_gone_total > 1\n        for: 5m\n        labels: {severity: page}\n"
	checkFolder(t, files)
	unreachable := httptest.NewServer(http.NotFoundHandler())
	unreachable.Close()
	for _, c := range []struct {
		name, address string
		status        terminal.Answer
		says          string
	}{
		{"all there", metricsOf(t, "up", "orders_gone_total"), terminal.Fine, "Nothing blocks"},
		{"one missing", metricsOf(t, "up"), terminal.No, "orders_gone_total"},
		{"no answer", unreachable.URL, terminal.Unknown, "unknown AL004 orders: "},
		{"none named", "", terminal.Fine, "not checked AL004 orders: if the metrics of its alerts exist (use --metrics URL to ask a Prometheus)\n"},
	} {
		status, stdout, stderr := runLine(t, "check", "--readiness", "--metrics", c.address)
		if status != c.status || !strings.Contains(stdout, c.says) {
			t.Errorf("%s: status %d, want %d with %q\n%s%s", c.name, status, c.status, c.says, stdout, stderr)
		}
		if c.address != "" && strings.Contains(stdout, strings.TrimPrefix(c.address, "http://")) {
			t.Errorf("%s: the address is told\n%s", c.name, stdout)
		}
	}
}

func TestReadinessSARIFIsValidByItsSchema(t *testing.T) {
	top, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(top, "testdata", "sarif", "sarif-schema-2.1.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	files := readyFiles()
	files["orders/openapi.yaml"] = "openapi: [\n"
	files[".github/plimsoll.yml"] = strings.Replace(readyFile, "health:\n", "health:\n      waive: [{rule: owner, reason: later, until: 2199-01-01}]\n", 1)
	base := gittest.Commit(t, checkFolder(t, files))
	for _, args := range [][]string{{}, {"--base", base}} {
		_, stdout, stderr := runLine(t, append([]string{"check", "--readiness", "--format", "sarif"}, args...)...)
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(stdout))
		if err != nil {
			t.Fatalf("%v %s", err, stderr)
		}
		if err := schema.Validate(document); err != nil {
			t.Errorf("%v: not valid by SARIF's schema: %v", args, err)
		}
		var log sarif.Log
		if err := json.Unmarshal([]byte(stdout), &log); err != nil {
			t.Fatal(err)
		}
		run := log.Runs[0]
		if len(run.Tool.Driver.Rules) != len(readiness.Rules) || run.Tool.Driver.Rules[0].Help == nil || len(run.Invocations[0].Notifications) == 0 {
			t.Errorf("%v: rules or notifications are missing: %+v", args, run.Invocations)
		}
		for _, r := range run.Results {
			if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID || r.Fingerprints["plimsoll/v1"] == "" || (r.Baseline == "unchanged") != (len(args) > 0) {
				t.Errorf("%v: got %+v", args, r)
			}
			if (r.RuleID == "OW001") != (len(r.Suppressions) == 1) {
				t.Errorf("%v: suppressed: %+v", args, r)
			}
			if r.RuleID == "RB001" && (len(r.Fixes) != 1 || r.Fixes[0].Changes[0].Replacements[0].Inserted.Text != "      runbook: docs/runbooks/orders.md\n") {
				t.Errorf("%v: fixes %+v", args, r.Fixes)
			}
		}
	}
}

func TestReadinessRules(t *testing.T) {
	status, stdout, _ := runLine(t, "check", "--readiness", "--rules")
	for _, r := range readiness.Rules {
		if !strings.Contains(stdout, r.ID) || !strings.Contains(stdout, r.Title) || !strings.Contains(stdout, r.Why) || !strings.Contains(stdout, string(r.Level)) {
			t.Errorf("%s: no line, title or why", r.ID)
		}
	}
	_, stdout, _ = runLine(t, "check", "--readiness", "--rules", "--format", "json")
	var got readycheck.RulesJSON
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || status != terminal.Fine || got.Schema != "plimsoll.readiness-rules/v1" || len(got.Rules) != len(readiness.Rules) || got.Rules[0].Why == "" {
		t.Errorf("status %d, %v, %+v", status, err, got)
	}
}
