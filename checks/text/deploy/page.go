package deploytext

import (
	"fmt"
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
		return Refused{"This link has ended", "Links to evidence expire. The verdict is in the check run plimsoll/deploy on the commit, and in the ledger."}
	case tooOften:
		return Refused{"Too many requests", "There were too many requests for this page. Try again in a minute."}
	case ours:
		return Refused{"Something went wrong", "The page could not be created. Try again. If it fails again, tell the operator of this server."}
	}
	return Refused{"Not found", "There is no page here. If you followed a link, it may be incomplete. Use Details on the check run plimsoll/deploy."}
}

// EvidenceOpenTo says who can see a page.
func EvidenceOpenTo(repo contracts.RepositoryRef, until time.Time) string {
	text := "Anyone with this link can see this page until " + until.UTC().Format("2 January 2006, 15:04") + " UTC. There is no login."
	switch {
	case !repo.Private:
		return text + " The repository is public, so the link on its check run is public too."
	case repo.Internal:
		return text + " The repository is internal: share the link only inside the enterprise."
	}
	return text + " The repository is private: share the link only with people who may see this."
}

// ChartDescription is what somebody hears of a signal's plot who does not see it.
func ChartDescription(s SignalEvidence) string {
	return fmt.Sprintf("%s around the deployment. Before: %s. After: %s. %s.", s.Name, s.Before, s.After, checks.UpperFirst(s.Says))
}

// Sentence is what was decided of a signal, as a sentence.
func (s SignalEvidence) Sentence() string { return checks.UpperFirst(s.Says) + "." }

// StripDescription is the same of the small plot of the days before.
const StripDescription = "The seven days before the deployment, as a small plot. They show the usual range."

// UnusualDescription is the same of the plot that shows how unusual the change is.
func UnusualDescription(s SignalEvidence) string {
	return checks.UpperFirst(rarity(*s.Result, 0)) + "."
}

// UnusualWords explains that plot.
const UnusualWords = "The wedge marks this deployment among the comparable windows, by size of the change. The box spans the 5th to the 95th percentile."

// PlotWords explain how the plots are to be read.
var PlotWords = []string{
	"In a signal's plot, the line shows the measurements, with gaps where data is missing. The solid bar is the level before, the dashed bar the level after. The boxed time right after the deployment does not count. Dotted lines are declared limits.",
	"In a probe's plot, a bar is a passed probe; its height is the response time. A cross is a failed probe. A ring is a probe that was not requested.",
	"Signals are sorted by concern: first those that decided, then by how unusual their change is.",
}
