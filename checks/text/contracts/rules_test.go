package contracttext

import (
	"strings"
	"testing"

	"plimsoll/checks/text/texttest"
	"plimsoll/contracts"
)

// ruledBy puts a ruling on every change.
func ruledBy(r Report, ruling contracts.Ruling) Report {
	for i := range r.APIs {
		r.APIs[i].Rulings = map[string]contracts.Ruling{}
		for _, change := range r.APIs[i].Changes {
			r.APIs[i].Rulings[change.Fingerprint] = ruling
		}
		for _, finding := range r.APIs[i].Findings {
			r.APIs[i].Rulings[finding.Change.Fingerprint] = ruling
		}
	}
	return r
}

// Rule settings show nothing that may not be shown: private consumers are counted also where
// a change is set aside, and the organisation's reasons are its own.
func TestRulesOnPublicPullRequests(t *testing.T) {
	setting := &contracts.RuleSetting{Rule: "*", Reason: "zzreason", Until: "2027-01-31", Organisation: true, Position: contracts.Position{File: "plimsoll.yml", Line: 4}}
	for name, ruling := range map[string]contracts.Ruling{
		"ignored":  {Ignored: true, By: setting},
		"info":     {Level: contracts.Info, By: setting},
		"risky":    {Level: contracts.Risky, By: setting},
		"breaking": {Level: contracts.Breaking, By: setting},
		"ended":    {Refused: setting, Why: contracts.RefusedEnded},
		"policy":   {Level: contracts.Breaking},
	} {
		t.Run(name, func(t *testing.T) {
			private, public := ruledBy(withSecrets(), ruling), ruledBy(withSecrets(), ruling)
			public.Repository.Private = false
			shown := texttest.MustJSON(t, ContractReport(public)) + texttest.MustJSON(t, ContractComment(public))
			for _, secret := range []string{"zz", "31337", "4711"} {
				if i := strings.Index(shown, secret); i >= 0 {
					t.Errorf("a public pull request shows %q", shown[max(0, i-80):min(len(shown), i+80)])
				}
			}
			if !strings.Contains(shown, "private consumer") || !strings.Contains(shown, "checkout-web") {
				t.Errorf("consumers are missing: %s", shown)
			}
			if a, b := ContractReport(private).Conclusion, ContractReport(public).Conclusion; a != b {
				t.Errorf("conclusion %s in private and %s in public", a, b)
			}
			if by := ruling.By; by != nil && !strings.Contains(texttest.MustJSON(t, ContractReport(private)), "zzreason") {
				t.Error("a private pull request does not show the reason; this test shows nothing")
			}
		})
	}
}

// What is ignored has not migrated, and what is ignored cannot be acknowledged.
func TestIgnoredIsNeitherMigratedNorAcknowledged(t *testing.T) {
	r := breaking()
	r.Before = Blocking(r)
	if len(r.Before) == 0 || len(Impacts(r)) == 0 {
		t.Fatal("nothing blocks; this test shows nothing")
	}
	r = ruledBy(r, contracts.Ruling{Ignored: true, By: &contracts.RuleSetting{Rule: "*", Until: "2027-01-31"}})
	if text := ContractReport(r).Summary + ContractComment(r).Text; strings.Contains(text, "migrated") {
		t.Errorf("it says that consumers have migrated:\n%s", text)
	}
	if impacts := Impacts(r); len(impacts) != 0 {
		t.Errorf("to be acknowledged: %+v", impacts)
	}
	if end := NextEnd(r).Format("2006-01-02"); end != "2027-02-01" {
		t.Errorf("evaluated again at %s", end)
	}
}
