package readiness

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/checks/readiness/kustomize/kustomizetest"
	"plimsoll/config"
)

// at is one commit of a repository in a test.
func at(t *testing.T, declared string, files ...string) (*config.Repository, memory) {
	t.Helper()
	tree := memory{}
	for _, f := range files {
		name, content, _ := strings.Cut(f, "=")
		tree[name] = content
	}
	if declared == "" {
		return nil, tree
	}
	tree[".github/plimsoll.yml"] = declared
	file, err := config.ParseRepository(".github/plimsoll.yml", []byte(declared))
	if err != nil {
		t.Fatal(err)
	}
	merged, _ := config.Merge(file, nil)
	return Named(merged, "shop"), tree
}

var today = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// compared evaluates a change the way the server does.
func compared(t *testing.T, base, head *config.Repository, baseTree, headTree memory) (Report, []string) {
	t.Helper()
	evaluate := func(file *config.Repository, tree memory) Standing {
		s, err := Evaluate(t.Context(), Repository{Tree: tree, File: file, Owner: "acme", Name: "shop", Kustomize: kustomizetest.InProcess{}})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	files, _ := headTree.Files(t.Context())
	proposed, kept := Proposed(base, head, files)
	var before *Standing
	if base != nil {
		s := evaluate(base, baseTree)
		before = &s
	}
	return Compare(before, evaluate(proposed, headTree), Policy{Base: base, Head: head, Now: today}), kept
}

func told(findings []Compared) []string {
	var all []string
	for _, f := range findings {
		all = append(all, strings.TrimSpace(f.Component+" "+f.Rule+" "+f.Subject))
	}
	return all
}

const (
	old     = "  - name: orders\n    path: orders\n    owner: \"@acme/orders\"\n    environments: {production: {}}\n"
	another = "  - name: payments\n    path: payments\n    owner: \"@acme/payments\"\n    environments: {production: {}}\n"
	fresh   = "  - name: returns\n    path: returns\n    environments: {production: {}}\n"
	begin   = "version: 1\ncomponents:\n"
)

func TestOnlyWhatIsNewBlocks(t *testing.T) {
	base, baseTree := at(t, begin+old+another, "orders/main.go=x", "payments/main.go=x")
	head, headTree := at(t, begin+old+another+fresh, "orders/main.go=x", "payments/main.go=x", "returns/main.go=x")
	report, kept := compared(t, base, head, baseTree, headTree)
	if got, want := ofRules(told(report.Blocking()), "HC001", "RB001", "OW001"), []string{"returns HC001", "returns OW001", "returns RB001"}; !slices.Equal(got, want) {
		t.Errorf("blocks: %v, expected %v", got, want)
	}
	if got, want := ofRules(told(report.Old()), "HC001", "RB001"), []string{"orders HC001", "orders RB001", "payments HC001", "payments RB001"}; !slices.Equal(got, want) {
		t.Errorf("old: %v, expected %v", got, want)
	}
	if len(kept) > 0 || report.Enrolling {
		t.Errorf("kept %v, enrolling %t", kept, report.Enrolling)
	}
}

func ofRules(all []string, rules ...string) []string {
	var of []string
	for _, each := range all {
		if slices.ContainsFunc(rules, func(r string) bool { return strings.Contains(each, " "+r) }) {
			of = append(of, each)
		}
	}
	slices.Sort(of)
	return of
}

func TestADayOneBlocksNothing(t *testing.T) {
	_, baseTree := at(t, "", "orders/main.go=x")
	head, headTree := at(t, begin+old, "orders/main.go=x")
	report, _ := compared(t, nil, head, baseTree, headTree)
	if !report.Enrolling || len(report.Blocking()) > 0 || len(report.Added()) == 0 {
		t.Errorf("enrolling %t, blocking %v, added %v", report.Enrolling, told(report.Blocking()), told(report.Added()))
	}
}

func TestWhatIsTakenAwayBlocks(t *testing.T) {
	ready := "  - name: orders\n    path: orders\n    owner: \"@acme/orders\"\n    health: {endpoint: GET /healthz, runbook: orders/runbook.md}\n    environments: {production: {verify: {probes: [{get: /healthz}], signals: [{preset: http, match: {job: orders}}]}}}\n"
	files := []string{"orders/main.go=x", "orders/runbook.md=what to do"}
	base, baseTree := at(t, begin+ready, files...)
	for name, c := range map[string]struct {
		declared string
		files    []string
		blocks   []string
		kept     bool
	}{
		"the runbook's file":          {begin + ready, files[:1], []string{"orders RB001"}, false},
		"the line of the runbook":     {begin + strings.Replace(ready, ", runbook: orders/runbook.md", "", 1), files, []string{"orders RB001"}, false},
		"the verification":            {begin + strings.Replace(ready, "verify: {probes: [{get: /healthz}], signals: [{preset: http, match: {job: orders}}]}", "", 1), files, []string{"orders HC002", "orders VF001 environment production"}, false},
		"production, and the runbook": {begin + strings.Replace(ready, "production:", "live:", 1), files[:1], []string{"orders RB001"}, true},
		"production: false":           {begin + strings.Replace(ready, "{verify", "{production: false, verify", 1), files[:1], []string{"orders RB001"}, true},
		"the component":               {"version: 1\n", files[:1], []string{"orders RB001"}, true},
		"the whole file":              {"", files[:1], []string{"orders RB001"}, true},
		"the component and its code":  {"version: 1\n", []string{"README.md=x"}, nil, false},
		"nothing: it has a new name":  {begin + strings.Replace(ready, "name: orders", "name: sales", 1), files, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			head, headTree := at(t, c.declared, c.files...)
			report, kept := compared(t, base, head, baseTree, headTree)
			if got := told(report.Blocking()); fmt.Sprint(got) != fmt.Sprint(c.blocks) {
				t.Errorf("blocks: %v, expected %v", got, c.blocks)
			}
			if (len(kept) > 0) != c.kept {
				t.Errorf("kept %v, expected %t", kept, c.kept)
			}
		})
	}
}

