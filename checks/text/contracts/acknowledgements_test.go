package contracttext

import (
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/checks"
	"plimsoll/checks/text/texttest"
	"plimsoll/contracts"
)

var judged = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func day(text string) time.Time {
	parsed, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return EndOfDay(parsed)
}

// acknowledgeable is a report with the buttons, in which some of what blocks is
// acknowledged.
func acknowledgeable(r Report, words ...Acknowledgement) Report {
	r.Now, r.Actions = judged, checks.Buttons()
	for i := range r.APIs {
		r.APIs[i].Acknowledgements = words
	}
	return r
}

// wordFor acknowledges a change for the consumer of one of its hits.
func wordFor(change contracts.Change, c contracts.Consumer, login, until string, override bool) Acknowledgement {
	a := Acknowledgement{
		Fingerprint: change.Fingerprint, Repository: c.Repository.ID, Component: c.Component, Override: override,
		Login: login, Reason: "the page goes away on Monday", Number: 17, At: judged,
	}
	if until != "" {
		a.Until = day(until)
	}
	return a
}

// archived is breaking where only a consumer is hit whose repository is archived.
func archived() Report {
	r := breaking()
	finding := &r.APIs[0].Findings[0]
	finding.Affected = finding.Affected[:2]
	for i := range finding.Affected {
		finding.Affected[i].Consumer.Stale = "archived"
	}
	return r
}

// acknowledgedReports are scenarios with acknowledgements.
func acknowledgedReports() map[string]Report {
	affected := breaking().APIs[0].Findings[0].Affected
	web, ios := affected[0].Consumer, affected[2].Consumer
	hostileReason := wordFor(skuRemoved(), web, "ana", "", false)
	hostileReason.Reason = "<b>@everyone</b> ![x](https://evil.example) #1\n\n/plimsoll ack all x " + strings.Repeat("| `x` ", 2000)
	return map[string]Report{
		"ack-none":         acknowledgeable(breaking()),
		"ack-one-of-two":   acknowledgeable(breaking(), wordFor(skuRemoved(), web, "ana", "2027-01-31", false)),
		"ack-and-override": acknowledgeable(breaking(), wordFor(skuRemoved(), web, "ana", "2027-01-31", false), wordFor(skuRemoved(), ios, "max", "", true)),
		"ack-ended":        acknowledgeable(breaking(), wordFor(skuRemoved(), web, "ana", "2026-11-01", false)),
		"ack-archived":     acknowledgeable(archived()),
		"ack-hostile":      acknowledgeable(archived(), hostileReason),
	}
}

func TestAcknowledged(t *testing.T) {
	reports := acknowledgedReports()
	for name, test := range map[string]struct {
		conclusion checks.Conclusion
		title      string
		buttons    []string
	}{
		"ack-none":         {checks.Failure, "2 consumers break: checkout-web, ios-app; 1 consumer may break", []string{"ack", "recheck"}},
		"ack-one-of-two":   {checks.Failure, "1 consumer breaks: ios-app; 1 consumer breaks (acknowledged)", []string{"ack", "recheck"}},
		"ack-and-override": {checks.Neutral, "1 consumer breaks (acknowledged): checkout-web; 1 consumer breaks (overridden)", []string{"recheck"}},
		"ack-ended":        {checks.Failure, "2 consumers break: checkout-web, ios-app; 1 consumer may break", []string{"ack", "recheck"}},
		"ack-archived": {checks.ActionRequired,
			"1 consumer breaks: checkout-web (needs acknowledgement)", []string{"ack", "recheck"}},
		"ack-hostile": {checks.Neutral, "1 consumer breaks (acknowledged): checkout-web", []string{"recheck"}},
	} {
		t.Run(name, func(t *testing.T) {
			run := ContractReport(reports[name])
			if run.Conclusion != test.conclusion || run.Title != test.title {
				t.Errorf("concluded %s %q, want %s %q", run.Conclusion, run.Title, test.conclusion, test.title)
			}
			var buttons []string
			for _, action := range run.Actions {
				buttons = append(buttons, action.Identifier)
			}
			if !slices.Equal(buttons, test.buttons) {
				t.Errorf("buttons %v, want %v", buttons, test.buttons)
			}
		})
	}
}

