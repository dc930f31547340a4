package signals

import (
	"math"
	"strings"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/deploy"
	"plimsoll/deploy/preset"
	"plimsoll/server/datasource"
)

// late is a server whose data settles after five minutes.
type late struct{ *server }

func (late) Settles() time.Duration { return 5 * time.Minute }

// Queries in another language go to its client as they are written; two counts are a share.
func TestQueriesInAnotherLanguage(t *testing.T) {
	other := &server{at: func(query string, at time.Time) float64 {
		switch minute := at.Minute(); {
		case query == "bad" && minute%10 == 1, query == "total" && minute%10 == 2:
			return math.NaN()
		case query == "bad" && minute%10 == 3:
			return 20 // more than there was
		case query == "bad":
			return 1
		}
		return 10
	}}
	unused := &server{}
	asker, err := New(unused, map[config.Language]datasource.Client{config.LanguageDatadog: late{other}})
	if err != nil {
		t.Fatal(err)
	}
	v := verification(config.Signal{Name: "failed", Bad: "bad", Total: "total"}, config.Signal{Name: "never", Bad: "none", Total: "total"}, http)
	v.Plan.Language = config.LanguageDatadog
	other.refuse = nil
	before := other.at
	other.at = func(query string, at time.Time) float64 {
		if query == "none" {
			return math.NaN()
		}
		return before(query, at)
	}
	h, gap, err := asker.History(t.Context(), v, preset.Changed{})
	if err != nil || gap != nil || len(h.Signals) != 2 || len(unused.asked) > 0 {
		t.Fatalf("%+v, %+v, %v, asked Prometheus for %q", h, gap, err, unused.asked)
	}
	if len(h.Gaps) != 1 || h.Gaps[0].Kind != deploy.GapQuery || h.Gaps[0].Signal != "preset http" {
		t.Errorf("gaps: %+v", h.Gaps)
	}
	if text := strings.Join(h.Missing, "; "); text != "whether never finds what goes wrong: bad was never above 0 in the last 7 days" {
		t.Errorf("missing: %s", text)
	}
	if until := time.Unix(h.Until, 0); until.After(began.Add(-5*time.Minute)) || until.Before(began.Add(-6*time.Minute)) {
		t.Errorf("the history ends at %s", until)
	}
	track := h.Signals[0].Track
	for i, bad := range track.Bad {
		total, minute := track.Total[i], time.Unix(track.From+int64(i)*h.Step, 0).Minute()%10
		want := [2]float64{1, 10}
		if minute == 1 {
			want[0] = 0
		}
		if minute == 2 || minute == 3 {
			if !math.IsNaN(bad) || !math.IsNaN(total) {
				t.Fatalf("minute %d: %v of %v, expected nothing", minute, bad, total)
			}
			continue
		}
		if bad != want[0] || total != want[1] {
			t.Fatalf("minute %d: %v of %v, expected %v", minute, bad, total, want)
		}
	}
	measured, gap, err := asker.Since(t.Context(), h, []int64{h.Until, h.Until}, began.Add(20*time.Minute))
	if err != nil || gap != nil || measured[0].Until > began.Add(15*time.Minute).Unix() || measured[0].Until < began.Add(14*time.Minute).Unix()-8 {
		t.Errorf("since: %+v, %+v, %v", measured, gap, err)
	}

	// A stored plan may name a language that this version does not know.
	v.Plan.Language = "another"
	if h, gap, err := asker.History(t.Context(), v, preset.Changed{}); h != nil || err != nil || gap == nil || gap.Kind != deploy.GapUnreachable {
		t.Errorf("%+v, %+v, %v", h, gap, err)
	}
}
