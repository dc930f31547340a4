package prometheus_test

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/checks/readiness"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/server/prometheus"
	"plimsoll/server/prometheus/prometheustest"
)

var _ readiness.Metrics = (*prometheus.Servers)(nil)

// files is a repository in memory.
type files map[string]string

func (f files) ReadFile(_ context.Context, path string) ([]byte, error) {
	content, ok := f[path]
	if !ok {
		return nil, fmt.Errorf("read %s: %w", path, fs.ErrNotExist)
	}
	return []byte(content), nil
}

func (f files) Files(context.Context) ([]contracts.File, error) {
	var all []contracts.File
	for path, content := range f {
		all = append(all, contracts.File{Path: path, SHA: path, Size: int64(len(content))})
	}
	slices.SortFunc(all, func(a, b contracts.File) int { return strings.Compare(a.Path, b.Path) })
	return all, nil
}

// Alerts are held to the metrics of a real Prometheus; where none answers, that is
// said, and nothing passes.
func TestReadinessAsksARealPrometheus(t *testing.T) {
	at := time.Now().Add(-time.Hour).Unix()
	server := prometheustest.Start(t, fmt.Sprintf("# TYPE orders counter\norders_total{job=\"orders\"} 1 %d\n# TYPE up gauge\nup{job=\"orders\"} 1 %d\n# EOF\n", at, at))
	tree := files{
		"plimsoll.yml": "version: 1\ncomponents:\n  - name: orders\n    health: {alerts: [alerts.yml]}\n    environments:\n      production:\n        verify: {for: 5m, datasource: eu}\n",
		"alerts.yml":   "groups:\n- name: orders\n  rules:\n  - {alert: Down, expr: 'up == 0'}\n  - {alert: Few, expr: 'rate(orders_total[5m]) < 1'}\n  - {alert: Lost, expr: 'rate(orders_lost_total[5m]) > 0'}\n",
	}
	declared, err := config.ParseRepository("plimsoll.yml", []byte(tree["plimsoll.yml"]))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, url, datasource string
		state                 readiness.State
		says                  string
	}{
		{"there", server, "eu", readiness.Violated, "the alert Lost reads orders_lost_total, which the metric server eu does not have"},
		{"unreachable", "http://127.0.0.1:1", "eu", readiness.Unknown, `metric server "eu": could not be asked`},
		{"not the operator's", server, "us", readiness.Unknown, `metric server "eu": the operator names no metric server like this`},
	} {
		t.Run(c.name, func(t *testing.T) {
			servers := open(t, prometheus.Config{Servers: []prometheus.Server{{Name: c.datasource, URL: c.url}}})
			standing, err := readiness.Evaluate(t.Context(), readiness.Repository{Tree: tree, File: declared, Owner: "acme", Name: "shop", Metrics: servers})
			if err != nil {
				t.Fatal(err)
			}
			result := standing.Components[0].Result("AL004")
			text := result.Reason
			for _, f := range result.Findings {
				text += f.Message
			}
			if result.State != c.state || !strings.Contains(text, c.says) || len(result.Findings) > 1 {
				t.Errorf("%s: %s, %+v", result.State, text, result.Findings)
			}
		})
	}
}
