package contracttext

import (
	"fmt"
	"strings"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/contracts/impact"
)

// scenarios are reports as they happen, by the name of their golden file.
func scenarios() map[string]Report {
	return map[string]Report{
		"two-consumers-break":  breaking(),
		"nobody-uses-it":       nobody(),
		"only-may-break":       mayBreak(),
		"warn-only":            warnOnly(),
		"contract-broken":      contractBroken(),
		"file-broken":          fileBroken(),
		"scan-running":         scanning(),
		"all-read":             lookedAt(),
		"some-unreadable":      unreadableIn(nobody()),
		"unreadable-and-break": unreadableIn(breaking()),
		"external-api":         external(),
		"declaration-typos":    typos(),
		"own-declarations":     ownDeclarations(),
		"private-on-public":    privateOnPublic(),
		"hostile-names":        hostile(`<img src=x> @everyone #1 | https://evil.example ` + "`" + `x` + "``\n" + `](https://evil.example)` + " --> \u202etxt.exe"),
		"more-than-fits":       enormous(500, 200),
		"two-apis":             twoAPIs(),
		"several-versions":     severalVersions(),
		"text-changes-nothing": report(orders()),

		"step-breaks":            inStep(breaking(), true),
		"step-of-a-fork":         ofFork(inStep(breaking(), true)),
		"step-of-a-merge-group":  ofMergeGroup(inStep(breaking(), true)),
		"step-without-consumers": inStep(nobody(), false),
		"step-nobody-uses-it":    inStep(nobody(), true),
	}
}

// inStep is a report as a workflow step writes it: without a registry and without buttons.
func inStep(r Report, consumers bool) Report {
	r.Step, r.Actions = &Step{Summary: "https://github.com/acme/orders/actions/runs/77", Consumers: consumers}, nil
	return r
}

func ofFork(r Report) Report {
	r.Fork = true
	return r
}

func ofMergeGroup(r Report) Report {
	r.Number = 0
	return r
}

func report(api APIReport) Report {
	return Report{
		WebURL:     "https://github.com",
		Repository: acme, Number: 17, BaseSHA: baseSHA, BaseRef: "main", HeadSHA: headSHA,
		ChangedFiles: []string{"api/openapi.yaml", "api/schemas/order.yaml"},
		APIs:         []APIReport{api},
		Actions:      []checks.Action{checks.RecheckAction()},
	}
}

func orders() APIReport {
	return APIReport{
		API:       contracts.APIRef{Repository: acme, Name: "orders"},
		Component: "orders", Owner: "@acme/orders", OnBreak: "block", Spec: "api/openapi.yaml", Consumers: 5,
	}
}

func breaking() Report {
	api := orders()
	api.Changes = []contracts.Change{noteAdded(), legacyRemoved(), skuRemoved()}
	read := contracts.Reason{Code: contracts.ReasonReads, Node: "items[].sku"}
	web := []contracts.Evidence{declared(contracts.EvidenceDeclared, ".github/plimsoll.yml", 12)}
	api.Findings = []contracts.Finding{
		{Change: skuRemoved(), Unaffected: 2, Affected: []contracts.AffectedConsumer{
			{Consumer: using(checkout, "checkout-web", "@acme/checkout", "", "d"), Verdict: contracts.Breaks, Reason: read, Evidence: web},
			{Consumer: using(checkout, "checkout-web", "@acme/checkout", "production", "c"), Verdict: contracts.Breaks, Reason: read, Evidence: web},
			{Consumer: using(mobile, "ios-app", "@acme/mobile", "", "e"), Verdict: contracts.Breaks, Reason: read,
				Evidence: []contracts.Evidence{declared(contracts.EvidencePact, "pacts/ios-app-orders.json", 88), declared(contracts.EvidencePact, "pacts/ios-app-orders.json", 140)}},
			{Consumer: using(reports, "nightly-report", "", "", "f"), Verdict: contracts.MayBreak, Reason: contracts.Reason{Code: contracts.ReasonReadsUnlisted, Node: "GET /orders"},
				Evidence: []contracts.Evidence{declared(contracts.EvidenceDeclared, "plimsoll.yml", 9)}},
		}},
		{Change: legacyRemoved(), Unaffected: 5},
		{Change: noteAdded(), Unaffected: 5},
	}
	api.Findings[0].Affected[0].Consumer.Runs = true
	return report(api)
}

func nobody() Report {
	api := orders()
	api.Changes = []contracts.Change{legacyRemoved(), noteAdded()}
	return report(api)
}

