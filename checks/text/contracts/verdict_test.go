package contracttext

import (
	"testing"

	"plimsoll/checks"
	"plimsoll/contracts"
)

func TestConclusion(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Report)
		want   checks.Conclusion
		title  string
	}{
		"a live consumer breaks":                 {func(*Report) {}, checks.Failure, "2 consumers break: checkout-web, ios-app; 1 consumer may break"},
		"the API only warns":                     {func(r *Report) { r.APIs[0].OnBreak = "warn" }, checks.Neutral, "2 consumers break: checkout-web, ios-app; 1 consumer may break (not blocking)"},
		"on_break is not said":                   {func(r *Report) { r.APIs[0].OnBreak = "" }, checks.Failure, "2 consumers break: checkout-web, ios-app; 1 consumer may break"},
		"only the default branch is hit":         {func(r *Report) { only(r, 0) }, checks.Neutral, "1 consumer breaks: checkout-web (not blocking)"},
		"no deployment is known":                 {func(r *Report) { only(r, 0); r.APIs[0].Findings[0].Affected[0].Consumer.Runs = false }, checks.Failure, "1 consumer breaks: checkout-web"},
		"production is hit":                      {func(r *Report) { only(r, 1) }, checks.Failure, "1 consumer breaks: checkout-web"},
		"only staging is hit":                    {func(r *Report) { only(r, 1); r.APIs[0].Findings[0].Affected[0].Consumer.Production = false }, checks.Neutral, "1 consumer breaks: checkout-web (not blocking)"},
		"it may break":                           {func(r *Report) { only(r, 3) }, checks.Neutral, "1 consumer may break: nightly-report"},
		"nothing is known":                       {func(r *Report) { only(r, 3); r.APIs[0].Findings[0].Affected[0].Verdict = contracts.Unknown }, checks.Neutral, "1 consumer can't be checked: nightly-report"},
		"an unaffected hit does not count":       {func(r *Report) { only(r, 3); r.APIs[0].Findings[0].Affected[0].Verdict = contracts.Unaffected }, checks.Success, "Safe to merge: 2 breaking changes, no known consumers affected"},
		"nobody is hit":                          {func(r *Report) { r.APIs[0].Findings = nil }, checks.Success, "Safe to merge: 2 breaking changes, no known consumers affected"},
		"nobody known while scanning":            {func(r *Report) { r.APIs[0].Findings = nil; r.Registry.Scanning = true }, checks.Neutral, "2 breaking changes; still looking for consumers"},
		"compatible while scanning":              {func(r *Report) { compatible(r); r.Registry.Scanning = true }, checks.Success, "Safe to merge: 1 compatible change"},
		"compatible":                             {compatible, checks.Success, "Safe to merge: 1 compatible change"},
		"compatible, external":                   {func(r *Report) { compatible(r); r.APIs[0].External = true }, checks.Success, "Safe to merge: 1 compatible change"},
		"external, nobody known":                 {func(r *Report) { r.APIs[0].Findings = nil; r.APIs[0].External = true }, checks.Neutral, "2 breaking changes, and the API has external consumers"},
		"nothing changes":                        {func(r *Report) { r.APIs[0].Findings, r.APIs[0].Changes = nil, nil }, checks.Success, "Safe to merge: no change affects consumers"},
		"the contract breaks":                    {func(r *Report) { unreadable(r, true) }, checks.Failure, "Contract api/openapi.yaml:3 can't be read"},
		"the contract breaks, and warns":         {func(r *Report) { unreadable(r, true); r.APIs[0].OnBreak = "warn" }, checks.Neutral, "Contract api/openapi.yaml:3 can't be read"},
		"the contract was broken":                {func(r *Report) { unreadable(r, false) }, checks.Neutral, "Could not compare a contract"},
		"the repository file breaks":             {func(r *Report) { compatible(r); r.FileBroken = true; r.FileProblems = fileBroken().FileProblems }, checks.Failure, "The repository file is invalid: 2 problems"},
		"the repository file has problems":       {func(r *Report) { compatible(r); r.FileProblems = fileBroken().FileProblems }, checks.Neutral, "2 problems in the repository file"},
		"what breaks comes before a broken file": {func(r *Report) { r.FileBroken = true }, checks.Failure, "2 consumers break: checkout-web, ios-app; 1 consumer may break"},
	} {
		t.Run(name, func(t *testing.T) {
			r := breaking()
			c.change(&r)
			run := ContractReport(r)
			if run.Conclusion != c.want || run.Title != c.title {
				t.Errorf("%s, %q; want %s, %q", run.Conclusion, run.Title, c.want, c.title)
			}
		})
	}
}

