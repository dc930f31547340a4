package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"plimsoll/checks/readiness"
	"plimsoll/contracts"
)

func TestRemoteName(t *testing.T) {
	for address, want := range map[string]string{
		"https://github.com/acme/orders.git": "acme/orders", "git@github.com:acme/orders.git": "acme/orders", "ssh://git@github.com/acme/or.ders/": "acme/or.ders",
		"https://github.com/acme/orders": "acme/orders", "/srv/git": "srv/git", "orders": "",
	} {
		got := ""
		if m := remoteName.FindStringSubmatch(address); m != nil {
			got = m[1] + "/" + m[2]
		}
		if got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}

func TestReadinessMetricsToken(t *testing.T) {
	var asked string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Header.Get("Authorization")
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"status":"success","data":["up"]}`))
	}))
	defer server.Close()
	metrics, err := metricServer(server.URL, func(name string) string { return map[string]string{metricsToken: "s3cret"}[name] })
	if err != nil {
		t.Fatal(err)
	}
	defer metrics.Close()
	missing, err := metrics.Missing(t.Context(), "whatever it is called", []string{"up", "down"})
	if err != nil || !slices.Equal(missing, []string{"down"}) || asked != "Bearer s3cret" {
		t.Errorf("missing %v, %v; asked with %q", missing, err, asked)
	}
}

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
		status        int
		says          string
	}{
		{"all there", metricsOf(t, "up", "orders_gone_total"), statusFine, "Nothing blocks"},
		{"one missing", metricsOf(t, "up"), statusNo, "orders_gone_total"},
		{"no answer", unreachable.URL, statusUnknown, "unknown AL004 orders: "},
		{"none named", "", statusFine, "not asked AL004 orders: whether the metrics of its alerts exist (--metrics URL asks a Prometheus)\n"},
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
	base := commitAll(t, checkFolder(t, files))
	for _, args := range [][]string{{}, {"--base", base}} {
		_, stdout, stderr := runLine(t, append([]string{"check", "--readiness", "--format", "sarif"}, args...)...)
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(stdout))
		if err != nil {
			t.Fatalf("%v %s", err, stderr)
		}
		if err := schema.Validate(document); err != nil {
			t.Errorf("%v: not valid by SARIF's schema: %v", args, err)
		}
		var log sarifLog
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
	var got readinessRules
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || status != statusFine || got.Schema != "plimsoll.readiness-rules/v1" || len(got.Rules) != len(readiness.Rules) || got.Rules[0].Why == "" {
		t.Errorf("status %d, %v, %+v", status, err, got)
	}
}

// A commit's tree lists regular files alone, sorted as paths are, and gives no link's
// content; one more byte than is read is a problem of that file.
func TestReadinessTrees(t *testing.T) {
	dir := checkFolder(t, map[string]string{"a.yml": "1", "a/b.yml": "2", "a-b.yml": "3", "run.sh": "4"})
	if err := os.Symlink("a.yml", "link.yml"); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod("run.sh", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, size := range map[string]int64{"most.bin": largestBlob, "over.bin": largestBlob + 1} {
		write(t, name, "")
		if err := os.Truncate(name, size); err != nil {
			t.Fatal(err)
		}
	}
	rev := commitAll(t, dir)
	folder, err := openFolder(t.Context(), ".")
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	commit, err := folder.commit(t.Context(), rev)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := folder.treeAt(t.Context(), commit, rev)
	if err != nil {
		t.Fatal(err)
	}
	for name, source := range map[string]contracts.Tree{"commit": tree, "folder": folder} {
		files, err := source.Files(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range files {
			names = append(names, f.Path)
		}
		if want := []string{"a-b.yml", "a.yml", "a/b.yml", "most.bin", "over.bin", "run.sh"}; !slices.Equal(names, want) {
			t.Errorf("%s: %v, want %v", name, names, want)
		}
		if data, err := source.ReadFile(t.Context(), "a/b.yml"); string(data) != "2" || err != nil {
			t.Errorf("%s: %q, %v", name, data, err)
		}
		if data, err := source.ReadFile(t.Context(), "most.bin"); len(data) != largestBlob || err != nil {
			t.Errorf("%s: %d bytes, %v", name, len(data), err)
		}
		if _, err := source.ReadFile(t.Context(), "over.bin"); err == nil || !strings.Contains(err.Error(), "over.bin: too large to be read") {
			t.Errorf("%s: one byte more: %v", name, err)
		}
		for _, missing := range []string{"nowhere.yml", "nowhere/a.yml", "../a.yml", "a", "/a.yml"} {
			if _, err := source.ReadFile(t.Context(), missing); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: %s: %v", name, missing, err)
			}
		}
	}
	if data, err := tree.ReadFile(t.Context(), "link.yml"); err == nil {
		t.Errorf("a link's content: %q", data)
	}
}
