package simulator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// renderedBase stands for the base URL in rendered text, which must not change with
// the port.
const renderedBase = "https://github.test"

// Render shows the pull request's page as text, the same from run to run: title,
// state, conversation, check runs with annotations, statuses, deployments of its
// head. What the App wrote and no such page shows stands in RenderAll.
func (s *Simulator) Render(p *PullRequest) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &text{base: s.base}
	s.renderPull(t, p)
	return t.String()
}

// RenderAll shows everything that the App wrote: all pull requests with a trace of
// it, issues, and what stands on commits, deployments and gates.
func (s *Simulator) RenderAll() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &text{base: s.base}
	for _, r := range s.allRepositories() {
		shown := map[plumbing.Hash]bool{}
		for _, i := range r.issues {
			if i.pull != nil && s.touched(i.pull) {
				s.renderPull(t, i.pull)
				shown[i.pull.head] = true
			}
			if i.pull == nil && (i.byApp || i.appEdits+i.appDeleted > 0) {
				t.line("# %s: issue %d: %s (%s)", r.fullName(), i.number, i.title, i.state)
				t.block(1, i.body)
				s.renderConversation(t, i)
			}
		}
		s.renderCommits(t, r, shown)
		s.renderDeployments(t, r)
		for _, d := range r.dispatches {
			t.line("# %s: workflow %s started on %s", r.fullName(), d.workflow, d.ref)
			for _, key := range slices.Sorted(maps.Keys(d.inputs)) {
				t.line("    %s: %v", key, d.inputs[key])
			}
		}
	}
	return t.String()
}

// RenderCommit shows what stands on a commit (a branch, tag or SHA) as RenderAll
// does, such as a merge group's head. A commit without any check or status is one
// line.
func (s *Simulator) RenderCommit(r *Repository, at string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &text{base: s.base}
	s.renderCommit(t, r, r.mustResolve(at))
	return t.String()
}

// touched says whether the App has written anything to the pull request.
func (s *Simulator) touched(p *PullRequest) bool {
	if suite := p.repo.ownSuite(p.head); suite != nil && len(suite.runs) > 0 {
		return true
	}
	return p.appEdits+p.appDeleted > 0 || len(p.repo.statusesOf(p.head)) > 0 || slices.ContainsFunc(p.comments, func(c *comment) bool {
		return c.author == s.app.bot || len(c.reactions) > 0
	})
}

// text collects lines.
type text struct {
	strings.Builder
	base string
}

func (t *text) line(format string, args ...any) {
	line := strings.ReplaceAll(fmt.Sprintf(format, args...), t.base, renderedBase)
	t.WriteString(strings.TrimRight(line, " \t"))
	t.WriteByte('\n')
}

// block writes a text of several lines, indented by depth steps of four.
func (t *text) block(depth int, body string) {
	for line := range strings.Lines(body) {
		t.line("%s%s", strings.Repeat("    ", depth), strings.TrimRight(line, "\r\n"))
	}
}

func (s *Simulator) renderPull(t *text, p *PullRequest) {
	state := p.state
	switch {
	case p.mergedAt != nil:
		state = "merged"
	case p.draft:
		state = "draft"
	}
	t.line("# %s: pull request %d: %s (%s)", p.repo.fullName(), p.number, p.title, state)
	t.line("%s wants to merge %s:%s into %s", p.author.login, p.headRepo.owner.login, p.headRef, p.baseRef)
	if len(p.labels) > 0 {
		t.line("labels: %s", strings.Join(p.labels, ", "))
	}
	if p.body != "" {
		t.block(1, p.body)
	}
	s.renderConversation(t, p.issue)
	s.renderRuns(t, p.repo, p.head)
	s.renderStatuses(t, p.repo, p.head)
	t.line("")
}

func (s *Simulator) renderConversation(t *text, i *issue) {
	if i.appEdits > 0 {
		t.line("edited %d× by %s", i.appEdits, s.app.bot.login)
	}
	if i.appDeleted > 0 {
		t.line("%d comments deleted by %s", i.appDeleted, s.app.bot.login)
	}
	for _, c := range i.comments {
		edited := ""
		if c.edits > 0 {
			edited = fmt.Sprintf(" (edited %d×)", c.edits)
		}
		t.line("")
		t.line("## comment by %s%s", c.author.login, edited)
		t.block(1, c.body)
		if len(c.reactions) > 0 {
			var told []string
			for _, r := range c.reactions {
				told = append(told, fmt.Sprintf(":%s: by %s", r.content, r.user.login))
			}
			t.line("    reactions: %s", strings.Join(told, ", "))
		}
	}
}

