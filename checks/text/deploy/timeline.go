package deploytext

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"plimsoll/checks"
	"plimsoll/config"
	"plimsoll/deploy"
)

// Moment is one line of what happened, in plain text.
type Moment struct {
	At   time.Time
	Text string
}

// PageLink is a link of the page. The address is one of GitHub's pages or https.
type PageLink struct{ Text, Address string }

// timeline says what happened to a deployment, and who did it.
func (d Deployed) timeline() []Moment {
	run, m := d.Run, d.Run.Rollback
	text := checks.Plain(checks.Short(run.Commit)) + " deployed"
	if run.Creator != "" {
		text += " by " + checks.Plain(run.Creator)
	}
	all := []Moment{{run.DeployedAt(), text}}
	if !run.Succeeded.IsZero() {
		all = append(all, Moment{run.Began, "Plimsoll heard of the deployment and began to verify it"})
	}
	if run.Verdict == nil {
		return all
	}
	all = append(all, Moment{run.Verdict.At, decided[run.Verdict.Answer]})
	if m == nil {
		return all
	}
	target := checks.Plain(checks.Short(m.ToCommit))
	if m.State == deploy.RollbackPerformed && !m.Performed.IsZero() {
		text := "Rollback to " + target + " started automatically"
		if m.AskedBy != "" {
			text = "Rollback to " + target + " started at the request of " + checks.Plain(m.AskedBy)
		}
		if m.By == config.ByWorkflow {
			text += ", workflow " + checks.Plain(m.Workflow)
		}
		all = append(all, Moment{m.Performed, text})
	}
	if m.Outcome != "" && !m.OutcomeAt.IsZero() {
		text := "Rolled back: " + string(m.Outcome)
		switch ended := checks.Plain(checks.Short(m.Ended)); {
		case m.EndedBy != m.Made && ended == "":
			text = "A later deployment was verified"
		case m.EndedBy != m.Made:
			text = ended + " verified"
		case m.Outcome == deploy.Verified:
			text = "Rolled back to " + ended + " and verified"
		case m.Outcome == deploy.RollBack:
			text = ended + " fails as well"
		}
		all = append(all, Moment{m.OutcomeAt, text})
	}
	return all
}

// decided is what a verdict is called in the list of what happened.
var decided = map[deploy.Answer]string{
	deploy.Verified: "Verified", deploy.RollBack: "Failed verification", deploy.Investigate: "Unusual: investigate",
	deploy.Inconclusive: "Inconclusive", deploy.Superseded: "Superseded by a newer deployment",
}

// mostPullLinks is how many pull requests are linked.
const mostPullLinks = 20

// links are the pages on GitHub about a deployment.
func (d Deployed) links() []PageLink {
	run, web := d.Run, checks.Web{Base: d.WebURL}
	if web.Base == "" || d.Repository.Name == "" {
		return nil
	}
	repository := web.Repository(d.Repository)
	all := []PageLink{{"Commit " + checks.Plain(checks.Short(run.Commit)), repository + "/commit/" + checks.Segment(run.Commit)}}
	for _, number := range run.Pulls[:min(len(run.Pulls), mostPullLinks)] {
		all = append(all, PageLink{"Pull request #" + strconv.Itoa(number), repository + "/pull/" + strconv.Itoa(number)})
	}
	if more := len(run.Pulls) - mostPullLinks; more > 0 {
		all = append(all, PageLink{fmt.Sprintf("and %d more pull requests", more), ""})
	}
	if run.Before != "" && run.Before != run.Commit {
		all = append(all, PageLink{"Changes since " + checks.Plain(checks.Short(run.Before)), repository + "/compare/" + checks.Segment(run.Before) + "..." + checks.Segment(run.Commit)})
	}
	if link, ok := d.logLink(); ok {
		all = append(all, link)
	}
	if m := run.Rollback; m != nil && m.Issue > 0 {
		all = append(all, PageLink{"Issue #" + strconv.Itoa(m.Issue), repository + "/issues/" + strconv.Itoa(m.Issue)})
	}
	return append(all, PageLink{"Deployments to " + checks.Plain(run.Target.Environment), repository + "/deployments/" + checks.Segment(run.Target.Environment)})
}

// logLink is the deployment's log. Anybody who may report a status can name it, so its host
// is shown unless it is a workflow run of the repository itself.
func (d Deployed) logLink() (PageLink, bool) {
	log, err := url.Parse(d.Run.LogURL)
	if err != nil || log.Host == "" || log.User != nil || log.Scheme != "https" && log.Scheme != "http" {
		return PageLink{}, false
	}
	runs := checks.Web{Base: d.WebURL}.Repository(d.Repository) + "/actions/runs/"
	if strings.HasPrefix(log.String(), runs) && !strings.Contains(log.Path, "..") {
		return PageLink{"Workflow run", log.String()}, true
	}
	return PageLink{"Deployment log on " + checks.Plain(log.Host), log.String()}, true
}
