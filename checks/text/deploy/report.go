package deploytext

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/signal"
)

// Deployed is everything that is known of the watching of one deployment, as plain
// values.
type Deployed struct {
	// WebURL is GitHub's address for people: "https://github.com".
	WebURL string
	// DetailsURL is the page with the evidence; may be empty.
	DetailsURL string
	Repository contracts.RepositoryRef
	Run        deploy.VerificationRun
	Samples    []deploy.Sample
	// History is what the signals were before, nil where that is not known; Signals what
	// the judge says of them as of Now.
	History *deploy.History
	Signals *signal.Evaluation
	// Now is the time of the report.
	Now time.Time
	// byHand: the report is for a terminal, where no rollback follows.
	byHand bool
}

// DeploymentRun is the check run plimsoll/deploy on the deployed commit: how far the
// watching has come, or what it came to.
func DeploymentRun(d Deployed) checks.CheckRun {
	run := checks.CheckRun{
		Name: checks.DeployRun, HeadSHA: d.Run.Commit, ExternalID: "verify/" + d.Run.ID(), DetailsURL: d.DetailsURL,
		Conclusion: deployConclusion(d.Run.Verdict), Title: d.shortTitle(), Summary: d.summary(), Actions: d.buttons(),
	}
	return run
}

// DeploymentRunAgain is the check run for somebody who has asked at a time to run it again.
func DeploymentRunAgain(d Deployed, at time.Time) checks.CheckRun {
	run := DeploymentRun(d)
	note := "Re-run at " + at.UTC().Format("2006-01-02 15:04:05") + " UTC: this is what has been measured so far, and verification is still in progress."
	if d.Run.Verdict != nil {
		note = "Re-run at " + at.UTC().Format("2006-01-02 15:04:05") + " UTC: nothing was measured again. A deployment is measured while it is new; to verify the commit again, deploy it again."
	}
	run.Summary = checks.Paragraphs(run.Summary, note)
	return run
}

// deployConclusion: no data is never a pass.
func deployConclusion(verdict *deploy.Verdict) checks.Conclusion {
	if verdict == nil {
		return checks.InProgress
	}
	switch verdict.Answer {
	case deploy.Verified:
		return checks.Success
	case deploy.RollBack:
		return checks.Failure
	case deploy.Investigate:
		return checks.ActionRequired
	}
	return checks.Neutral
}

// where names the component and the environment.
func (d Deployed) where(p checks.RenderContext) string {
	at := d.Run.Target
	text := asName(at.Component, p) + " in " + asName(at.Environment, p)
	if at.Instance != "" {
		text += " (" + asName(at.Instance, p) + ")"
	}
	return text
}

// asName is an outsider's name: as code where Markdown is read, plain in titles.
func asName(name string, p checks.RenderContext) string {
	if p == checks.InProse {
		p = checks.InCode
	}
	return checks.Escape(name, p)
}

// title is the headline: the outcome of the rollback where there is one, else the verdict.
func (d Deployed) title() string {
	m := d.Run.Rollback
	if d.Run.Verdict == nil || m == nil || d.byHand || d.elsewhere() {
		return d.verdictTitle()
	}
	where := d.where(checks.InPlain)
	switch {
	case m.Outcome != "" && m.EndedBy != m.Made:
		return "Resolved: " + where + " is verified again"
	case m.Outcome == deploy.Verified:
		return "Rolled back " + where + " to " + checks.Short(m.Ended) + ", verified"
	}
	return d.verdictTitle()
}

// Details of a probe's failure that a short title leaves out.
var (
	probeCount  = regexp.MustCompile(` failed \d+ of the last \d+ times`)
	probeDetail = regexp.MustCompile(` failed \([^()]*\)$`)
)

// shortTitle is the title of the check run. Where it would be too long it leaves out what
// the list of the probes says.
func (d Deployed) shortTitle() string {
	title := d.title()
	if utf8.RuneCountInString(title) > checks.MaxTitle {
		title = probeCount.ReplaceAllString(title, " failed")
	}
	if utf8.RuneCountInString(title) > checks.MaxTitle {
		title = probeDetail.ReplaceAllString(title, " failed")
	}
	return title
}

func (d Deployed) verdictTitle() string {
	where := d.where(checks.InPlain)
	verdict := d.Run.Verdict
	if verdict == nil {
		left := lasting(max(d.Run.Ends().Sub(d.Now), 0).Round(time.Second))
		return fmt.Sprintf("Watching %s: %d of %d samples, %s left", where, len(d.Samples), d.Run.Last()+1, left)
	}
	switch verdict.Answer {
	case deploy.Verified:
		return where + " is verified"
	case deploy.RollBack:
		if d.elsewhere() {
			return "Not caused by this deployment: " + where + ": " + d.titleReason()
		}
		return "Roll back " + where + ": " + d.titleReason()
	case deploy.Investigate:
		return "Investigate " + where + ": " + d.titleReason()
	case deploy.Superseded:
		return where + " was superseded"
	}
	return "Inconclusive for " + where + ": " + d.titleReason()
}

