package deploytext

import (
	"fmt"
	"strconv"
	"time"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// Refused is what a page says that is not shown.
type Refused struct{ Title, Text string }

// EvidenceRefused says that a page is not shown: because its link has ended, because it was
// asked for too often, because of us, or else for a reason that is not told.
func EvidenceRefused(ended, tooOften, ours bool) Refused {
	switch {
	case ended:
		return Refused{"This link has ended", "Links to evidence are good for a limited time. The verdict itself stands in the check run plimsoll/deploy on the commit, and in the ledger."}
	case tooOften:
		return Refused{"Too often", "This page was asked for very often just now. Try again in a minute."}
	case ours:
		return Refused{"Something went wrong", "The page could not be made. Try again; if it stays so, tell whoever runs the server."}
	}
	return Refused{"Not found", "There is no page here. If you followed a link, it may not be complete: take it from the check run plimsoll/deploy (Details)."}
}

// EvidenceOpenTo says who can see a page.
func EvidenceOpenTo(repo contracts.RepositoryRef, until time.Time) string {
	text := "Whoever has this link can see this page until " + until.UTC().Format("2 January 2006, 15:04") + " UTC; there is no login."
	switch {
	case !repo.Private:
		return text + " The repository is public, and so is the link on its check run."
	case repo.Internal:
		return text + " The repository is internal: pass the link on only inside the enterprise."
	}
	return text + " The repository is private: pass the link on only to people who may know what is here."
}

// ChartDescription is what somebody hears of a signal's plot who does not see it.
func ChartDescription(s SignalEvidence) string {
	return fmt.Sprintf("%s around the deployment. Before: %s. After: %s. %s.", s.Name, s.Before, s.After, checks.UpperFirst(s.Says))
}

// Sentence is what was decided of a signal, as a sentence.
func (s SignalEvidence) Sentence() string { return checks.UpperFirst(s.Says) + "." }

// StripDescription is the same of the small plot of the days before.
const StripDescription = "The seven days before the deployment, as a small plot: what is usual there is what the deployment is compared with."

// UnusualDescription is the same of the plot that shows how unusual the change is.
func UnusualDescription(s SignalEvidence) string {
	return checks.UpperFirst(byItself(*s.Result)) + "."
}

// UnusualWords explains that plot.
const UnusualWords = "The wedge is this deployment among the quiet moments of the days before, by the size of the change; the box holds what lies between 5 and 95 of 100 of them."

// PlotWords explains how the plots are to be read.
const PlotWords = "In each plot: the line is what was measured, with gaps where nothing was; the solid bar is the level before, the dashed bar the level after; the boxed time right after the deployment does not count; dotted lines are declared limits."

// CommitAddress is where GitHub shows a commit; empty where that is not known.
func CommitAddress(webURL string, repo contracts.RepositoryRef, sha string) string {
	if webURL == "" || repo.Name == "" || sha == "" {
		return ""
	}
	w := checks.Web{Base: webURL}
	return w.Repository(repo) + "/commit/" + checks.Segment(sha)
}

// PullAddress is where GitHub shows a pull request; empty where that is not known.
func PullAddress(webURL string, repo contracts.RepositoryRef, number int) string {
	if webURL == "" || repo.Name == "" {
		return ""
	}
	return checks.Web{Base: webURL}.Repository(repo) + "/pull/" + strconv.Itoa(number)
}
