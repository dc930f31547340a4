package readinesstext

import (
	"fmt"
	"time"

	"plimsoll/checks"
	"plimsoll/checks/readiness"
	"plimsoll/config"
	"plimsoll/contracts"
)

const (
	baseCommit = "aaaaaaa1111111111111111111111111aaaaaaaa"
	headCommit = "bbbbbbb2222222222222222222222222bbbbbbbb"
)

var ordersRepo = contracts.RepositoryRef{ID: 1, Owner: "acme", Name: "orders", Private: true}

const repositoryFile = ".github/plimsoll.yml"

var evaluatedAt = time.Date(2027, 1, 20, 9, 0, 0, 0, time.UTC)

// readinessScenarios are reports as they happen, by the name of their golden file.
func readinessScenarios() map[string]Readiness {
	return map[string]Readiness{
		"new-component-blocks": newComponentBlocks(),
		"nothing-new":          readinessOf(oldGap("orders", 3), kept("billing", 12)),
		"everything-in-place":  readinessOf(kept("orders", 3)),
		"fixed":                fixed(),
		"new-does-not-block":   newDoesNotBlock(),
		"day-one":              dayOne(),
		"waivers":              waivers(),
		"metrics-unreachable":  metricsUnreachable(),
		"template-unreadable":  templateUnreadable(),
		"hostile-names":        hostileReadiness(`<img src=x> @everyone #1 | https://evil.example ` + "`" + `x` + "``\n" + `](https://evil.example)` + " --> \u202etxt.exe"),
		"kept-components":      keptComponents(),
		"untouched":            untouched(),
		"file-broken":          readinessFileBroken(),
		"no-component":         noComponent(),
		"merge-group":          mergeGroup(),
		"more-than-fits":       manyGaps(700, 3),
		"everything-at-once":   everythingAtOnce(),
	}
}

func readinessOf(components ...readiness.ComponentReport) Readiness {
	return Readiness{
		WebURL:     "https://github.com",
		Repository: ordersRepo, Number: 17, BaseSHA: baseCommit, BaseRef: "main", HeadSHA: headCommit,
		ChangedFiles: []string{repositoryFile, "deploy/orders.yaml"},
		Report:       readiness.Report{Components: components}, Contents: contentsFor(components),
		Touched: true, Now: evaluatedAt,
		Actions: []checks.Action{checks.RecheckAction()},
	}
}

// contentsFor makes the files that fixes are for: as long as the fixes need them to be.
func contentsFor(components []readiness.ComponentReport) map[string][]byte {
	lines := map[string]int{}
	for _, c := range components {
		for _, f := range c.Findings {
			for _, s := range f.Fix {
				lines[s.File] = max(lines[s.File], s.After+s.Replaces)
			}
		}
	}
	contents := map[string][]byte{}
	for file, n := range lines {
		contents[file] = nil
		for line := range n {
			contents[file] = fmt.Appendf(contents[file], "line %d\n", line+1)
		}
	}
	return contents
}

// kept is a component that keeps every rule; it stands at a line of the repository file.
func kept(name string, line int) readiness.ComponentReport {
	c := readiness.ComponentReport{Component: readiness.Component{Name: name, Owner: "@acme/" + name}}
	c.Declared = config.Component{Name: config.Name(name), At: config.Position{File: repositoryFile, Line: line, Column: 5}}
	for _, rule := range readiness.Rules {
		c.Results = append(c.Results, readiness.Result{Rule: rule.ID, State: readiness.Passed})
	}
	return c
}

// lacks adds findings to a component, and has their rules violated.
func lacks(c readiness.ComponentReport, findings ...readiness.Compared) readiness.ComponentReport {
	for _, f := range findings {
		f.Component = c.Name
		c.Findings = append(c.Findings, f)
		for i := range c.Results {
			if c.Results[i].Rule == f.Rule {
				c.Results[i].State = readiness.Violated
				c.Results[i].Findings = append(c.Results[i].Findings, f.Finding)
			}
		}
	}
	return c
}

// undecided has a rule of a component not found out.
func undecided(c readiness.ComponentReport, rule, reason string) readiness.ComponentReport {
	for i := range c.Results {
		if c.Results[i].Rule == rule {
			c.Results[i].State, c.Results[i].Reason = readiness.Unknown, reason
		}
	}
	return c
}

