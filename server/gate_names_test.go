package server_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"plimsoll/server/simulator"
)

// Environments are called anything: the answer goes where it was asked, mentions nobody
// and links nowhere.
func TestGateOfHostileNames(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		gated(w)
		_, commit := w.change("good")
		for _, name := range []string{
			"@acme/oncall", "**prod**", "`a` [x](http://evil.test)", "a/b/../c", "eu west 1", "Produktion 日本", "<img src=x>", "a|b", "100%", "a?b#c", strings.Repeat("n", 255), "../../deployments/1",
		} {
			w.orders.Environment(name, true)
			d := w.orders.Deploy(name, commit, simulator.DeployOptions{Creator: "bob", WorkflowRun: true})
			w.Settle()
			got := d.Gate()
			if len(got) != 1 || !strings.Contains(got[0], "approved") {
				t.Errorf("%q was answered %q", name, got)
				continue
			}
			answer := strings.TrimPrefix(got[0], name)
			outside := strings.NewReplacer("`` "+name+" ``", "", "`"+name+"`", "").Replace(answer) // what is code is no Markdown
			if strings.Contains(outside, "@") || strings.Contains(outside, "](") || strings.Contains(outside, "<") || utf8.RuneCountInString(answer) > 1100 {
				t.Errorf("%q was answered %q", name, got[0])
			}
		}
	})
}