// titleReason is the most severe reason, as short as a title needs it: without the last
// result of a probe, the answer of a metric server, or all signals that are lost.
func (d Deployed) titleReason() string {
	reasons := slices.Clone(d.Run.Verdict.Reasons)
	first := &reasons[0]
	first.Last = nil
	switch {
	case first.Kind == deploy.ReasonOldVersion:
		return checks.Plain(first.Subject) + ": deployed commit not seen"
	case first.Gap != nil && first.Gap.Kind != deploy.GapDatasource: // its detail is a name
		gap := *first.Gap
		gap.Detail = ""
		first.Gap = &gap
	case first.Signal != nil && first.Signal.Code == signal.Vanished:
		lost := -1
		for _, r := range reasons {
			if r.Signal != nil && r.Signal.Code == signal.Vanished {
				lost++
			}
		}
		text := checks.Plain(d.signalName(first.Subject))
		if lost > 0 {
			text += " and " + strconv.Itoa(lost) + " more"
		}
		return text + ": no data for " + seconds(first.Signal.Seconds)
	}
	return d.reasonWords(reasons, checks.InPlain)[0]
}

// elsewhere tells whether the cause is not in the deployment: it goes back itself, or
// what it was rolled back to is bad as well.
func (d Deployed) elsewhere() bool {
	m := d.Run.Rollback
	return d.Run.Task == deploy.TaskRollback || m != nil &&
		(m.Outcome == deploy.RollBack && m.EndedBy == m.Made ||
			slices.ContainsFunc(m.Reasons, func(r deploy.RollbackReason) bool { return r.Kind == deploy.RollbackOfRollback }))
}

// verdictMarks stand before what a verification came to.
var verdictMarks = map[deploy.Answer]string{
	deploy.Verified: "✅", deploy.RollBack: "❌", deploy.Investigate: "⚠️", deploy.Inconclusive: "❔", deploy.Superseded: "⏭️",
}

// verdictSentence says what a verification came to, in one paragraph.
func (d Deployed) verdictSentence() string {
	verdict, where := d.Run.Verdict, d.where(checks.InProse)
	why := strings.Join(d.reasonWords(verdict.Reasons, checks.InProse), "; ")
	mark := verdictMarks[verdict.Answer]
	switch verdict.Answer {
	case deploy.Verified:
		return fmt.Sprintf("%s **%s is verified:** %s.", mark, where, why)
	case deploy.RollBack:
		if d.elsewhere() {
			return fmt.Sprintf("%s **%s fails, but not because of this deployment:** %s.", mark, where, why)
		}
		if m := d.Run.Rollback; m != nil && (m.Outcome != "" || m.State == deploy.RollbackPerforming || m.State == deploy.RollbackPerformed) {
			return fmt.Sprintf("%s **%s failed verification:** %s.", mark, where, why)
		}
		return fmt.Sprintf("%s **Roll back %s:** %s.", mark, where, why)
	case deploy.Investigate:
		return fmt.Sprintf("%s **Investigate %s:** %s.", mark, where, why)
	case deploy.Superseded:
		return fmt.Sprintf("%s **%s was superseded:** %s.", mark, where, why)
	}
	return fmt.Sprintf("%s **Inconclusive for %s:** %s.", mark, where, why)
}

func (d Deployed) summary() string {
	var out strings.Builder
	if d.Run.Verdict != nil {
		out.WriteString(d.headline() + "\n\n")
	} else {
		fmt.Fprintf(&out, "A sample every %s for %s, until %s UTC.\n\n", lasting(d.Run.Plan.Every), lasting(d.Run.Plan.For), d.Run.Ends().UTC().Format("15:04:05"))
	}
	out.WriteString(d.signalTable() + d.probeTable())
	if v := d.Run.Verdict; v != nil && v.Newer != 0 {
		out.WriteString("A newer deployment came before the verdict. The verification was finished because a gate waited for it, so later samples include the newer commit.\n\n")
	}
	fmt.Fprintf(&out, "Commit %s, deployed %s UTC", checks.Web{Base: d.WebURL}.Commit(d.Repository, d.Run.Commit, checks.InCode), d.Run.DeployedAt().UTC().Format("2006-01-02 15:04:05"))
	if d.Run.Creator != "" {
		out.WriteString(" by " + checks.Code(d.Run.Creator))
	}
	if !d.Run.Succeeded.IsZero() {
		fmt.Fprintf(&out, " (Plimsoll heard of it at %s UTC)", d.Run.Began.UTC().Format("15:04:05"))
	}
	if d.Run.Before != "" {
		out.WriteString("; previously " + checks.Web{Base: d.WebURL}.Commit(d.Repository, d.Run.Before, checks.InCode))
	}
	out.WriteString(".\n")
	return out.String()
}

