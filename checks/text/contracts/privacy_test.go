package contracttext

import (
	"fmt"
	"strings"
	"testing"

	"plimsoll/checks/text/texttest"
	"plimsoll/contracts"
	"plimsoll/contracts/impact"
)

// secrets gives a private consumer of which every word can be recognised.
func secrets(c *contracts.Consumer) {
	c.Component, c.Owner, c.Environment, c.Instance, c.Release = "zzcomponent", "@zzowner", "zzenvironment", "zzinstance", "zzrelease"
	c.Repository = contracts.RepositoryRef{ID: 4711, Owner: "zzaccount", Name: "zzrepository", Private: true}
	c.Commit, c.Stale, c.Deployed = "zzcommit"+strings.Repeat("0", 32), "zzstale", "zzdeployed"
	c.Written, c.Usage.Baseline = &contracts.ContractVersion{Commit: "zzwritten", Spec: "zzspec"}, contracts.Baseline{Path: "zzbaseline"}
	c.Usage = contracts.Usage{Via: "zzvia", Evidence: contracts.Evidence{Kind: "zzkind", Position: contracts.Position{File: "zzfile"}},
		Operations: []contracts.OperationUse{{Selector: "zzselector", Evidence: contracts.Evidence{Position: contracts.Position{File: "zzfile"}}}}}
}

// withSecrets is a report whose every consumer but one is private.
func withSecrets() Report {
	r := breaking()
	api := &r.APIs[0]
	for i := range api.Findings {
		for j := range api.Findings[i].Affected {
			h := &api.Findings[i].Affected[j]
			if i == 0 && j < 2 {
				h.Consumer.Repository.Private = false
				continue
			}
			secrets(&h.Consumer)
			h.Consumer.Repository.ID += int64(j)
			h.Reason.Node = "zznode"
			h.Evidence = []contracts.Evidence{{Kind: "zzkind", Position: contracts.Position{File: "zzfile", Line: 31337}}}
		}
	}
	problem := contracts.RegistrationProblem{Nearest: []string{"zznearest"},
		Problem: contracts.Problem{Position: contracts.Position{File: "zzfile"}, Path: "zzpath", Message: "zzmessage", Hint: "zzhint"}}
	secrets(&problem.Consumer)
	api.Registrations = []contracts.RegistrationProblem{problem}
	r.Registry = RegistryState{Scanning: true, Done: 31337, Total: 31338}
	private := contracts.APIRef{Repository: contracts.RepositoryRef{Owner: "zzaccount", Name: "zzrepository", Private: true}, Name: "zzapi"}
	hint := contracts.Problem{Position: contracts.Position{File: ".github/plimsoll.yml", Line: 22}, Message: "zzmessage", Hint: "zzhint"}
	zz := contracts.Position{File: "zzfile", Line: 31337}
	live := contracts.LiveVersion{Repository: private.Repository, Environment: "production", Commit: "zzcommit", Component: "zzcomponent"}
	r.Uses = []UseReport{
		{Component: "orders", API: "payments", Provider: private, Commit: "zzcommit", Position: hint.Position,
			Missing: []MissingUse{{Problem: hint, Nearest: []string{"zznearest"}, Kind: contracts.EvidencePact}, {Problem: hint, StillLive: []contracts.LiveVersion{live}}},
			Environments: []EnvironmentUse{{Environment: "production", Version: &live, Missing: []contracts.Problem{hint}},
				{Environment: "staging", Version: &live, Unknown: true}},
			Since: []contracts.Finding{{Change: contracts.Change{Rule: "zzrule", Edge: contracts.Edge{Schema: "zzschema", Name: "zzname"}},
				Affected: []contracts.AffectedConsumer{{Verdict: contracts.Breaks, Reason: contracts.Reason{Node: "zznode"}, Evidence: []contracts.Evidence{{Position: hint.Position}}}}}},
			Deprecated: []impact.Deprecation{
				{Kind: contracts.KindProperty, Name: "zzname", Operation: "zzoperation", Sunset: "zzsunset", Position: zz, Evidence: contracts.Evidence{Position: hint.Position}},
				{Kind: contracts.KindProperty, Name: "zzname", Operation: "zzoperation", Assumed: true, Position: zz, Evidence: contracts.Evidence{Position: hint.Position}}}},
		{Component: "orders", API: "stock", Provider: private, Unreadable: &contracts.Problem{Position: zz, Message: "zzmessage"}},
		{Component: "orders", API: "prices", Candidates: []contracts.APIRef{private}},
	}
	r.Taken = []TakenName{{API: "prices", By: private}}
	return r
}

