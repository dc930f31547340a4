package page

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"plimsoll/server/simulator/internal/model"
)

// renderedBase stands for the base URL in rendered text, which must not change with
// the port.
const renderedBase = "https://github.test"

// text collects lines.
type text struct {
	strings.Builder
	github *model.GitHub
}

// PullText shows a pull request's page as text: title, state, conversation, check runs
// with annotations, statuses. What the App wrote and no such page shows is in AllText.
func PullText(github *model.GitHub, p *model.PullRequest) string {
	t := &text{github: github}
	t.pull(p)
	return t.String()
}

// CommitText shows what is on a commit as AllText does, such as a merge group's head. A
// commit without any check or status is one line.
func CommitText(github *model.GitHub, r *model.Repository, at plumbing.Hash) string {
	t := &text{github: github}
	t.commit(r, at)
	return t.String()
}

// AllText shows everything that the App wrote: all pull requests with a trace of it,
// issues, and what is on commits, deployments and gates.
func AllText(github *model.GitHub) string {
	t := &text{github: github}
	for _, r := range t.github.Repositories() {
		shown := map[plumbing.Hash]bool{}
		for _, i := range r.Issues {
			if i.Pull != nil && t.touched(i.Pull) {
				t.pull(i.Pull)
				shown[i.Pull.Head] = true
			}
			if i.Pull == nil && (i.ByApp || i.AppEdits+i.AppDeleted > 0) {
				t.line("# %s: issue %d: %s (%s)", r.FullName(), i.Number, i.Title, i.State)
				t.block(1, i.Body)
				t.conversation(i)
			}
		}
		t.commits(r, shown)
		t.deployments(r)
		for _, d := range r.Dispatches {
			t.line("# %s: workflow %s started on %s", r.FullName(), d.Workflow, d.Ref)
			for _, key := range slices.Sorted(maps.Keys(d.Inputs)) {
				t.line("    %s: %v", key, d.Inputs[key])
			}
		}
	}
	return t.String()
}

// touched reports whether the App has written anything to the pull request.
func (t *text) touched(p *model.PullRequest) bool {
	if suite := p.Repo.OwnSuite(p.Head); suite != nil && len(suite.Runs) > 0 {
		return true
	}
	return p.AppEdits+p.AppDeleted > 0 || len(p.Repo.StatusesOf(p.Head)) > 0 || slices.ContainsFunc(p.Comments, func(c *model.Comment) bool {
		return c.Author == t.github.App.Bot || len(c.Reactions) > 0
	})
}

func (t *text) line(format string, args ...any) {
	line := strings.ReplaceAll(fmt.Sprintf(format, args...), t.github.BaseURL, renderedBase)
	t.WriteString(strings.TrimRight(line, " \t"))
	t.WriteByte('\n')
}

// block writes a text of several lines, indented by depth steps of four.
func (t *text) block(depth int, body string) {
	for line := range strings.Lines(body) {
		t.line("%s%s", strings.Repeat("    ", depth), strings.TrimRight(line, "\r\n"))
	}
}

func (t *text) pull(p *model.PullRequest) {
	state := p.State
	switch {
	case p.MergedAt != nil:
		state = "merged"
	case p.Draft:
		state = "draft"
	}
	t.line("# %s: pull request %d: %s (%s)", p.Repo.FullName(), p.Number, p.Title, state)
	t.line("%s wants to merge %s:%s into %s", p.Author.Login, p.HeadRepo.Owner.Login, p.HeadRef, p.BaseRef)
	if len(p.Labels) > 0 {
		t.line("labels: %s", strings.Join(p.Labels, ", "))
	}
	if p.Body != "" {
		t.block(1, p.Body)
	}
	t.conversation(p.Issue)
	t.runs(p.Repo, p.Head)
	t.statuses(p.Repo, p.Head)
	t.line("")
}

func (t *text) conversation(i *model.Issue) {
	if i.AppEdits > 0 {
		t.line("edited %d× by %s", i.AppEdits, t.github.App.Bot.Login)
	}
	if i.AppDeleted > 0 {
		t.line("%d comments deleted by %s", i.AppDeleted, t.github.App.Bot.Login)
	}
	for _, c := range i.Comments {
		edited := ""
		if c.Edits > 0 {
			edited = fmt.Sprintf(" (edited %d×)", c.Edits)
		}
		t.line("")
		t.line("## comment by %s%s", c.Author.Login, edited)
		t.block(1, c.Body)
		if len(c.Reactions) > 0 {
			var list []string
			for _, r := range c.Reactions {
				list = append(list, fmt.Sprintf(":%s: by %s", r.Content, r.User.Login))
			}
			t.line("    reactions: %s", strings.Join(list, ", "))
		}
	}
}