// only leaves one hit.
func only(r *Report, i int) {
	f := &r.APIs[0].Findings[0]
	f.Affected = f.Affected[i : i+1]
}

func compatible(r *Report) {
	r.APIs[0].Findings, r.APIs[0].Changes = nil, []contracts.Change{noteAdded()}
}

func unreadable(r *Report, head bool) {
	r.APIs[0].Findings, r.APIs[0].Changes = nil, nil
	problem := &contracts.Problem{Position: contracts.Position{File: "api/openapi.yaml", Line: 3}, Message: "broken"}
	if head {
		r.APIs[0].HeadProblem = problem
	} else {
		r.APIs[0].BaseProblem = problem
	}
}

func TestAnnotationPositions(t *testing.T) {
	removed := skuRemoved()
	affected := breaking().APIs[0].Findings[0].Affected
	for name, c := range map[string]struct {
		change func(*Report, *contracts.Change)
		path   string
		line   int
		none   bool
	}{
		"on its own line":       {func(_ *Report, c *contracts.Change) { c.Source.Head = at("api/schemas/order.yaml", 44) }, "api/schemas/order.yaml", 44, false},
		"removed":               {func(*Report, *contracts.Change) {}, "api/schemas/order.yaml", 1, false},
		"removed with its file": {func(r *Report, _ *contracts.Change) { r.ChangedFiles = nil }, "api/openapi.yaml", 1, false},
		"a line is left nearby": {func(r *Report, c *contracts.Change) {
			r.APIs[0].Nearest = map[string]contracts.Position{c.Fingerprint: *at("api/schemas/order.yaml", 38)}
		}, "api/schemas/order.yaml", 38, false},
		"nothing is known of it":   {func(_ *Report, c *contracts.Change) { c.Source = contracts.ChangeSource{} }, "api/openapi.yaml", 1, false},
		"a line that is not known": {func(_ *Report, c *contracts.Change) { c.Source.Head = &contracts.Position{File: "api/openapi.yaml"} }, "api/openapi.yaml", 1, false},
		"nowhere":                  {func(r *Report, c *contracts.Change) { c.Source = contracts.ChangeSource{}; r.APIs[0].Spec = "" }, "", 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			api := orders()
			change := removed
			r := report(api)
			c.change(&r, &change)
			r.APIs[0].Findings = []contracts.Finding{{Change: change, Affected: affected}}
			annotations := ContractReport(r).Annotations
			if c.none {
				if len(annotations) != 0 {
					t.Errorf("%+v", annotations)
				}
				return
			}
			if len(annotations) != 1 || annotations[0].Path != c.path || annotations[0].StartLine != c.line || annotations[0].EndLine != c.line {
				t.Errorf("%+v, want %s:%d", annotations, c.path, c.line)
			}
		})
	}
}

func TestWords(t *testing.T) {
	for want, got := range map[string]string{
		"1 consumer": checks.Count(1, "consumer"), "0 consumers": checks.Count(0, "consumer"), "2 repositories": checks.Count(2, "repository"), "2 days": checks.Count(2, "day"), "3 addresses": checks.Count(3, "address"),
		"a": checks.Join([]string{"a"}, 3), "a and b": checks.Join([]string{"a", "b"}, 3), "a, b and c": checks.Join([]string{"a", "b", "c"}, 3), "a, b and 2 more": checks.Join([]string{"a", "b", "c", "d"}, 2),
		"abc": checks.Short("abc"), "abcdefg": checks.Short("abcdefghij"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