// renderRuns shows all check runs of a commit by name, because their order is chance,
// and those of one name oldest first. A run that its App has replaced by a newer one of
// the same name takes one line.
func (s *Simulator) renderRuns(t *text, r *Repository, head plumbing.Hash) {
	latest := r.runsAt(head, true)
	byName := r.runsAt(head, false)
	slices.SortStableFunc(byName, func(a, b *checkRun) int { return strings.Compare(a.name, b.name) })
	for _, run := range byName {
		result := run.status
		if run.status == "completed" {
			result = run.conclusion
		}
		if run.suite.app != s.app {
			result += " (by " + run.suite.app.slug + ")"
		}
		t.line("")
		if !slices.Contains(latest, run) {
			t.line("## check %s: %s (replaced)", run.name, result)
			continue
		}
		t.line("## check %s: %s", run.name, result)
		if run.externalID != "" {
			t.line("external id: %s", run.externalID)
		}
		if run.detailsURL != "" {
			t.line("details: %s", run.detailsURL)
		}
		if run.hasOutput {
			t.line("title: %s", run.title)
			t.line("summary:")
			t.block(1, run.summary)
			if run.text != "" {
				t.line("text:")
				t.block(1, run.text)
			}
		}
		for _, a := range run.annotations {
			t.line("annotation %s", strings.ReplaceAll(a.line(), "\n", "\n    "))
			if a.RawDetails != nil {
				t.block(1, *a.RawDetails)
			}
		}
		for _, a := range run.actions {
			t.line("button [%s] %s (%s)", a.Label, a.Description, a.Identifier)
		}
	}
}

func (s *Simulator) renderStatuses(t *text, r *Repository, head plumbing.Hash) {
	for _, status := range r.statusesOf(head) {
		t.line("")
		t.line("## status %s: %s: %s", status.context, status.state, status.description)
		if status.targetURL != "" {
			t.line("details: %s", status.targetURL)
		}
	}
}

// renderCommits shows what the App wrote on commits that are no pull request's head.
func (s *Simulator) renderCommits(t *text, r *Repository, shown map[plumbing.Hash]bool) {
	ids := slices.Sorted(maps.Keys(s.suites))
	for _, id := range ids {
		suite := s.suites[id]
		if suite.repo != r || suite.app != s.app || shown[suite.head] || len(suite.runs) == 0 {
			continue
		}
		shown[suite.head] = true
		s.renderCommit(t, r, suite.head)
	}
	for _, status := range r.statuses {
		if !shown[status.sha] {
			shown[status.sha] = true
			s.renderCommit(t, r, status.sha)
		}
	}
}

func (s *Simulator) renderCommit(t *text, r *Repository, at plumbing.Hash) {
	t.line("# %s: commit %s", r.fullName(), at)
	if g := r.group(at.String()); g != nil {
		for _, p := range g.pulls {
			t.line("merge group of pull request %d: %s (%s)", p.number, p.title, cmp.Or(g.ended, "queued"))
		}
	}
	s.renderRuns(t, r, at)
	s.renderStatuses(t, r, at)
	t.line("")
}

// renderDeployments shows deployments with a trace of the App.
func (s *Simulator) renderDeployments(t *text, r *Repository) {
	for _, d := range r.deployments {
		var lines []string
		for _, status := range d.statuses {
			if status.byApp {
				lines = append(lines, strings.TrimSpace(fmt.Sprintf("status %s: %s %s", status.state, status.description, status.logURL)))
			}
		}
		for _, review := range r.reviews {
			if review.run.deployment == d {
				lines = append(lines, "gate "+review.line())
			}
		}
		if len(lines) == 0 && !d.byApp {
			continue
		}
		t.line("# %s: deployment of %s to %s: %s, by %s", r.fullName(), d.sha, d.environment, d.task, d.creator.login)
		if d.description != "" {
			t.line("%s", d.description)
		}
		for _, line := range lines {
			t.line("%s", line)
		}
		t.line("")
	}
}
