package simulator

import "plimsoll/server/simulator/internal/page"

// Render shows the pull request's page as text, the same from run to run: title,
// state, conversation, check runs with annotations, statuses. What the App wrote and no
// such page shows is in RenderAll.
func (s *Simulator) Render(p *PullRequest) string {
	defer s.lock()()
	return page.PullText(s.github, p.model)
}

// RenderAll shows everything that the App wrote: all pull requests with a trace of
// it, issues, and what is on commits, deployments and gates.
func (s *Simulator) RenderAll() string {
	defer s.lock()()
	return page.AllText(s.github)
}

// RenderCommit shows what is on a commit (a branch, tag or SHA) as RenderAll does, such
// as a merge group's head. A commit without any check or status is one line.
func (s *Simulator) RenderCommit(r *Repository, at string) string {
	defer s.lock()()
	return page.CommitText(s.github, r.model, r.model.MustResolve(at))
}
