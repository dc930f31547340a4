package readiness

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Rule files of outsiders are answered within seconds, with few words.
func TestHostileRuleFiles(t *testing.T) {
	const head = "groups:\n- name: g\n  rules:\n"
	for name, data := range map[string]string{
		"many alerts":          head + strings.Repeat("  - {alert: A, expr: up}\n", 20_000),
		"many metrics":         head + strings.Repeat("  - {alert: A, expr: 'a + b'}\n", 100) + manyMetrics(5_000),
		"long names":           head + "  - {alert: " + strings.Repeat("A", 1<<20) + ", expr: '" + strings.Repeat("m", 30_000) + "'}\n",
		"many patterns":        head + strings.Repeat("  - {alert: A, expr: '{__name__=~\"a.+\"}'}\n", 5_000),
		"many words in a name": head + "  - {alert: " + strings.Repeat("A_", 1<<20) + ", expr: up}\n",
	} {
		t.Run(name, func(t *testing.T) {
			files := memory{"ops/alerts.yml": data, ".github/plimsoll.yml": "version: 1\ncomponents:\n  - name: orders\n    health: {alerts: [ops/alerts.yml]}\n    environments: {production: {}}\n"}
			start := time.Now()
			standing := testCase{file: name, metrics: []string{"up"}}.evaluate(t, files)
			t.Logf("took %s", time.Since(start))
			for _, rule := range []string{"AL001", "AL002", "AL003", "AL004"} {
				result := standing.Components[0].Result(rule)
				if len(result.Findings) > mostFindings+1 || len(result.Reason) > 2_000 {
					t.Errorf("%s: %d findings, a reason of %d bytes", rule, len(result.Findings), len(result.Reason))
				}
				for _, f := range result.Findings {
					if len(f.Message) > 2_000 || len(f.Subject) > 1_000 {
						t.Errorf("%s: a message of %d bytes, a subject of %d", rule, len(f.Message), len(f.Subject))
					}
				}
			}
		})
	}
}

func manyMetrics(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "  - {alert: A, expr: metric_%d}\n", i)
	}
	return out.String()
}