func blocks(f readiness.Finding) readiness.Compared {
	return readiness.Compared{Finding: f, New: true, Blocks: true}
}

func old(f readiness.Finding) readiness.Compared { return readiness.Compared{Finding: f} }

func noRunbook(line int) readiness.Finding {
	return readiness.Finding{
		Rule: "RB001", Position: config.Position{File: repositoryFile, Line: line, Column: 5},
		Message: "no runbook is declared; expected `health.runbook`, a file in this repository or a URL",
		Fix: []readiness.Snippet{
			{File: repositoryFile, After: line + 2, Text: "    health:\n      runbook: docs/runbooks/orders.md\n"},
			{File: "docs/runbooks/orders.md", Text: "# orders: runbook\n\n## What it does and who is affected when it is down\n\n## How to stop the harm\n\n```\nkubectl rollout undo deployment/orders\n```\n"},
		},
	}
}

func noProbes(line int) readiness.Finding {
	return readiness.Finding{
		Rule: "HC003", Subject: "Deployment orders, container app", Position: config.Position{File: "deploy/orders.yaml", Line: line, Column: 11},
		Message: "container app of Deployment orders has no `readinessProbe`",
		Fix:     []readiness.Snippet{{File: "deploy/orders.yaml", After: line + 3, Text: "          readinessProbe:\n            httpGet: {path: /healthz, port: 8080}\n            periodSeconds: 10\n"}},
	}
}

func probeTiming() readiness.Finding {
	return readiness.Finding{
		Rule: "HC005", Subject: "Deployment orders, container app, readinessProbe", Position: config.Position{File: "deploy/orders.yaml", Line: 31, Column: 13},
		Message: "the readiness probe of container app waits 10s, and runs every 10s",
		Fix:     []readiness.Snippet{{File: "deploy/orders.yaml", After: 30, Replaces: 1, Text: "            timeoutSeconds: 2\n"}},
	}
}

func noVerification() readiness.Finding {
	return readiness.Finding{
		Rule: "VF001", Subject: "environment production", Position: config.Position{File: repositoryFile, Line: 16, Column: 7},
		Message: "environment production is a production environment, and no `verify` says how deployments are verified",
		Fix:     []readiness.Snippet{{File: repositoryFile, Text: "verify:\n  for: 10m\n", Loose: true}},
	}
}

// byHand is a finding that only a person can fix.
func byHand() readiness.Finding {
	return readiness.Finding{Rule: "AL002", Position: config.Position{File: "ops/alerts.yml", Line: 4, Column: 9}, Message: "expected an expression, found the end of the line"}
}

func oldGap(name string, line int) readiness.ComponentReport {
	return lacks(kept(name, line), old(noRunbook(line)), old(probeTiming()))
}

func newComponentBlocks() Readiness {
	billing := kept("billing", 10)
	billing.New = true
	return readinessOf(oldGap("orders", 3), lacks(billing, blocks(noRunbook(10)), blocks(noVerification()), blocks(byHand())), lacks(kept("stock", 21), old(byHand())))
}

