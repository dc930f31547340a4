package contracttext

import (
	"strings"
	"testing"

	"plimsoll/checks"
	"plimsoll/checks/text/texttest"
	"plimsoll/contracts"
)

// remembered is what breaking() blocks for: checkout-web and ios-app.
func remembered() []Blocked { return Blocking(breaking()) }

// affectedLeft leaves the hits of the first finding that keep.
func affectedLeft(r *Report, keep func(contracts.AffectedConsumer) bool) {
	var left []contracts.AffectedConsumer
	for _, affected := range r.APIs[0].Findings[0].Affected {
		if keep(affected) {
			left = append(left, affected)
		}
	}
	r.APIs[0].Findings[0].Affected = left
}

func isNot(component string) func(contracts.AffectedConsumer) bool {
	return func(affected contracts.AffectedConsumer) bool { return affected.Consumer.Component != component }
}

func TestBlockingIsRememberedOnce(t *testing.T) {
	first := remembered()
	var names []string
	for _, b := range first {
		names = append(names, b.Component)
	}
	if got := strings.Join(names, " "); got != "checkout-web ios-app" {
		t.Errorf("remembers %q", got)
	}
	again := breaking()
	again.Before = first
	if second := Blocking(again); len(second) != len(first) {
		t.Errorf("judged again it remembers %d, before %d", len(second), len(first))
	}
	since := breaking()
	since.APIs[0].Findings[0].SinceBaseline = true
	if b := Blocking(since); len(b) != 0 {
		t.Errorf("what is on the base branch already blocks nothing: %+v", b)
	}
}

func TestCountdown(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Report)
		want   string // "" where nothing is counted
	}{
		"nobody has moved":    {func(*Report) {}, ""},
		"one has moved":       {func(r *Report) { affectedLeft(r, isNot("checkout-web")) }, "**1 of 2 has moved.** Left: **`ios-app`** (default branch)."},
		"the other has moved": {func(r *Report) { affectedLeft(r, isNot("ios-app")) }, "**1 of 2 has moved.** Left: **`checkout-web`** (live in `production`)."},
		"both have moved": {func(r *Report) {
			affectedLeft(r, func(h contracts.AffectedConsumer) bool { return h.Consumer.Component == "nightly-report" })
		},
			checks.MarkGood + " **All 2 consumers that this waited for have moved.**"},
		"the only one": {func(r *Report) {
			r.Before = r.Before[:1]
			affectedLeft(r, func(h contracts.AffectedConsumer) bool { return h.Consumer.Component == "nightly-report" })
		}, checks.MarkGood + " **The consumer that this waited for has moved.**"},
		"a released version is left": {func(r *Report) {
			affectedLeft(r, isNot("checkout-web"))
			app := &r.APIs[0].Findings[0].Affected[0].Consumer
			app.Release, app.Production, app.Runs = "4.2", true, true
		}, "**1 of 2 has moved.** Left: **`ios-app`** (released as `4.2`)."},
		"the change was taken back": {func(r *Report) { r.APIs[0].Changes, r.APIs[0].Findings = r.APIs[0].Changes[:1], nil }, ""},
		"private ones on a public page": {func(r *Report) {
			r.Repository.Private = false
			affectedLeft(r, isNot("checkout-web"))
		}, "**1 of 2 has moved.** Left: 1 private consumer."},
	} {
		t.Run(name, func(t *testing.T) {
			r := breaking()
			r.Before = remembered()
			c.change(&r)
			run, comment := ContractReport(r), ContractComment(r)
			got, _, _ := strings.Cut(run.Summary, "\n")
			if c.want == "" {
				if strings.Contains(run.Summary, "moved.**") {
					t.Errorf("counts down: %s", got)
				}
				return
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if comment.Needed && !strings.Contains(comment.Text, c.want) {
				t.Errorf("the comment does not count down:\n%s", comment.Text)
			}
		})
	}
}

// sinceBaseline breaks a consumer by what is on the base branch already.
func sinceBaseline() Report {
	r := breaking()
	r.APIs[0].Changes = nil
	r.APIs[0].Findings[0].SinceBaseline = true
	r.APIs[0].Findings = r.APIs[0].Findings[:1]
	return r
}

func TestSinceBaseline(t *testing.T) {
	r := sinceBaseline()
	run := ContractReport(r)
	if run.Conclusion != checks.Neutral {
		t.Errorf("what stands on the base branch already concludes %s", run.Conclusion)
	}
	r.Repository.Private = false
	r.DetailsURL = ""
	shown := texttest.Page(ContractReport(r), ContractComment(r))
	for _, secret := range []string{"sku", "checkout-web", "Order"} {
		if strings.Contains(shown, secret) {
			t.Errorf("a stored contract of a private consumer shows %q on a public page:\n%s", secret, shown)
		}
	}
}