// TestPrivateConsumerOnPublicPullRequest: what a public pull request shows holds
// no word of a private repository, and concludes the same.
func TestPrivateConsumerOnPublicPullRequest(t *testing.T) {
	everything := func(r Report) string {
		return texttest.MustJSON(t, ContractReport(r)) + texttest.MustJSON(t, ContractComment(r)) + texttest.Page(ContractReport(r), ContractComment(r))
	}
	private := withSecrets()
	if shown := everything(private); !strings.Contains(shown, "zzcomponent") || !strings.Contains(shown, "31337") {
		t.Fatal("a private pull request names its private consumers; otherwise this test shows nothing")
	}
	public := withSecrets()
	public.Repository.Private = false
	shown := everything(public)
	for _, secret := range []string{"zz", "31337", "31338", "4711"} {
		if i := strings.Index(shown, secret); i >= 0 {
			t.Errorf("a public pull request shows %q", shown[max(0, i-80):min(len(shown), i+80)])
		}
	}
	for _, want := range []string{"1 private consumer", "checkout-web"} {
		if !strings.Contains(shown, want) {
			t.Errorf("a public pull request does not show %q", want)
		}
	}
	if a, b := ContractReport(private).Conclusion, ContractReport(public).Conclusion; a != b {
		t.Errorf("conclusion %s in private and %s in public", a, b)
	}
	if owners := ContractComment(public).Owners; len(owners) != 1 || owners[0] != "@acme/checkout" {
		t.Errorf("calls %v", owners)
	}
}

// onlyPrivate is a public pull request that hits private consumers alone.
func onlyPrivate() Report {
	r := withSecrets()
	r.Repository.Private = false
	r.APIs[0].Findings[0].Affected = r.APIs[0].Findings[0].Affected[2:]
	r.Uses = nil
	return r
}

func TestOnlyPrivateConsumersOnPublicPullRequest(t *testing.T) {
	r := onlyPrivate()
	run, comment := ContractReport(r), ContractComment(r)
	if want := "1 private consumer breaks; 1 consumer may break"; run.Title != want {
		t.Errorf("title %q, want %q", run.Title, want)
	}
	if !comment.Needed || len(comment.Owners) != 0 {
		t.Errorf("comment %+v", comment)
	}
}

func TestPublicConsumerOfPublicProviderIsNamed(t *testing.T) {
	r := breaking()
	r.Repository.Private = false
	for i := range r.APIs[0].Findings[0].Affected {
		r.APIs[0].Findings[0].Affected[i].Consumer.Repository.Private = false
	}
	if run := ContractReport(r); strings.Contains(texttest.MustJSON(t, run), "private consumer") || !strings.Contains(run.Title, "ios-app") {
		t.Errorf("title %q", run.Title)
	}
}

func TestMention(t *testing.T) {
	for owner, want := range map[string]string{
		"@acme/checkout": "@acme/checkout", "@ACME/checkout": "@ACME/checkout", "@dora": "@dora",
		"": "", "dora": "", "dora@acme.example": "", "@other/team": "", "@acme/": "", "@acme/a b": "", "@a\n@everyone": "",
		"@dora @everyone": "", "@-x": "", "@" + strings.Repeat("x", 40): "", "@acme/checkout`": "",
	} {
		c := contracts.Consumer{Owner: owner, Repository: checkout}
		if got := mention(c); got != want {
			t.Errorf("owner %q: mentions %q, want %q", owner, got, want)
		}
	}
}

// TestCrowd: however many consumers are named, hidden or left out, they add up.
func TestCrowd(t *testing.T) {
	for _, size := range []int{1, 2, 9, 10, 11, 45, 200} {
		r := enormous(1, size)
		r.Repository.Private = false
		hidden := 0
		affected := r.APIs[0].Findings[0].Affected
		for i := range affected {
			affected[i].Consumer.Repository.Private = i%3 == 0
			if i%3 == 0 {
				hidden++
			}
			if i%2 == 0 {
				affected[i].Verdict = contracts.MayBreak
			}
		}
		v := newView(r)
		for what, text := range map[string]string{"summary": v.effectSection("below"), "details": v.effectList(v.entries[0])} {
			named := strings.Count(text, "**`service-")
			private, left := 0, 0
			for line := range strings.SplitSeq(text, "\n") {
				var n int
				if _, after, ok := strings.Cut(line, "**"); ok && strings.Contains(line, "private consumer") {
					_, _ = fmt.Sscan(after, &n)
					private += n
				} else if strings.Contains(line, "more consumer") {
					_, _ = fmt.Sscan(strings.TrimPrefix(line, "- "), &n)
					left += n
				}
			}
			if private != hidden || named+private+left != size {
				t.Errorf("%d consumers, %d private: the %s names %d, counts %d private and leaves out %d\n%s", size, hidden, what, named, private, left, text)
			}
		}
	}
}