func mayBreak() Report {
	api := orders()
	added := contracts.Change{
		Fingerprint: "33aa02d4e6a8", Rule: "response-enum-value-added", Level: contracts.Risky, Direction: contracts.Response,
		Edge: contracts.Edge{Schema: "Order.status", Name: "refunded", Kind: contracts.KindEnumValue}, To: ptr("refunded"), Reached: 1,
		Operations: []contracts.OperationRef{{Method: "GET", Path: "/orders/{id}", Status: "200", Pointer: "status"}},
		Source:     contracts.ChangeSource{Head: at("api/schemas/order.yaml", 30)},
	}
	api.Changes = []contracts.Change{added}
	api.Findings = []contracts.Finding{{Change: added, Affected: []contracts.AffectedConsumer{
		{Consumer: using(checkout, "checkout-web", "@acme/checkout", "", "d"), Verdict: contracts.MayBreak, Reason: contracts.Reason{Code: contracts.ReasonReads, Node: "status"},
			Evidence: []contracts.Evidence{declared(contracts.EvidenceDeclared, ".github/plimsoll.yml", 14)}},
		{Consumer: stale(using(reports, "nightly-report", "@dora", "", "f"), "archived"), Verdict: contracts.Unknown, Reason: contracts.Reason{Code: contracts.ReasonCatalogueOnly},
			Evidence: []contracts.Evidence{declared(contracts.EvidenceBackstage, "catalog-info.yaml", 21)}},
	}}}
	return report(api)
}

func stale(c contracts.Consumer, why string) contracts.Consumer {
	c.Stale = why
	return c
}

func warnOnly() Report {
	r := breaking()
	r.APIs[0].OnBreak = "warn"
	r.APIs[0].Findings = r.APIs[0].Findings[:1]
	r.APIs[0].Findings[0].Affected = r.APIs[0].Findings[0].Affected[:3]
	return r
}

func contractBroken() Report {
	api := orders()
	api.HeadProblem = &contracts.Problem{
		Position: contracts.Position{File: "api/openapi.yaml", Line: 41, Column: 7}, Path: "/components/schemas/Order/properties",
		Message: "expected a mapping, found a sequence", Hint: "name each property: `sku: {type: string}`",
	}
	return report(api)
}

func fileBroken() Report {
	r := nobody()
	r.FileBroken = true
	r.FileProblems = []contracts.Problem{
		{Position: contracts.Position{File: ".github/plimsoll.yml", Line: 7, Column: 5}, Path: "components[0].provids",
			Message: "unknown key \"provids\"", Hint: "did you mean \"provides\"?"},
		{Position: contracts.Position{File: ".github/plimsoll.yml", Line: 19, Column: 15}, Path: "components[0].health.waive[0].until",
			Message: "expected a date such as 2027-01-31, found \"soon\""},
	}
	return r
}

func scanning() Report {
	r := nobody()
	r.Registry = RegistryState{Account: "acme", Scanning: true, Done: 23, Total: 140}
	return r
}

// lookedAt is a report in which every repository has been read.
func lookedAt() Report {
	r := nobody()
	r.Registry = RegistryState{Account: "acme", Done: 1202, Total: 1202}
	return r
}

// unreadableIn is a report of an account in which some repositories can't be read.
func unreadableIn(r Report) Report {
	r.Registry = RegistryState{Account: "acme", Done: 40, Total: 43, Failed: 3}
	for i, reason := range []string{"GitHub answered 403 Resource not accessible by integration", "", "@everyone `x`"} {
		r.Registry.Unreadable = append(r.Registry.Unreadable, UnreadableRepository{
			Repository: contracts.RepositoryRef{Owner: "acme", Name: []string{"vault", "site", "odd"}[i], Private: i != 1},
			Reason:     reason, Since: judged.AddDate(0, 0, -i),
		})
	}
	return r
}

func external() Report {
	r := nobody()
	r.APIs[0].External = true
	return r
}

func typos() Report {
	r := nobody()
	r.APIs[0].Changes = []contracts.Change{noteAdded()}
	r.APIs[0].Registrations = []contracts.RegistrationProblem{
		{Consumer: using(checkout, "checkout-web", "@acme/checkout", "", "d"), Nearest: []string{"items[].sku", "items[].skus"}, Problem: contracts.Problem{
			Position: contracts.Position{File: ".github/plimsoll.yml", Line: 14, Column: 11}, Message: "items[].skku matches nothing in GET /orders/{id}"}},
	}
	return r
}

