package action

import (
	"slices"

	"plimsoll/checks"
	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/cmd/plimsoll/internal/compare"
	"plimsoll/cmd/plimsoll/internal/readycheck"
	"plimsoll/cmd/plimsoll/internal/sarif"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/contracts"
)

// outcome is what both checks found.
type outcome struct {
	run       run
	report    contracttext.Report
	compared  []compared
	contracts checks.CheckRun
	comment   checks.Comment
	readiness *ready // nil: not asked for

	// contractsAnswer, readinessAnswer and answer say whether it is safe to merge, by the
	// levels to fail on.
	contractsAnswer, readinessAnswer, answer terminal.Answer
}

func newOutcome(c *contractsCheck, now Clock) *outcome {
	out := &outcome{run: c.run, compared: c.compared, report: c.report(now)}
	if len(out.report.APIs)+len(out.report.FileProblems) == 0 {
		out.contracts = contracttext.NothingTouched(c.run.headSHA, c.run.number)
		out.comment = contracttext.ResolvedComment(c.run.repository, nil)
		return out
	}
	out.contracts, out.comment = contracttext.ContractReport(out.report), contracttext.ContractComment(out.report)
	return out
}

// decide gives the answers.
func (o *outcome) decide(options Options) {
	o.contractsAnswer = o.contractsStatus(options.FailOn)
	if o.readiness != nil {
		o.readinessAnswer = o.readiness.answer(options.ReadinessFailOn)
	}
	o.answer = graver(o.contractsAnswer, o.readinessAnswer)
}

func (o *outcome) contractsStatus(failOn string) terminal.Answer {
	answer := terminal.Fine
	if o.report.FileBroken {
		answer = terminal.No
	}
	for _, one := range o.compared {
		switch {
		case one.result != nil:
			answer = graver(answer, one.result.Status(failOn))
		case one.entry.HeadProblem != nil && one.entry.OnBreak != "warn":
			answer = graver(answer, terminal.No)
		default:
			answer = graver(answer, terminal.Unknown)
		}
	}
	if failOn == "none" && answer == terminal.No {
		return terminal.Unknown
	}
	return answer
}

// graver gives the graver of two answers: no, then unknown, then yes.
func graver(a, b terminal.Answer) terminal.Answer {
	for _, one := range []terminal.Answer{terminal.No, terminal.Unknown} {
		if a == one || b == one {
			return one
		}
	}
	return terminal.Fine
}

var words = map[terminal.Answer]string{terminal.Fine: "yes", terminal.No: "no", terminal.Unknown: "unknown"}

// verdict is the most severe verdict for a consumer; empty where no consumers are known.
func (o *outcome) verdict() contracts.Verdict {
	var worst contracts.Verdict
	for _, one := range o.compared {
		verdict := contracts.Unknown
		if one.result != nil {
			verdict = one.result.Verdict()
		}
		if worst == "" || verdict.Rank() > worst.Rank() {
			worst = verdict
		}
	}
	return worst
}

// affected counts the consumers that break, or may.
func (o *outcome) affected() int {
	type consumer struct {
		repository int64
		component  string
	}
	seen := map[consumer]bool{}
	for _, one := range o.compared {
		for _, finding := range one.entry.Findings {
			for _, h := range finding.Affected {
				if h.Verdict.Rank() >= contracts.MayBreak.Rank() {
					seen[consumer{h.Consumer.Repository.ID, h.Consumer.Component}] = true
				}
			}
		}
	}
	return len(seen)
}

// JSON is what the file of the results holds. It is part of the outside.
type JSON struct {
	Schema string `json:"schema"`
	// Answer is yes, no or unknown: whether it is safe to merge, by the levels to fail on.
	Answer            string              `json:"answer"`
	Base              string              `json:"base"`
	Head              string              `json:"head"`
	ConsumersAffected int                 `json:"consumers_affected"`
	Contracts         []contractJSON      `json:"contracts"`
	Readiness         *readycheck.JSON    `json:"readiness,omitempty"`
	FileProblems      []contracts.Problem `json:"file_problems,omitempty"`
}

type contractJSON struct {
	API  string `json:"api"`
	Spec string `json:"spec"`
	// Result has the form of plimsoll check; it is left out where a version can't be read.
	Result  *compare.JSON      `json:"result,omitempty"`
	Problem *contracts.Problem `json:"problem,omitempty"`
}

func (o *outcome) json() JSON {
	out := JSON{Schema: "plimsoll.action/v1", Answer: words[o.answer], Base: o.report.BaseSHA, Head: o.report.HeadSHA,
		ConsumersAffected: o.affected(), Contracts: []contractJSON{}, FileProblems: o.report.FileProblems}
	for _, one := range o.compared {
		each := contractJSON{API: one.entry.API.FullName(), Spec: one.entry.Spec, Problem: one.entry.HeadProblem}
		if each.Problem == nil {
			each.Problem = one.entry.BaseProblem
		}
		if one.result != nil {
			result := one.result.JSON()
			each.Result = &result
		}
		out.Contracts = append(out.Contracts, each)
	}
	if o.readiness != nil && o.readiness.result != nil {
		result := o.readiness.result.JSON()
		out.Readiness = &result
	}
	return out
}

// GitHub's limits on SARIF files.
// https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
const (
	mostResults  = 5_000
	mostRelated  = 100
	contractsRun = "plimsoll/contracts/"
	readinessRun = "plimsoll/readiness/"
)

// sarif gives one run for each check: GitHub tells runs of one tool apart by their ids.
func (o *outcome) sarif() sarif.Log {
	var run sarif.Run
	for i, one := range o.compared {
		if one.result == nil {
			continue
		}
		each := one.result.SARIF().Runs[0]
		if i == 0 || run.Results == nil {
			run = each
		} else {
			run.Results = append(run.Results, each.Results...)
		}
	}
	if run.Results == nil {
		run = sarif.Run{Tool: sarif.Tool{Driver: sarif.Driver{Name: "Plimsoll", Rules: []sarif.Rule{}}}, Results: []sarif.Result{}}
	}
	run.Automation = &sarif.Automation{ID: contractsRun}
	log := sarif.New(run)
	if o.readiness != nil && o.readiness.result != nil {
		readiness := o.readiness.result.SARIF().Runs[0]
		readiness.Automation = &sarif.Automation{ID: readinessRun}
		log.Runs = append(log.Runs, readiness)
	}
	for i := range log.Runs {
		log.Runs[i].Results = fitting(log.Runs[i].Results)
	}
	return log
}

// fitting leaves out what GitHub would refuse the file for: the least severe first.
func fitting(results []sarif.Result) []sarif.Result {
	rank := map[string]int{"error": 0, "warning": 1, "note": 2}
	results = slices.DeleteFunc(results, func(r sarif.Result) bool { return len(r.Locations) == 0 })
	slices.SortStableFunc(results, func(a, b sarif.Result) int { return rank[a.Level] - rank[b.Level] })
	results = results[:min(len(results), mostResults)]
	for i := range results {
		results[i].Related = results[i].Related[:min(len(results[i].Related), mostRelated)]
	}
	return results
}
