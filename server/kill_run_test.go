package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"plimsoll/deploy/ledger"
	"plimsoll/server/simulator"
)

// killRun is one run of a scenario.
type killRun struct {
	*killable
	name        string
	happened    bool // the moment has come
	repo        *simulator.Repository
	pull        *simulator.PullRequest
	commit      string
	good        string // the commit that was verified before
	deployments []*simulator.Deployment

	// How much there was before the run.
	before, issues, dispatches, requests int
	sequence                             int64
}

// run plays a scenario, with what happens to a server at a moment; m may be nil.
func (k *killable) run(scenario killScenario, m *moment) *killRun {
	k.t.Helper()
	k.startDead()
	// At the beginning of an hour of the next day: hourly jobs run before it, and a limit
	// of one roll back a day is not met.
	k.setClock(k.time().Truncate(time.Hour).Add(25 * time.Hour))
	k.runs++
	r := &killRun{killable: k, name: fmt.Sprintf("change-%d", k.runs)}
	if scenario.prepare != nil {
		scenario.prepare(r)
	}
	r.settle()
	r.requests = len(k.github.Requests())
	if r.repo != nil {
		r.before, r.issues, r.dispatches = len(r.repo.Deployments()), len(r.repo.Issues()), len(r.repo.Dispatches())
	}
	for _, entry := range r.entries() {
		r.sequence = entry.Sequence
	}
	k.begin(m)
	scenario.play(r)
	r.settle()
	k.end()
	return r
}

// settle waits until nothing is left to do in this run.
func (r *killRun) settle() {
	r.t.Helper()
	r.killable.settle(r)
}

// entries gives the entries that the ledger has got since the run began.
func (r *killRun) entries() []ledger.Entry {
	r.t.Helper()
	var list []ledger.Entry
	for entry, err := range r.ledger.Ledger(r.t.Context(), r.app.ID(), r.sequence) {
		if err != nil {
			r.t.Fatal(err)
		}
		list = append(list, entry)
	}
	return list
}

// result is all that people see in the end, in lines without what differs between runs.
func (r *killRun) result() string {
	r.t.Helper()
	var lines []string
	line := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	made := map[runMade]int{}
	for _, e := range r.github.RequestsSince(r.requests, false) {
		if e.Operation == "checks/create" && e.Status == http.StatusCreated {
			made[runOf(e.Body)]++
		}
	}
	for run, n := range made {
		line("%d check runs %s on %s", n, run.Name, r.commitName(run.Head))
	}
	for _, check := range r.repo.Checks(r.commit) {
		line("check %s: %s, %s: %s", check.Name, check.Status, check.Conclusion, check.Title)
	}
	line("%d comments", len(r.pull.Comments()))
	for _, c := range r.pull.Comments() {
		line("comment: %s", mentions.ReplaceAllString(c.Body, ""))
	}
	line("%d deployments, %d of them roll back", len(r.repo.Deployments())-r.before, len(r.rollbacks()))
	for i, d := range r.deployments {
		line("deployment %d: %s", i+1, strings.Join(d.Statuses(), ", "))
	}
	for _, d := range r.repo.Dispatches()[r.dispatches:] {
		line("workflow %s started on %s with %v", d.Workflow, d.Ref, d.Inputs)
	}
	for _, issue := range r.repo.Issues()[r.issues:] {
		line("issue %s with %d comments: %s", issue.State, len(issue.Comments), issue.Title)
	}
	for _, entry := range r.entries() {
		line("ledger: %s", r.entryLine(entry))
	}
	slices.Sort(lines)
	text := strings.Join(lines, "\n") + "\n"
	for _, v := range varying {
		text = v.pattern.ReplaceAllString(text, v.by)
	}
	return text
}

// mentions are left out: owners are mentioned when a comment is made, and an edit that
// follows a kill need not mention them again.
var mentions = regexp.MustCompile(`(?m)^cc @.*\n\n`)

// varying differs between runs.
var varying = []struct {
	pattern *regexp.Regexp
	by      string
}{
	{regexp.MustCompile(`\b[0-9a-f]{40}\b`), "COMMIT"},
	{regexp.MustCompile(`\b[0-9a-f]{7}\b`), "SHORT"},
	{regexp.MustCompile(`signature=[0-9a-f]{64}`), "signature"},
	{regexp.MustCompile(`expires=\d+`), "expires"},
	{regexp.MustCompile(`/\d{2,}`), "/N"},
	{regexp.MustCompile(`/pull/\d+/checks`), "/pull/N/checks"},
	{regexp.MustCompile(`#\d+`), "#N"},
	{regexp.MustCompile(`change-\d+`), "change"},
}

func (r *killRun) commitName(sha string) string {
	switch sha {
	case r.commit:
		return "the commit"
	case r.good:
		return "the good commit"
	}
	return "another commit"
}

// entryLine is an entry of the ledger in one line.
func (r *killRun) entryLine(entry ledger.Entry) string {
	r.t.Helper()
	if entry.Kind != ledger.EntryVerdict {
		return fmt.Sprintf("%s %s, %s", entry.Kind, r.commitName(entry.Commit), entry.Once)
	}
	var body ledger.VerdictEntry
	if err := json.Unmarshal(entry.Body, &body); err != nil {
		r.t.Fatal(err)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "verdict %s, %s after %d samples:", r.commitName(entry.Commit), body.Verdict.Answer, body.Verdict.Samples)
	for _, reason := range body.Verdict.Reasons {
		fmt.Fprintf(&text, " %s %s %d of %d,", reason.Kind, reason.Subject, reason.Failed, reason.Of)
	}
	for _, sample := range body.Samples {
		fmt.Fprintf(&text, " %d", sample.N)
	}
	return text.String()
}

// difference gives the lines that only one of two results has.
func difference(want, got string) string {
	surplus := map[string]int{}
	for line := range strings.Lines(got) {
		surplus[line]++
	}
	var text strings.Builder
	for line := range strings.Lines(want) {
		if surplus[line]--; surplus[line] < 0 {
			text.WriteString("- " + line)
		}
	}
	for line := range strings.Lines(got) {
		if surplus[line] > 0 {
			surplus[line]--
			text.WriteString("+ " + line)
		}
	}
	return text.String()
}