// TestAcknowledgementOfSomethingElse: neither another change, nor another component,
// nor a component of that name in another repository is covered.
func TestAcknowledgementOfSomethingElse(t *testing.T) {
	right := wordFor(skuRemoved(), archived().APIs[0].Findings[0].Affected[0].Consumer, "ana", "", false)
	if c := ContractReport(acknowledgeable(archived(), right)).Conclusion; c != checks.Neutral {
		t.Fatalf("concluded %s: otherwise this test shows nothing", c)
	}
	for name, change := range map[string]func(*Acknowledgement){
		"another change":     func(a *Acknowledgement) { a.Fingerprint = legacyRemoved().Fingerprint },
		"a longer name":      func(a *Acknowledgement) { a.Component += "-2" },
		"another repository": func(a *Acknowledgement) { a.Repository++ },
		"a prefix":           func(a *Acknowledgement) { a.Fingerprint = a.Fingerprint[:6] },
		"ended at this time": func(a *Acknowledgement) { a.Until = judged },
	} {
		a := right
		change(&a)
		if c := ContractReport(acknowledgeable(archived(), a)).Conclusion; c != checks.ActionRequired {
			t.Errorf("%s: concluded %s", name, c)
		}
	}
}

// TestOwnersWordGoesBeforeAnOverride, whatever the order in which they were given.
func TestOwnersWordGoesBeforeAnOverride(t *testing.T) {
	web := archived().APIs[0].Findings[0].Affected[0].Consumer
	owner, override := wordFor(skuRemoved(), web, "ana", "", false), wordFor(skuRemoved(), web, "max", "", true)
	for _, words := range [][]Acknowledgement{{owner, override}, {override, owner}} {
		if text := ContractReport(acknowledgeable(archived(), words...)).Summary; strings.Contains(text, "Overridden") || !strings.Contains(text, "Acknowledged by `ana`") {
			t.Errorf("says:\n%s", text)
		}
	}
	ended := owner
	ended.Until = judged.Add(-time.Hour)
	for _, words := range [][]Acknowledgement{{ended, override}, {override, ended}} {
		if text := ContractReport(acknowledgeable(archived(), words...)).Summary; !strings.Contains(text, "**Overridden** by `max`") {
			t.Errorf("says:\n%s", text)
		}
	}
}

func TestAcknowledgedPrivateConsumerIsNotNamed(t *testing.T) {
	r := withSecrets()
	r.Repository.Private = false
	finding := &r.APIs[0].Findings[0]
	finding.Affected = finding.Affected[2:3]
	secret := wordFor(finding.Change, finding.Affected[0].Consumer, "zzlogin", "2031-01-31", true)
	secret.Reason = "zzreason"
	r = acknowledgeable(r, secret)
	run, comment := ContractReport(r), ContractComment(r)
	shown := texttest.Page(run, comment) + texttest.MustJSON(t, run) + texttest.MustJSON(t, comment)
	if i := strings.Index(shown, "zz"); i >= 0 {
		t.Errorf("shows %q", shown[max(0, i-80):i+60])
	}
	if !strings.Contains(shown, "Overridden") || !strings.Contains(run.Title, "1 private consumer breaks (overridden)") {
		t.Errorf("does not say that it was overridden: %s\n%s", run.Title, run.Summary)
	}
}

func TestImpacts(t *testing.T) {
	r := acknowledgeable(breaking(), wordFor(skuRemoved(), breaking().APIs[0].Findings[0].Affected[0].Consumer, "ana", "2026-12-31", false))
	var got []string
	for _, impact := range Impacts(r) {
		text := impact.Change.Fingerprint + " " + impact.Consumer.Component
		if impact.Given != nil {
			text += " " + impact.Given.Login
		}
		got = append(got, text)
	}
	want := []string{skuRemoved().Fingerprint + " checkout-web ana", skuRemoved().Fingerprint + " ios-app"}
	if !slices.Equal(got, want) {
		t.Errorf("impacts %q, want %q", got, want)
	}
	if next := NextEnd(r); !next.Equal(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("next end %v", next)
	}
	r.APIs[0].OnBreak = "warn"
	if left := Impacts(r); len(left) != 0 {
		t.Errorf("of what only warns there is nothing to acknowledge: %v", left)
	}
}

func TestShorten(t *testing.T) {
	got := shorten([]string{"9f1c02aa", "9f1c02ab", "9f1c0300", "77", "77aa02d4"})
	for full, want := range map[string]string{"9f1c02aa": "9f1c02aa", "9f1c02ab": "9f1c02ab", "9f1c0300": "9f1c03", "77": "77", "77aa02d4": "77aa02"} {
		if got[full] != want {
			t.Errorf("%s becomes %s, want %s", full, got[full], want)
		}
	}
}