// headline is the verdict and what to do. What was done about it comes first.
func (d Deployed) headline() string {
	if m := d.Run.Rollback; m != nil && m.Outcome != "" {
		return strings.TrimRight(checks.Paragraphs(d.next(), d.verdictSentence()), "\n")
	}
	return strings.TrimRight(checks.Paragraphs(d.verdictSentence(), d.next()), "\n")
}

// next says what to do.
func (d Deployed) next() string {
	if d.Run.Verdict.Answer == deploy.Inconclusive {
		return checks.Paragraphs(d.inconclusiveNext(), d.rollbackText())
	}
	return d.rollbackText()
}

func (d Deployed) inconclusiveNext() string {
	switch d.Run.Verdict.Reasons[0].Kind {
	case deploy.ReasonNotDeclared:
		return "**Next step:** declare `verify` for the environment in `.github/plimsoll.yml`. `plimsoll check --readiness` suggests the lines."
	case deploy.ReasonNoAddress:
		return "**Next step:** set the environment's `url`, or report `environment_url` in the deployment's status."
	}
	return ""
}

// reasonClause says a reason in numbers and words.
func (d Deployed) reasonClause(r deploy.Reason, p checks.RenderContext) string {
	subject, last := asName(r.Subject, p), ""
	if r.Last != nil && !r.Last.Passed() {
		last = " (" + asName(strings.TrimPrefix(r.Last.String(), r.Last.Method+" "+r.Last.Path+": "), p) + ")"
	}
	switch r.Kind {
	case deploy.ReasonProbeFails:
		return fmt.Sprintf("%s failed %d of the last %d times%s", subject, r.Failed, r.Of, last)
	case deploy.ReasonOldVersion:
		return fmt.Sprintf("%s did not report the deployed commit in any of %s%s", subject, checks.Count(r.Of, "sample"), last)
	case deploy.ReasonProbeUnsteady:
		return fmt.Sprintf("%s failed %d of %d times%s", subject, r.Failed, r.Of, last)
	case deploy.ReasonNotProbed:
		return fmt.Sprintf("%s was not requested%s", subject, last)
	case deploy.ReasonNoAddress:
		return "the URL of the service is not known"
	case deploy.ReasonNotDeclared:
		return "no verification is declared"
	case deploy.ReasonTooFew:
		return fmt.Sprintf("only %d of %d samples were taken", r.Failed, r.Of)
	case deploy.ReasonSignal:
		return d.signalWords([]string{subject}, *r.Signal, p)
	case deploy.ReasonNotMeasured:
		return gapWords(*r.Gap, p)
	case deploy.ReasonNotServed:
		return "no response reported the deployed commit, so signals do not count"
	case deploy.ReasonProbesPass:
		alone := ""
		if len(d.Run.Plan.Signals) == 0 {
			alone = "; no signals are declared"
		}
		return d.probesPassed(r.Of) + alone
	case deploy.ReasonNewer:
		return "a newer deployment replaced it"
	case deploy.ReasonInterrupted:
		return fmt.Sprintf("the run was stopped after %d of %d samples", r.Failed, r.Of)
	}
	return string(r.Kind)
}

// probeTable shows each probe with its last result and how often it passed.
func (d Deployed) probeTable() string {
	if len(d.Samples) == 0 {
		return ""
	}
	last := d.Samples[len(d.Samples)-1]
	if len(last.Probes) == 0 {
		return ""
	}
	var out strings.Builder
	out.WriteString("| Probe | Passed | Last result |\n|---|---|---|\n")
	for i, probe := range last.Probes {
		passed := 0
		for _, sample := range d.Samples {
			if i < len(sample.Probes) && sample.Probes[i].Passed() {
				passed++
			}
		}
		name := probe.Name()
		fmt.Fprintf(&out, "| %s | %d of %d | %s |\n", checks.Escape(name, checks.InCell), passed, len(d.Samples), checks.Escape(probe.Says(), checks.InCell))
	}
	out.WriteString("\n")
	return out.String()
}

// DeploymentStatusText is what a deployment's status says of a verdict, within GitHub's
// limit.
func DeploymentStatusText(d Deployed) string {
	return checks.Fit(d.verdictTitle(), checks.Limit{Max: checks.MaxStatusDescription, Characters: true})
}

// DeploymentComment reports on a pull request how its deployment went.
func DeploymentComment(d Deployed) string {
	var out strings.Builder
	out.WriteString(d.headline() + "\n\n")
	fmt.Fprintf(&out, "<sub>Deployed as %s. %s.</sub>\n\n%s", checks.Web{Base: d.WebURL}.Commit(d.Repository, d.Run.Commit, checks.InCode), d.whereShown(), checks.DeploymentMarker)
	return checks.Fit(out.String(), checks.Limit{Max: checks.MaxComment})
}