func ownDeclarations() Report {
	r := report(APIReport{})
	r.APIs = nil
	payments := contracts.APIRef{Repository: contracts.RepositoryRef{ID: 9, Owner: "acme", Name: "payments", Private: true}, Name: "payments"}
	r.Uses = []UseReport{
		{Component: "orders", API: "payments", Provider: payments, Missing: []MissingUse{{
			Nearest: []string{"payer.email"},
			Problem: contracts.Problem{Position: contracts.Position{File: ".github/plimsoll.yml", Line: 22, Column: 9}, Message: "payer.mail matches nothing in GET /payments/{id}"},
		}}},
		{Component: "orders", API: "stock", Position: contracts.Position{File: ".github/plimsoll.yml", Line: 30}},
	}
	return r
}

// privateOnPublic is the same as breaking, seen on a public repository where
// only one of the consumers is public.
func privateOnPublic() Report {
	r := breaking()
	r.Repository.Private = false
	for i := range r.APIs[0].Findings {
		for j := range r.APIs[0].Findings[i].Affected {
			c := &r.APIs[0].Findings[i].Affected[j].Consumer
			c.Repository.Private = c.Component != "checkout-web"
		}
	}
	r.APIs[0].Registrations = []contracts.RegistrationProblem{{
		Consumer: using(reports, "nightly-report", "@acme/reports", "", "f"),
		Problem:  contracts.Problem{Position: contracts.Position{File: "plimsoll.yml", Line: 11}, Message: "revenue matches nothing in GET /orders"},
	}}
	r.Registry = RegistryState{Account: "acme", Scanning: true, Done: 23, Total: 140}
	return r
}

// hostile is a report in which everything that a repository can choose is evil.
func hostile(evil string) Report {
	r := breaking()
	r.ChangedFiles = []string{evil}
	r.FileProblems = []contracts.Problem{{Position: contracts.Position{File: evil, Line: 3}, Path: evil, Message: evil, Hint: evil}}
	api := &r.APIs[0]
	api.API.Name, api.Component, api.Owner, api.Spec = evil, evil, evil, evil
	api.BaseProblem = &contracts.Problem{Position: contracts.Position{File: evil, Line: 4}, Message: evil, Hint: evil}
	for i := range api.Findings {
		f := &api.Findings[i]
		f.Change.Edge.Schema, f.Change.Edge.Name = evil, evil
		f.Change.From, f.Change.To = ptr(evil), ptr(evil)
		f.Change.Operations = []contracts.OperationRef{{Method: evil, Path: evil, Status: evil, MediaType: evil, Pointer: evil}, {Method: "GET", Path: evil}}
		f.Change.Source.Base = &contracts.Position{File: evil, Line: 41}
		for j := range f.Affected {
			h := &f.Affected[j]
			h.Consumer.Component, h.Consumer.Owner, h.Consumer.Environment = evil, evil, evil
			h.Consumer.Stale = evil
			h.Reason.Node = evil
			for k := range h.Evidence {
				h.Evidence[k].File = evil
			}
		}
	}
	api.Findings[0].Affected[2].Reason.Code = contracts.ReasonCode(evil)
	api.Changes = nil
	api.Registrations = []contracts.RegistrationProblem{{Consumer: using(checkout, evil, evil, evil, "d"), Nearest: []string{evil},
		Problem: contracts.Problem{Position: contracts.Position{File: evil, Line: 3}, Path: evil, Message: evil, Hint: evil}}}
	problem := contracts.Problem{Position: contracts.Position{File: evil, Line: 3}, Path: evil, Message: evil, Hint: evil}
	provider := contracts.APIRef{Repository: contracts.RepositoryRef{Owner: evil, Name: evil, Private: true}, Name: evil}
	running := contracts.LiveVersion{Environment: evil, Commit: evil}
	r.Links = []Link{{Owner: evil, Name: evil, Number: 3, State: LinkOpen, HeadSHA: evil, Repository: provider.Repository}, {Owner: evil, Name: evil, State: LinkUnknown}}
	api.Reliefs = []Relief{{Fingerprint: evil, Component: evil, Link: 1}}
	r.Taken = []TakenName{{API: evil, By: provider}}
	r.Uses = []UseReport{
		{Component: evil, API: evil, Provider: provider, Unreadable: &problem, Commit: evil},
		{Component: evil, API: evil, Position: problem.Position, Candidates: []contracts.APIRef{provider}},
		{Component: evil, API: evil, Provider: provider,
			Missing:  []MissingUse{{Problem: problem, Nearest: []string{evil}, Kind: contracts.EvidenceKind(evil), AddedBy: []int{1}, StillLive: []contracts.LiveVersion{running}}},
			Baseline: []contracts.Problem{problem}, TakenBy: []int{1}, Since: api.Findings[:1],
			Environments: []EnvironmentUse{{Environment: evil}, {Environment: evil, Version: &running, Unknown: true}, {Environment: evil, Version: &running, Missing: []contracts.Problem{problem}}},
			Deprecated: []impact.Deprecation{{Kind: contracts.KindProperty, Name: evil, Operation: evil, Sunset: evil, Evidence: contracts.Evidence{Position: problem.Position}},
				{Kind: contracts.KindOperation, Operation: evil, Sunset: evil, Assumed: true}}},
	}
	return r
}

