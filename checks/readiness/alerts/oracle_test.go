package alerts_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/checks/readiness/alerts"
)

// refused are those of Prometheus' own test files that it refuses, beside those whose
// names say so.
var refused = map[string]string{
	"invalid_rules.yaml":    "field",
	"rules-bad.yml":         "template",
	"bad-rules-syntax.yml":  "not PromQL",
	"rules_extrafields.yml": "field",
}

// What Prometheus' own tests load is loaded here, and what they refuse is refused.
func TestPrometheusOwnFiles(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/prometheus/prometheus").Output()
	if err != nil {
		t.Fatalf("find Prometheus' module: %v", err)
	}
	module := strings.TrimSpace(string(out))
	var files []string
	for _, pattern := range []string{"model/rulefmt/testdata/*.yaml", "rules/fixtures/*.yaml", "cmd/promtool/testdata/*rules*.yml"} {
		found, err := filepath.Glob(filepath.Join(module, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("no files %s: %v", pattern, err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, faults := alerts.Parse(name, data)
			why, isRefused := refused[name]
			isRefused = isRefused || strings.HasSuffix(name, ".bad.yaml") && !strings.HasPrefix(name, "legacy_")
			if isRefused != (len(faults) > 0) {
				t.Errorf("refused %t, faults %v\n%s", isRefused, faults, data[:min(len(data), 1500)])
			}
			for _, fault := range faults {
				if fault.Kind != alerts.Broken || !strings.Contains(fault.String(), why) {
					t.Errorf("%s %s; expected %q", fault.Kind, fault, why)
				}
			}
		})
	}
}