// everythingAtOnce has edits that meet: three for one line of a new component, two in
// place of one line, one that two components share, an old one where a new one goes,
// and what only a person can fit in.
func everythingAtOnce() Readiness {
	gap := func(rule, subject string, line int, message string, fix ...readiness.Snippet) readiness.Finding {
		return readiness.Finding{Rule: rule, Subject: subject, Position: config.Position{File: repositoryFile, Line: line, Column: 5}, Message: message, Fix: fix}
	}
	put := func(after, replaces int, text string) readiness.Snippet {
		return readiness.Snippet{File: repositoryFile, After: after, Replaces: replaces, Text: text}
	}
	workflow := readiness.Snippet{File: ".github/workflows/deploy.yml", After: 11, Text: "    concurrency:\n      group: deploy-production\n      cancel-in-progress: false\n"}
	overtakes := gap("DP001", "job deploy of deploy.yml", 12, "two runs of job deploy of deploy.yml may deploy to production at the same time", workflow)
	billing := kept("billing", 10)
	billing.New = true
	billing = lacks(billing,
		blocks(gap("HC001", "", 10, "no health endpoint is declared", put(10, 0, "    health:\n      endpoint: GET /healthz\n"))),
		blocks(gap("AL001", "", 10, "no rule files are declared", readiness.Snippet{File: "ops/alerts/billing.yml", Text: "groups:\n  - name: \"billing\"\n"}, put(10, 0, "    health:\n      alerts:\n        - ops/alerts/billing.yml\n"))),
		blocks(gap("RB001", "", 10, "no runbook is declared", put(10, 0, "    health:\n      runbook: docs/runbooks/billing.md\n"), readiness.Snippet{File: "docs/runbooks/billing.md", Text: "# billing: runbook\n"})),
		blocks(gap("VF001", "environment production", 12, "environment production is a production environment, and no `verify` says how deployments are verified",
			put(11, 1, "      production:\n        verify:\n          for: 10m\n          probes:\n            - get: /healthz\n              expect: {status: 200, within: 500ms}\n"))),
		blocks(overtakes),
		readiness.Compared{Finding: gap("HC002", "", 10, "GET /healthz is declared, and nobody asks for it",
			put(11, 1, "      production:\n        verify:\n          probes:\n            - get: /healthz\n              expect: {status: 200}\n")), New: true},
		blocks(gap("DP002", "environment production", 12, "nothing here can put an earlier commit back", readiness.Snippet{File: ".github/workflows/deploy.yml", Loose: true, Text: "on: deployment\n"})),
	)
	orders := lacks(kept("orders", 3),
		blocks(overtakes),
		blocks(gap("RB001", "", 3, "no runbook is declared", put(3, 0, "    health:\n      runbook: docs/runbooks/orders.md\n"))),
		old(gap("HC001", "", 3, "no health endpoint is declared", put(3, 0, "    health:\n      endpoint: GET /healthz\n"))),
		old(probeTiming()),
	)
	return readinessOf(orders, billing)
}

func fixed() Readiness {
	c := kept("orders", 3)
	c.Fixed = []readiness.Finding{noRunbook(3), noVerification()}
	r := readinessOf(c, oldGap("billing", 12))
	return r
}

func newDoesNotBlock() Readiness {
	return readinessOf(lacks(kept("orders", 3), readiness.Compared{Finding: probeTiming(), New: true}, old(noRunbook(3))))
}

func dayOne() Readiness {
	added := func(f readiness.Finding) readiness.Compared { return readiness.Compared{Finding: f, New: true} }
	r := readinessOf(
		lacks(kept("orders", 3), added(noProbes(22)), added(probeTiming()), added(noRunbook(3)), added(noVerification())),
		lacks(undecided(kept("billing", 12), "AL004", "no metric server is named"), added(noRunbook(12)), added(byHand())),
	)
	r.Report.Enrolling = true
	r.Report.Exempt = []string{"docs-site"}
	return r
}

func waiver(rule, reason, until string) config.Waiver {
	day, err := time.Parse(time.DateOnly, until)
	if err != nil {
		panic(err)
	}
	return config.Waiver{At: config.Position{File: repositoryFile, Line: 14, Column: 9}, Rule: config.Rule(rule), Reason: config.Reason(reason), Until: config.Date{Time: day}}
}

func waivers() Readiness {
	inForce := waiver("runbook", "internal batch job, owner on call", "2027-03-31")
	covered := readiness.Compared{Finding: noRunbook(3), New: true, Waiver: &inForce}
	orders := lacks(kept("orders", 3), blocks(noVerification()), old(probeTiming()), covered)
	orders.Waivers = []readiness.WaiverReport{
		{Waiver: inForce, State: readiness.InForce},
		{Waiver: waiver("OW001", "the team is being founded", "2027-01-31"), State: readiness.InForce},
		{Waiver: waiver("HC005", "measured, and slow on purpose", "2027-01-19"), State: readiness.Ended},
		{Waiver: waiver("alerts", "not now", "2029-12-31"), State: readiness.TooLong},
		{Waiver: waiver("verify", "the metric server comes in February", "2027-02-28"), State: readiness.NotYet},
		{Waiver: waiver("deploy", "one person deploys", "2027-02-01"), State: readiness.Withdrawn},
	}
	return readinessOf(orders)
}

func metricsUnreachable() Readiness {
	return readinessOf(undecided(kept("orders", 3), "AL004", "ask the metric server default: no answer within 5s"))
}

