package simulator

import (
	"fmt"
	"slices"
)

// GitHubActions is the slug of the App whose check runs the jobs of GitHub Actions are.
const GitHubActions = "github-actions"

// otherApp returns an App other than ours by its slug and registers it if needed.
func (s *Simulator) otherApp(slug string) *app {
	if slug == "" || slug == s.app.slug {
		panic(fmt.Sprintf("simulator: %q names no other App", slug))
	}
	if known := s.others[slug]; known != nil {
		return known
	}
	other := &app{
		name: slug, slug: slug, url: s.web("/apps/%s", slug), permissions: map[string]string{"checks": "write", "metadata": "read"},
		events: []string{}, owner: s.accountNamed(slug+"-makers", organization), bot: s.accountNamed(slug+"[bot]", bot), created: s.now(),
	}
	if slug == GitHubActions { // https://api.github.com/apps/github-actions
		other.id, other.name, other.owner = 15368, "GitHub Actions", s.accountNamed("github", organization)
	} else {
		other.id = s.id("app")
	}
	other.clientID = fmt.Sprintf("Iv23li%014d", other.id)
	s.others[slug] = other
	return other
}

// ForeignCheckRun makes a check run of another App, named by its slug, on a commit (a
// branch, tag or SHA): one of GitHubActions, or of an App that uses a name of ours. Without
// a conclusion it is in progress. Our App receives check_run.created and, with a
// conclusion, check_run.completed.
func (r *Repository) ForeignCheckRun(app, at, name, conclusion string) Check {
	s := r.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	if conclusion != "" && !slices.Contains(severity, conclusion) {
		panic(fmt.Sprintf("simulator: no check run concludes with %q", conclusion))
	}
	head, now := r.mustResolve(at), s.now()
	suite := r.suite(s.otherApp(app), head, r.branchAt(head))
	run := &checkRun{id: s.id("run"), suite: suite, name: name, status: "in_progress", started: &now}
	if conclusion != "" {
		run.status, run.conclusion, run.completed = "completed", conclusion, &now
	}
	s.addRun(run, suite.app.bot)
	return run.check()
}

// addRun puts a new check run into its suite and tells our App of it.
func (s *Simulator) addRun(run *checkRun, by *account) {
	run.suite.runs = append(run.suite.runs, run)
	run.suite.updated = s.now()
	s.runs[run.id] = run
	s.emitRun(run, "created", by, nil)
	if run.status == "completed" {
		s.emitRun(run, "completed", by, nil)
	}
}

// NewestCheck returns the newest check run of a name on a commit (a branch, tag or SHA),
// whichever App made it: it decides a required check of that name.
func (r *Repository) NewestCheck(at, name string) (Check, bool) {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	for _, run := range slices.Backward(r.runsAt(r.mustResolve(at), false)) {
		if run.name == name {
			return run.check(), true
		}
	}
	return Check{}, false
}
