package preset

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"plimsoll/config"
)

func TestCheck(t *testing.T) {
	large := strings.Repeat("(a{1000})", 15)
	for _, c := range []struct{ query, want string }{
		{"sum(rate(orders_placed_total[1m]))", ""},
		{"1 - up", ""},
		{"scalar(up)", ""},
		{"max_over_time(sum(rate(a[5m]))[30m:1m])", ""},
		{"sum(rate(a[1m])", "signals[0].query, 1:16: the query is not PromQL: unclosed left parenthesis"},
		{"sum(\n  rate(a[1m]) +\n  )", "signals[0].query, 3:3: the query is not PromQL: unexpected \")\" in aggregation"},
		{"sum(ä)", "signals[0].query, 1:5: the query is not PromQL: unexpected character: 'ä'"},
		{"rate(a)", "signals[0].query, 1:6: the query is not PromQL: expected type range vector in call to function \"rate\", got instant vector"},
		{"a[5m]", "signals[0].query, 1:1: the query gives ranges, expected one series of numbers (put rate(…)"},
		{`"text"`, "signals[0].query, 1:1: the query gives a text"},
		{`up{job=~"("}`, "signals[0].query, 1:4: the query is not PromQL: error parsing regexp"},
		{"rate(a[8d])", "signals[0].query, 1:6: a range of 192h0m0s, at most 168h0m0s is asked for"},
		{"max_over_time(a[7d:1s])", "signals[0].query, 1:15: a subquery of 604800 points, at most 1000"},
		{"max_over_time(a[7d:])", "signals[0].query, 1:15: a subquery of 40320 points"},
		{"max_over_time(max_over_time(a[1h:1m])[1h:1m])", "signals[0].query, 1:29: a subquery in a subquery"},
		{"a offset -5m", "signals[0].query, 1:1: an offset into the future"},
		{"a @ 5", "signals[0].query, 1:1: @ fixes the time"},
		{"a @ end()", "signals[0].query, 1:1: @ fixes the time"},
		{"max_over_time(a[1h:1m] offset -5m)", "signals[0].query, 1:15: an offset into the future"},
		{strings.Repeat("a", 5000), "signals[0]: a query of more than 4096 bytes"},
		{strings.Repeat("-", 4000) + "1", "signals[0]: the query, or a pattern in it, is too large"},
		{strings.Repeat("(", 4000), "signals[0]: the query, or a pattern in it, is too large"},
		{`up{a=~"(` + large + `)"}`, "signals[0]: the query, or a pattern in it, is too large"},
		{`up{a!~"` + strings.ReplaceAll(large, "{", `\x7b`) + `"}`, "signals[0]: the query, or a pattern in it, is too large"},
		{`up{a=~'` + large + `"'}`, "signals[0]: the query, or a pattern in it, is too large"},
		{"up{a=~`" + large + "`}", "signals[0]: the query, or a pattern in it, is too large"},
		{`up{a=~"` + strings.Repeat("[^/]*", 500) + `"}`, "signals[0]: the query, or a pattern in it, is too large"},
		{`up{a=~"` + strings.Repeat(`\\W`, 500) + `"}`, "signals[0]: the query, or a pattern in it, is too large"},
		{`up{a=~"/[^/]*/[^/]+",b!~"[^a-z]+|\\S+"}`, ""},
		{`up{a="` + large + `"}`, ""},
	} {
		began := time.Now()
		signal := config.Signal{Name: "own", Query: config.Query(c.query), Better: config.Up}
		faults := Check([]config.Signal{signal})
		t.Logf("%.60s: took %s", c.query, time.Since(began))
		own, ok := Own(signal)
		if c.want == "" {
			if len(faults) > 0 || !ok || own.Value != c.query || own.Kind != Series || own.Name != "own" || own.Better != config.Up {
				t.Errorf("%s: %v, %+v", c.query, faults, own)
			}
			continue
		}
		if len(faults) != 1 || !strings.HasPrefix(shown(faults[0]), c.want) || ok {
			t.Errorf("%.60s: got %v\nwant %s", c.query, faults, c.want)
		}
	}
}