func templateUnreadable() Readiness {
	r := readinessOf(kept("orders", 3))
	r.ChangedFiles = append(r.ChangedFiles, "charts/orders/templates/deployment.yaml")
	r.Report.Unread = []readiness.Unread{
		{Position: config.Position{File: "charts/orders/templates/deployment.yaml", Line: 1}, Message: "a Helm template, which only Helm can read", Hint: "commit what `helm template` prints, or check it where it is rendered"},
		{Position: config.Position{File: "deploy/huge.yaml"}, Message: "larger than 1 MiB"},
	}
	return r
}

func keptComponents() Readiness {
	r := readinessOf(kept("orders", 3), lacks(kept("billing", 99), blocks(noProbes(22)), old(noRunbook(12))))
	r.Kept = []string{"billing"}
	return r
}

func readinessFileBroken() Readiness {
	r := readinessOf(oldGap("orders", 3))
	r.FileBroken = true
	r.FileProblems = []contracts.Problem{
		{Position: contracts.Position{File: repositoryFile, Line: 7, Column: 5}, Path: "components[0].provids",
			Message: "unknown key \"provids\"", Hint: "did you mean \"provides\"?"},
		{Position: contracts.Position{File: repositoryFile, Line: 19, Column: 15}, Path: "components[0].health.waive[0].until",
			Message: "expected a date such as 2027-01-31, found \"soon\""},
	}
	return r
}

func noComponent() Readiness {
	r := readinessOf()
	r.Report.Exempt = []string{"web", "docs"}
	return r
}

// untouched is a pull request that changes nothing that is read: nothing was evaluated,
// and the waivers are shown all the same.
func untouched() Readiness {
	r := waivers()
	r.Report.Components[0].Results, r.Report.Components[0].Findings = nil, nil
	r.Report.Components[0].Waivers = r.Report.Components[0].Waivers[:4] // none is proposed or withdrawn
	r.Touched = false
	return r
}

func mergeGroup() Readiness {
	r := newComponentBlocks()
	r.Number = 0
	return r
}

// hostileReadiness is a report in which everything that a repository can choose is evil.
func hostileReadiness(evil string) Readiness {
	finding := func(rule string) readiness.Finding {
		return readiness.Finding{Rule: rule, Subject: evil, Position: config.Position{File: evil, Line: 3}, Message: "found `" + evil + "`, expected something else: " + evil,
			Fix: []readiness.Snippet{{File: evil, After: 3, Text: evil + "\n```\n~~~\n" + evil + "\n"}, {File: evil, Loose: true, Text: "    " + evil}, {File: evil}}}
	}
	added := readiness.Compared{Finding: finding("DP001"), New: true}
	in := waiver("runbook", evil, "2027-03-31")
	orders := lacks(undecided(kept(evil, 3), "AL004", evil), blocks(finding("VF001")), added, old(finding("HC003")), readiness.Compared{Finding: finding("RB001"), Waiver: &in})
	orders.Fixed = []readiness.Finding{finding("OW001")}
	for _, state := range []readiness.WaiverState{readiness.InForce, readiness.Ended, readiness.TooLong, readiness.NotYet, readiness.Withdrawn} {
		orders.Waivers = append(orders.Waivers, readiness.WaiverReport{Waiver: config.Waiver{At: config.Position{File: evil, Line: 4}, Rule: config.Rule(evil), Reason: config.Reason(evil), Until: in.Until}, State: state})
	}
	orders.Declared.At.File = evil
	r := readinessOf(orders)
	r.BaseRef, r.Kept, r.ChangedFiles = evil, []string{evil}, []string{evil}
	r.Report.Exempt = []string{evil}
	r.Report.Unread = []readiness.Unread{{Position: config.Position{File: evil, Line: 1}, Message: evil, Hint: evil}}
	r.FileProblems = []contracts.Problem{{Position: contracts.Position{File: evil, Line: 3}, Path: evil, Message: evil, Hint: evil}}
	r.Contents = nil // whether a patch can be made must not depend on the name
	return r
}

// manyGaps has as many findings of each kind over as many components.
func manyGaps(findings, components int) Readiness {
	var all []readiness.ComponentReport
	for c := range components {
		each := kept(fmt.Sprintf("größe-%03d", c), 3+c)
		for i := range findings {
			f := noProbes(10 + i)
			f.Subject = fmt.Sprint(i)
			each = lacks(each, blocks(f))
		}
		for i := range findings {
			f := probeTiming()
			f.Subject = fmt.Sprint(i)
			each = lacks(each, old(f))
		}
		all = append(all, each)
	}
	return readinessOf(all...)
}