// runs shows all check runs of a commit by name, because their order is chance,
// and those of one name oldest first. A run that its App has replaced by a newer one of
// the same name takes one line.
func (t *text) runs(r *model.Repository, head plumbing.Hash) {
	latest := r.RunsAt(head, true)
	byName := r.RunsAt(head, false)
	slices.SortStableFunc(byName, func(a, b *model.CheckRun) int { return strings.Compare(a.Name, b.Name) })
	for _, run := range byName {
		result := run.Status
		if run.Status == "completed" {
			result = run.Conclusion
		}
		if run.Suite.App != t.github.App {
			result += " (by " + run.Suite.App.Slug + ")"
		}
		t.line("")
		if !slices.Contains(latest, run) {
			t.line("## check %s: %s (replaced)", run.Name, result)
			continue
		}
		t.line("## check %s: %s", run.Name, result)
		if run.ExternalID != "" {
			t.line("external id: %s", run.ExternalID)
		}
		if run.DetailsURL != "" {
			t.line("details: %s", run.DetailsURL)
		}
		if run.HasOutput {
			t.line("title: %s", run.Title)
			t.line("summary:")
			t.block(1, run.Summary)
			if run.Text != "" {
				t.line("text:")
				t.block(1, run.Text)
			}
		}
		for _, a := range run.Annotations {
			t.line("annotation %s", strings.ReplaceAll(a.Line(), "\n", "\n    "))
			if a.RawDetails != nil {
				t.block(1, *a.RawDetails)
			}
		}
		for _, a := range run.Actions {
			t.line("button [%s] %s (%s)", a.Label, a.Description, a.Identifier)
		}
	}
}

func (t *text) statuses(r *model.Repository, head plumbing.Hash) {
	for _, status := range r.StatusesOf(head) {
		t.line("")
		t.line("## status %s: %s: %s", status.Context, status.State, status.Description)
		if status.TargetURL != "" {
			t.line("details: %s", status.TargetURL)
		}
	}
}

// commits shows what the App wrote on commits that are no pull request's head.
func (t *text) commits(r *model.Repository, shown map[plumbing.Hash]bool) {
	ids := slices.Sorted(maps.Keys(t.github.CheckSuites))
	for _, id := range ids {
		suite := t.github.CheckSuites[id]
		if suite.Repo != r || suite.App != t.github.App || shown[suite.Head] || len(suite.Runs) == 0 {
			continue
		}
		shown[suite.Head] = true
		t.commit(r, suite.Head)
	}
	for _, status := range r.Statuses {
		if !shown[status.SHA] {
			shown[status.SHA] = true
			t.commit(r, status.SHA)
		}
	}
}

func (t *text) commit(r *model.Repository, at plumbing.Hash) {
	t.line("# %s: commit %s", r.FullName(), at)
	if g := r.Group(at.String()); g != nil {
		for _, p := range g.Pulls {
			t.line("merge group of pull request %d: %s (%s)", p.Number, p.Title, cmp.Or(g.Ended, "queued"))
		}
	}
	t.runs(r, at)
	t.statuses(r, at)
	t.line("")
}

// deployments shows deployments with a trace of the App.
func (t *text) deployments(r *model.Repository) {
	for _, d := range r.Deployments {
		var lines []string
		for _, status := range d.Statuses {
			if status.ByApp {
				lines = append(lines, strings.TrimSpace(fmt.Sprintf("status %s: %s %s", status.State, status.Description, status.LogURL)))
			}
		}
		for _, review := range r.Reviews {
			if review.Run.Deployment == d {
				lines = append(lines, "gate "+review.Line())
			}
		}
		if len(lines) == 0 && !d.ByApp {
			continue
		}
		t.line("# %s: deployment of %s to %s: %s, by %s", r.FullName(), d.SHA, d.Environment, d.Task, d.Creator.Login)
		if d.Description != "" {
			t.line("%s", d.Description)
		}
		for _, line := range lines {
			t.line("%s", line)
		}
		t.line("")
	}
}