func TestCheckOfPresets(t *testing.T) {
	at := config.Position{File: "plimsoll.yml", Line: 7, Column: 3}
	faults := Check([]config.Signal{
		{Preset: "http", Match: map[string]string{"job": "orders"}},
		{Preset: "http", At: at, Match: map[string]string{"__name__": "up", "le": "1", "quantile": "1", "a b": "", "job": "orders"}},
	})
	if len(faults) != 4 {
		t.Fatalf("%v", faults)
	}
	for i, want := range []string{"signals[1]: match __name__: the preset finds", "signals[1]: match \"a b\": expected the name", "signals[1]: match le: the preset chooses", "signals[1]: match quantile:"} {
		if !strings.HasPrefix(shown(faults[i]), want) || faults[i].At != at {
			t.Errorf("got %v, want %s", faults[i], want)
		}
	}
	if _, ok := Own(config.Signal{Preset: "http"}); ok {
		t.Error("a preset is no query of one's own")
	}
}

// Whatever a query is, checking it ends in time and what is said is bounded.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"sum(rate(a[1m]))", "a[1h:1s] offset 5m @ start()", `{a=~"(x{9}){9}"}`, "\"\\xff\"", "a{b='\\''}", "((((", "1 +\n# x\n-+-a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		began := time.Now()
		for _, fault := range Check([]config.Signal{{Query: config.Query(query)}}) {
			if len(fault.Message) > 2000 || fault.Line < 0 || fault.Line > 0 && fault.Column < 1 {
				t.Errorf("%+v", fault)
			}
		}
		t.Logf("took %s", time.Since(began))
	})
}

// shown gives "signals[1].query, 1:14: message (hint)".
func shown(f Fault) string {
	text := fmt.Sprintf("signals[%d]", f.Signal)
	if f.Line > 0 {
		text += fmt.Sprintf(".query, %d:%d", f.Line, f.Column)
	}
	text += ": " + f.Message
	if f.Hint != "" {
		text += " (" + f.Hint + ")"
	}
	return text
}

// A share is a proportion: nothing bad is 0, and there is never more bad than there is.
func TestShare(t *testing.T) {
	share := config.Signal{Name: "failed jobs", Bad: "sum(increase(jobs_failed_total[1m]))", Total: "sum(increase(jobs_total[1m])) or vector(0)", Rollback: config.Bound{Text: "> 5%"}}
	s, ok := Own(share)
	bad, total := "("+string(share.Bad)+"\n)", "("+string(share.Total)+"\n)"
	if !ok || s.Kind != Proportion || s.Better != config.Down || s.Value != "" || s.Rollback.Text != "> 5%" ||
		s.Bad != bad+" or 0 * "+total || s.Total != total+" >= "+bad+" or "+bad+" or "+total {
		t.Errorf("%+v, %v", s, ok)
	}
	for _, query := range []string{s.Bad, s.Total} {
		if _, err := parser.ParseExpr(query); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
	faults := Check([]config.Signal{{Name: "x", Bad: "up", Total: "sum("}})
	if len(faults) != 1 || !strings.HasPrefix(faults[0].Message, "total: the query is not PromQL") {
		t.Errorf("%+v", faults)
	}
	// What a query could do to the text around it: end the brackets, or comment them out.
	for _, text := range []config.Query{"up) or vector(1", "up # ", "sum(", "up[5m]"} {
		if s, ok := Own(config.Signal{Name: "x", Bad: "up", Total: text}); ok {
			if _, err := parser.ParseExpr(s.Total); err != nil {
				t.Errorf("%s is accepted and gives %s: %v", text, s.Total, err)
			}
		}
	}
}