func TestThePolicyOfTheBaseCounts(t *testing.T) {
	policy := "policy: {block: [owner, RB001]}\n"
	base, baseTree := at(t, "version: 1\n"+policy+"components:\n"+old)
	head, headTree := at(t, "version: 1\npolicy: {block: [OW001]}\ncomponents:\n"+old+fresh, "returns/a=x")
	report, _ := compared(t, base, head, baseTree, headTree)
	if got, want := told(report.Blocking()), []string{"returns RB001", "returns OW001"}; !slices.Equal(got, want) {
		t.Errorf("blocks: %v, expected %v", got, want)
	}
	if got := ofRules(told(report.Added()), "HC001"); len(got) != 1 {
		t.Errorf("added: %v", told(report.Added()))
	}
}

func TestAWaiverOfTheBaseCounts(t *testing.T) {
	waive := func(rule, until string) string {
		return fmt.Sprintf("    health:\n      endpoint: GET /healthz\n      waive: [{rule: %s, reason: batch, until: %s}]\n", rule, until)
	}
	bare := "  - name: orders\n    environments: {staging: {}}\n"
	live := strings.Replace(bare, "staging", "production", 1)
	for name, c := range map[string]struct {
		base, head string
		blocks     bool
		states     string
	}{
		"in force on the base":     {begin + bare + waive("runbook", "2027-01-31"), begin + live + waive("runbook", "2027-01-31"), false, "[in force]"},
		"its last day":             {begin + bare + waive("RB001", "2026-11-21"), begin + live + waive("RB001", "2026-11-21"), false, "[in force]"},
		"ended":                    {begin + bare + waive("RB001", "2026-11-20"), begin + live + waive("RB001", "2026-11-20"), true, "[ended]"},
		"of another rule":          {begin + bare + waive("owner", "2027-01-31"), begin + live + waive("owner", "2027-01-31"), true, "[in force]"},
		"on the head alone":        {begin + bare, begin + live + waive("runbook", "2027-01-31"), true, "[proposed]"},
		"taken away by the head":   {begin + bare + waive("runbook", "2027-01-31"), begin + live, false, "[withdrawn]"},
		"made longer by the head":  {begin + bare + waive("runbook", "2026-11-20"), begin + live + waive("runbook", "2027-01-31"), true, "[ended proposed]"},
		"longer than the policy's": {"version: 1\npolicy: {max_waiver: 30d}\ncomponents:\n" + bare + waive("runbook", "2027-01-31"), begin + live + waive("runbook", "2027-01-31"), true, "[too long]"},
	} {
		t.Run(name, func(t *testing.T) {
			base, baseTree := at(t, c.base)
			head, headTree := at(t, c.head)
			report, _ := compared(t, base, head, baseTree, headTree)
			if blocks := len(ofRules(told(report.Blocking()), "RB001")) > 0; blocks != c.blocks {
				t.Errorf("blocks: %t, expected %t", blocks, c.blocks)
			}
			var states []WaiverState
			for _, w := range report.Components[0].Waivers {
				states = append(states, w.State)
			}
			if fmt.Sprint(states) != c.states {
				t.Errorf("states %v, expected %s", states, c.states)
			}
			if c.states == "[in force]" && report.NextEnd().Before(today) {
				t.Errorf("ends %s", report.NextEnd())
			}
		})
	}
}
