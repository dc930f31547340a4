package promql

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

var acme = func() Matchers {
	m, err := ReadMatchers([]string{`namespace="acme"`, `cluster=~"eu-.*"`})
	if err != nil {
		panic(err)
	}
	return m
}()

// enforced holds a query to carrying the matchers in every selector, and to having as many
// selectors and the same other matchers as before.
func enforced(t *testing.T, query string) {
	t.Helper()
	before, err := parser.ParseExpr(query)
	if err != nil {
		t.Fatalf("%s: %s", query, err)
	}
	text, err := acme.Enforce(query)
	if err != nil {
		t.Fatalf("%s: %s", query, err)
	}
	after, err := parser.ParseExpr(text)
	if err != nil {
		t.Fatalf("%s became %s: %s", query, text, err)
	}
	was, is := selectorsOf(before), selectorsOf(after)
	if len(was) != len(is) {
		t.Fatalf("%s became %s: %d selectors, then %d", query, text, len(was), len(is))
	}
	for i, s := range is {
		if !acme.carriedBy(s) {
			t.Errorf("%s became %s: %s does not carry them", query, text, s)
		}
		if !Matchers(was[i].LabelMatchers).carriedBy(s) || len(s.LabelMatchers) != len(was[i].LabelMatchers)+len(acme) {
			t.Errorf("%s became %s: %s has other matchers than %s", query, text, s, was[i])
		}
		own := s.LabelMatchers
		for _, forced := range acme { // one of each is ours
			at := slices.IndexFunc(own, func(m *labels.Matcher) bool { return m.String() == forced.String() })
			own = slices.Delete(slices.Clone(own), at, at+1)
		}
		s.LabelMatchers = own
	}
	// But for the matchers it is the same query.
	if plain, same := after.String(), before.String(); plain != same {
		t.Errorf("%s became another query: %s, expected %s", query, plain, same)
	}
}

func TestEnforce(t *testing.T) {
	for _, query := range []string{
		"up", "{__name__=~\".+\"}", `{"up"}`, `up{namespace="globex"}`, `up{namespace!="acme"}`, `up{namespace=~".*"}`, `up{namespace=""} == bool 1 or up`, `up{namespace="acme"}`,
		"up or down", "up and on() down unless ignoring(a) sideways", "sum by (namespace) (rate(up[5m]))", "max_over_time(rate(up[5m])[1h:1m])",
		"up @ 1700000000", "up @ end() offset 5m", "up offset -5m", "rate(up[5m] @ start() offset 1w)",
		`label_replace(up, "namespace", "acme", "namespace", ".*")`, `label_join(up, "namespace", "", "x")`,
		"absent(up)", "absent_over_time(up[5m])", "scalar(up)", "vector(scalar(up))", "time()", "1", `"text"`, "-up ^ 2", "(((up)))",
		"up # {namespace=\"acme\"}\n+ down", `up{a="} or secret{b=\""}`, "up{a='{'} + down{b=`}`}", `up{a="\" or secret #"}`,
		"quantile(scalar(down), up)", `count_values("namespace", up)`, "topk(scalar(a), b)", "up{a=\"\u2028\\u0000\\xff\"}", `{"metric.with.dots", "label.with.dots"="x"}`,
		"histogram_quantile(0.9, sum by (le) (rate(b_bucket[5m])))", "a + b * c - d / e % f", "a > bool b", "a * on(x) group_left(y) b", "up[5m]", "up[5m:]",
	} {
		enforced(t, query)
	}
	for _, query := range []string{"", "up{", "up}", "info(up)", "up[5m", `{}`, "# up", "up;down", "up up"} {
		if text, err := acme.Enforce(query); err == nil {
			t.Errorf("%q became %q, expected an error", query, text)
		}
	}
	if text, err := Matchers(nil).Enforce("up{"); err != nil || text != "up{" || Matchers(nil).Selector() != "" {
		t.Errorf("without matchers: %q, %v", text, err)
	}
	if got := acme.Selector(); got != `{namespace="acme",cluster=~"eu-.*"}` {
		t.Errorf("the selector is %s", got)
	}
}

func TestReadMatchers(t *testing.T) {
	for _, text := range []string{"", "namespace", "up", `__name__="up"`, `a="b"} or up{c="d"`, `namespace="acme", "up"`, `a=~"("`, `{a="b"}`} {
		if m, err := ReadMatchers([]string{text}); err == nil {
			t.Errorf("%q is read as %v", text, m)
		}
	}
}

// Whatever a query is made of, every selector of it carries the matchers in the end.
func TestEnforceOnEverything(t *testing.T) {
	random := rand.New(rand.NewPCG(12, 6))
	pick := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	var vector func(depth int) string
	selector := func() string {
		name := pick("up", "a:b:c", "", "http_requests_total")
		matchers := []string{pick(`x="y"`, `__name__=~".+"`, `namespace="globex"`, `x=~"a|b"`, `namespace!~"acme"`, `x="}{\"#"`, "y='`'")}
		if name != "" && strings.HasPrefix(matchers[0], "__name__") {
			matchers[0] = `z!="w"`
		}
		if name == "" {
			matchers = append(matchers, `w="v"`)
		}
		return name + "{" + strings.Join(matchers, pick(",", " , ", ", # }\n")) + pick("}", ",}")
	}
	at := func() string {
		return pick("", "", " offset 5m", " offset -1h", " @ 1.5", " @ start()", " @ end() offset 1w", " offset 5m @ 7")
	}
	matrix := func(depth int) string {
		if depth > 0 && random.IntN(2) == 0 {
			return "(" + vector(depth-1) + ")[" + pick("1h:5m", "30m:", "1d:1h") + "]" + at()
		}
		return selector() + "[" + pick("5m", "1h30m", "1w") + "]" + at()
	}
	vector = func(depth int) string {
		if depth <= 0 {
			return selector() + at()
		}
		switch random.IntN(9) {
		case 0:
			return "(" + vector(depth-1) + ")"
		case 1:
			return "(" + vector(depth-1) + ") " + pick("or", "and", "unless", "+", "*", "> bool", "and on(x)", "* on(x) group_left(y)", "or ignoring(z)") + " (" + vector(depth-1) + ")"
		case 2:
			return pick("sum", "max", "count", "group") + pick(" ", " by (namespace, x) ", " without (x) ") + "(" + vector(depth-1) + ")"
		case 3:
			return pick("rate", "max_over_time", "absent_over_time", "last_over_time", "changes") + "(" + matrix(depth) + ")"
		case 4:
			return fmt.Sprintf(`label_replace(%s, "namespace", "acme", "x", "(.*)}{")`, vector(depth-1))
		case 5:
			return "topk(scalar(" + vector(depth-1) + "), " + vector(depth-1) + ")"
		case 6:
			return "-(" + vector(depth-1) + pick(") ", ") # or secret{}\n")
		case 7:
			return "clamp(" + vector(depth-1) + ", scalar(" + vector(depth-1) + "), 1e3)"
		}
		return "histogram_quantile(scalar(" + vector(depth-1) + "), " + vector(depth-1) + ")"
	}
	for range 3000 {
		enforced(t, vector(random.IntN(5)))
	}
}