// enormous has as many changes, each of which hits as many consumers.
func enormous(changes, consumers int) Report {
	api := orders()
	api.Consumers = consumers
	var affected []contracts.AffectedConsumer
	for i := range consumers {
		repo := contracts.RepositoryRef{ID: int64(100 + i), Owner: "acme", Name: fmt.Sprintf("service-%03d", i), Private: true}
		affected = append(affected, contracts.AffectedConsumer{
			Consumer: using(repo, fmt.Sprintf("service-%03d", i), fmt.Sprintf("@acme/team-%d", i%40), "", "d"),
			Verdict:  contracts.Breaks, Reason: contracts.Reason{Code: contracts.ReasonReads, Node: "items[].größe"},
			Evidence: []contracts.Evidence{declared(contracts.EvidenceDeclared, ".github/plimsoll.yml", 12)},
		})
	}
	for i := range changes {
		change := skuRemoved()
		change.Fingerprint = fmt.Sprintf("%012x", i+1)
		change.Edge.Name = fmt.Sprintf("größe%03d", i)
		change.Source.Base = at("api/schemas/order.yaml", 10+3*i)
		api.Findings = append(api.Findings, contracts.Finding{Change: change, Affected: affected})
	}
	return report(api)
}

func twoAPIs() Report {
	r := breaking()
	admin := orders()
	admin.API.Name, admin.Spec = "orders-admin", "api/admin.yaml"
	change := contracts.Change{
		Fingerprint: "44aa02d4e6a8", Rule: "request-parameter-became-required", Level: contracts.Breaking, Direction: contracts.Request,
		Edge: contracts.Edge{Schema: "GET /admin/orders", Name: "region", Kind: contracts.KindParameter}, Reached: 1,
		Operations: []contracts.OperationRef{{Method: "GET", Path: "/admin/orders", Pointer: "region"}},
		Source:     contracts.ChangeSource{Base: at("api/admin.yaml", 17), Head: at("api/admin.yaml", 17)},
	}
	admin.Changes = []contracts.Change{change}
	admin.Findings = []contracts.Finding{{Change: change, Affected: []contracts.AffectedConsumer{{
		Consumer: using(reports, "nightly-report", "@dora", "", "f"), Verdict: contracts.Breaks,
		Reason:   contracts.Reason{Code: contracts.ReasonMustNowSend, Node: "region"},
		Evidence: []contracts.Evidence{declared(contracts.EvidenceDeclared, "plimsoll.yml", 18)},
	}}}}
	r.APIs = append(r.APIs, admin)
	r.Actions = nil
	return r
}

// severalVersions: one consumer live at two commits in production during a
// rollout, at one of them in staging as well, and moved on its default branch.
func severalVersions() Report {
	r := breaking()
	affected := func(environment, sha string) contracts.AffectedConsumer {
		return contracts.AffectedConsumer{Consumer: using(checkout, "checkout-web", "@acme/checkout", environment, sha), Verdict: contracts.Breaks,
			Reason: contracts.Reason{Code: contracts.ReasonReads, Node: "items[].sku"}, Evidence: []contracts.Evidence{declared(contracts.EvidenceDeclared, ".github/plimsoll.yml", 12)}}
	}
	r.APIs[0].Findings = []contracts.Finding{{Change: skuRemoved(), Affected: []contracts.AffectedConsumer{
		affected("staging", "c"), affected("production", "d"), affected("production", "c"), affected("preview", "8"), affected("qa", "9"),
	}}}
	return r
}

// commit makes a commit's name from one character.
func commit(character string) string {
	return strings.Repeat(character, 8) + strings.Repeat("0", 32)
}
