package readiness

import "slices"

// Level is how much a rule matters. The policy decides whether a violation blocks, not the
// level.
type Level string

// The levels.
const (
	// Error: without it a failure goes unnoticed or can't be stopped.
	Error Level = "error"
	// Warning: it works, but not well.
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
	{"HC001", Error, "no health endpoint declared", "Without a health endpoint, a service counts as healthy while it returns errors.", "health endpoint"},
	{"HC002", Error, "health endpoint neither in the contract nor probed", "An endpoint that is in no contract and that no probe requests may not exist.", "health endpoint in use"},
	{"HC003", Error, "workload without its probes", "Without probes, Kubernetes sends requests to pods that are not ready and keeps pods that hang.", "probes"},
	{"HC004", Error, "probe on a port that the container does not have", "A probe of the wrong port always fails, so the pod is restarted or gets no requests.", "probe ports"},
	{"HC005", Warning, "probe timeout as long as its period", "A probe whose timeout is as long as its period hides slow answers.", "probe timing"},
	{"HC006", Error, "image without a health check", "Without an orchestrator that probes the container, only the image's health check can report a failure.", "image health check"},
	{"AL001", Error, "no alert for the component", "Without an alert, customers notice a failure first.", "alerts"},
	{"AL002", Error, "invalid rule file", "Prometheus rejects the whole file, with every alert in it.", "rule files"},
	{"AL003", Warning, "incomplete alert", "An alert without a delay, a severity or instructions is soon ignored.", "alert contents"},
	{"AL004", Error, "alert on a metric that does not exist", "An alert on a metric that does not exist never fires.", "alert metrics"},
	{"RB001", Error, "no runbook", "The person on call needs to know what the service does, what to check and how to stop the damage.", "runbook"},
	{"VF001", Error, "production is not verified", "Without verification, users find a bad deployment first, hours or days late.", "verification"},
	{"VF002", Warning, "verification by probes alone", "A probe shows that the service answers, not that one request in ten fails.", "signals"},
	{"VF003", Warning, "no probe checks the version", "While old pods still answer, probes and signals measure the old version.", "version probe"},
	{"DP001", Warning, "deployments may overtake each other", "If two deployments run at once, the older commit may finish last and stay live.", "one deployment at a time"},
	{"DP002", Error, "no way to roll back", "Without a way to roll back, a bad deployment stays until a fix passes the whole pipeline.", "rollback"},
	{"OW001", Error, "no owner", "Without an owner, nobody is notified of a break and nobody can acknowledge one.", "owner"},
}

// RuleOf gives the rule with an id; ok is false for an unknown one.
func RuleOf(id string) (rule Rule, ok bool) {
	i := slices.IndexFunc(Rules, func(r Rule) bool { return r.ID == id })
	if i < 0 {
		return Rule{}, false
	}
	return Rules[i], true
}
