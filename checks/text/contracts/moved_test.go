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
		// left and where are what the lines of the consumers say of those that are left.
		left, where string
	}{
		"nobody has moved":    {func(*Report) {}, "", "", ""},
		"one has moved":       {func(r *Report) { affectedLeft(r, isNot("checkout-web")) }, "**1 of 2 consumers migrated.**", "**`ios-app`** breaks", ". Default branch at"},
		"the other has moved": {func(r *Report) { affectedLeft(r, isNot("ios-app")) }, "**1 of 2 consumers migrated.**", "**`checkout-web`** breaks", ". Live in `production` at"},
		"both have moved": {func(r *Report) {
			affectedLeft(r, func(h contracts.AffectedConsumer) bool { return h.Consumer.Component == "nightly-report" })
		},
			checks.MarkGood + " **Both consumers have migrated.**", "", ""},
		"the only one": {func(r *Report) {
			r.Before = r.Before[:1]
			affectedLeft(r, func(h contracts.AffectedConsumer) bool { return h.Consumer.Component == "nightly-report" })
		}, checks.MarkGood + " **The consumer has migrated.**", "", ""},
		"one may still break": {func(r *Report) {
			affectedLeft(r, isNot("ios-app"))
			affected := r.APIs[0].Findings[0].Affected
			for i := range affected {
				if affected[i].Consumer.Component == "checkout-web" {
					affected[i].Verdict = contracts.MayBreak
				}
			}
		}, "**1 of 2 consumers migrated.** The rest may still be affected.", "", ""},
		"still being read": {func(r *Report) {
			r.Registry.Scanning = true
			affectedLeft(r, func(h contracts.AffectedConsumer) bool { return h.Consumer.Component == "nightly-report" })
		}, "", "", ""},
		"a released version is left": {func(r *Report) {
			affectedLeft(r, isNot("checkout-web"))
			app := &r.APIs[0].Findings[0].Affected[0].Consumer
			app.Release, app.Production, app.Runs = "4.2", true, true
		}, "**1 of 2 consumers migrated.**", "**`ios-app`** breaks", ". Released as `4.2` at"},
		"the change was taken back": {func(r *Report) { r.APIs[0].Changes, r.APIs[0].Findings = r.APIs[0].Changes[:1], nil }, "", "", ""},
		"private ones on a public page": {func(r *Report) {
			r.Repository.Private = false
			affectedLeft(r, isNot("checkout-web"))
		}, "**1 of 2 consumers migrated.**", "**1 private consumer** breaks", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := breaking()
			r.Before = remembered()
			c.change(&r)
			run, comment := ContractReport(r), ContractComment(r)
			got, _, _ := strings.Cut(run.Summary, "\n")
			if c.want == "" {
				if strings.Contains(run.Summary, "migrated.**") {
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
			for _, text := range []string{run.Summary, comment.Text} {
				line := ""
				for one := range strings.SplitSeq(text, "\n") {
					if strings.Contains(one, c.left) {
						line = one
						break
					}
				}
				if c.left != "" && (line == "" || !strings.Contains(line, c.where)) {
					t.Errorf("%q and %q are not in the line of the consumer that is left: %s", c.left, c.where, line)
				}
			}
		})
	}
}

// A resolved comment keeps which consumers were affected. Where a reader may not read every
// repository it counts them.
func TestResolvedCommentKeepsWhatWas(t *testing.T) {
	r := breaking()
	r.Before = remembered()
	r.APIs[0].Changes, r.APIs[0].Findings = r.APIs[0].Changes[:1], nil
	if text := ContractComment(r).Text; !strings.Contains(text, "Affected before: `checkout-web` and `ios-app`.") {
		t.Errorf("the comment forgets who was affected:\n%s", text)
	}
	if text := ResolvedComment(acme, r.Before).Text; !strings.Contains(text, "Affected before: `checkout-web` and `ios-app`.") {
		t.Errorf("the comment forgets who was affected:\n%s", text)
	}
	r.Repository.Private = false
	if text := ContractComment(r).Text; strings.Contains(text, "ios-app") || !strings.Contains(text, "Affected before: 2 consumers.") {
		t.Errorf("a public page says:\n%s", text)
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
	shown := texttest.Page(ContractReport(r), ContractComment(r))
	for _, secret := range []string{"sku", "checkout-web", "Order"} {
		if strings.Contains(shown, secret) {
			t.Errorf("a stored contract of a private consumer shows %q on a public page:\n%s", secret, shown)
		}
	}
}
