package plimsoll_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var metricName = regexp.MustCompile(`\bplimsoll_[a-z_]+\b`)

// metricsOfServer are the names of the server's metrics, as its code has them: some have no
// sample before something has happened.
func metricsOfServer(t *testing.T) (names []string) {
	t.Helper()
	err := filepath.WalkDir("server", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				if text, err := strconv.Unquote(literal.Value); err == nil && metricName.FindString(text) == text && text != "" {
					names = append(names, text)
				}
			}
			return true
		})
		return nil
	})
	if err != nil || len(names) < 10 {
		t.Fatalf("found %v: %v", names, err)
	}
	return names
}

// Alerts and the dashboard ask for metrics that the server has.
func TestMonitoringNamesMetricsOfTheServer(t *testing.T) {
	have := metricsOfServer(t)
	for _, file := range []string{"alerts.yaml", "alerts_test.yaml", "dashboard.json"} {
		text, err := os.ReadFile(filepath.Join("packaging", "monitoring", file))
		if err != nil {
			t.Fatal(err)
		}
		asked := metricName.FindAllString(string(text), -1)
		for _, name := range asked {
			base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_sum"), "_count")
			if !slices.Contains(have, name) && !slices.Contains(have, base) {
				t.Errorf("%s: the server has no metric %s", file, name)
			}
		}
		if len(asked) < 7 {
			t.Errorf("%s: only %v", file, asked)
		}
	}
	var dashboard struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	text, err := os.ReadFile("packaging/monitoring/dashboard.json")
	if err == nil {
		err = json.Unmarshal(text, &dashboard)
	}
	if err != nil || len(dashboard.Panels) < 10 {
		t.Errorf("%d panels, %v", len(dashboard.Panels), err)
	}
}

// Prometheus reads the alerts; each is quiet while everything works, and rings otherwise.
func TestAlerts(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		const missing = "promtool is missing (Debian: apt-get install prometheus): the alerts were not checked"
		if os.Getenv("CI") != "" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	for _, arguments := range [][]string{{"check", "rules", "alerts.yaml"}, {"test", "rules", "alerts_test.yaml"}} {
		cmd := exec.Command(promtool, arguments...)
		cmd.Dir = "packaging/monitoring"
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(arguments, " "), err, out)
		}
	}
}
