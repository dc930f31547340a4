package readiness

import "slices"

// Level is how much a rule matters. Whether a violation blocks is the policy's to
// say, not the level's.
type Level string

// The levels.
const (
	// Error: without it nobody notices, or nothing can be done, when it breaks.
	Error Level = "error"
	// Warning: it works, less well than it could.
	Warning Level = "warning"
)

// Rule is one thing that a component needs before it may run in production.
type Rule struct {
	// ID is stable: waivers and policies name it.
	ID    string
	Level Level
	// Title names what is wrong where the rule is violated.
	Title string
	// Why it matters, in one sentence.
	Why string
	// Good names what is in place where the rule is kept, for the summary.
	Good string
}

// Rules are all rules, in the order of reports. See docs/verification.md, "Readiness
// rules".
var Rules = []Rule{
	{"HC001", Error, "no health endpoint declared", "Whoever starts, watches or balances the service asks an endpoint whether it is well; without one it is taken for healthy while it answers errors.", "health endpoint"},
	{"HC002", Error, "health endpoint neither in the contract nor probed", "An endpoint that no contract offers and nobody asks may not exist.", "health endpoint in use"},
	{"HC003", Error, "workload without its probes", "Kubernetes sends requests to a pod that is not ready and keeps one that hangs, unless a readiness and a liveness probe tell them apart.", "probes"},
	{"HC004", Error, "probe on a port that the container does not have", "A probe that asks the wrong port fails for ever, and the pod is restarted or never gets a request.", "probe ports"},
	{"HC005", Warning, "probe waits as long as its period", "A probe that may take as long as the time between two of them hides slowness, and overlaps itself.", "probe timing"},
	{"HC006", Error, "image without a health check", "Where no orchestrator probes the container, only the image can say when it has stopped working.", "image's health check"},
	{"AL001", Error, "no alert names the component", "Customers find out first where no alert watches the service.", "alerts"},
	{"AL002", Error, "rule file cannot be used", "Prometheus refuses the whole file for one fault, and every alert in it is gone.", "rule files"},
	{"AL003", Warning, "alert without what its receiver needs", "An alert that fires at a blip, has no severity or does not say what to do is soon switched off.", "alert contents"},
	{"AL004", Error, "alert on a metric that does not exist", "An alert on a metric that nobody exports never fires.", "alert metrics"},
	{"RB001", Error, "no runbook", "Whoever is woken at night needs to know what it does, what to look at and how to stop it.", "runbook"},
	{"VF001", Error, "production is not verified", "Without a verification a bad deployment is found by its users, hours or days late.", "verification"},
	{"VF002", Warning, "verification by probes alone", "A probe sees whether it answers, not whether one request in ten fails.", "signals"},
	{"VF003", Warning, "no probe asks for the version", "While old pods still answer, what is measured is the old version.", "version probe"},
	{"DP001", Warning, "deployments may overtake each other", "Of two runs at once the older may finish last, and is what then runs.", "one deployment at a time"},
	{"DP002", Error, "nothing can roll this back", "When it goes bad, there is no way back but a new commit through the whole pipeline.", "way back"},
	{"OW001", Error, "no owner", "Nobody is told when it breaks, and nobody can say that it may.", "owner"},
}

// RuleOf gives the rule with an id; ok is false for an unknown one.
func RuleOf(id string) (rule Rule, ok bool) {
	i := slices.IndexFunc(Rules, func(r Rule) bool { return r.ID == id })
	if i < 0 {
		return Rule{}, false
	}
	return Rules[i], true
}
