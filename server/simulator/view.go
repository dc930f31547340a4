package simulator

import (
	"fmt"
	"html/template"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"

	"plimsoll/server/simulator/markdown"
)

// What the templates in pages/ are filled with. Paths are below the base URL.
type (
	repositoryView struct {
		Owner, Name, FullName, Visibility, Description, Parent string
		Archived, Installed                                    bool
		Pulls                                                  []linkView
	}
	// linkView is a pull request or an issue in a list, with the sign of its checks.
	linkView struct {
		iconView
		Path, Title, Author, State string
		Number                     int
	}
	iconView   struct{ Result, Words, Sign string }
	commitView struct {
		Path, SHA, Short, Title, Rest, Author, At string
	}
	remarkView struct {
		ID                 int64
		Author, Avatar, At string
		Bot                bool
		Edits              int
		Body               template.HTML
		Reactions          []reactionView
	}
	reactionView struct {
		Sign, Who string
		Count     int
	}
	runView struct {
		iconView
		Path, Name, By, Title, Took, Details string // By: the App, where it is not ours
		Current                              bool
		Summary, Text                        template.HTML
		Annotations                          []annotationView
		Actions                              []action
	}
	pullView struct {
		Repository                                   repositoryView
		Heading, Path, State, Author, Avatar, Opened string
		Base, Head, Commits, SHA, Tab                string
		Verdict, VerdictWords, VerdictDetail         string
		Number                                       int
		Mergeable                                    bool
		Body                                         template.HTML
		Labels                                       []string
		Talk                                         []remarkView
		Runs, Statuses                               []runView
		Files                                        []fileView
	}
)

func (s *Simulator) repositoryView(r *Repository) repositoryView {
	v := repositoryView{
		Owner: r.owner.login, Name: r.name, FullName: r.fullName(), Visibility: "public", Description: r.description,
		Archived: r.archived, Installed: s.installationFor(r) != nil,
	}
	if r.private {
		v.Visibility = "private"
	}
	if r.parent != nil {
		v.Parent = r.parent.fullName()
	}
	for _, p := range slices.Backward(r.pulls) {
		if p.state == "open" {
			v.Pulls = append(v.Pulls, s.linkView(p.issue))
		}
	}
	return v
}

func (s *Simulator) linkView(i *issue) linkView {
	v := linkView{
		Path: fmt.Sprintf("/%s/issues/%d", i.repo.fullName(), i.number), Title: i.title, Number: i.number, Author: i.author.login, State: i.state,
	}
	if p := i.pull; p != nil {
		v.Path, v.State = pagePath(p), p.shownState()
		if runs := p.repo.runsAt(p.head, true); len(runs) > 0 {
			v.iconView = icon(statusOf(runs), conclusionOf(runs))
		}
	}
	return v
}

func pagePath(p *PullRequest) string { return fmt.Sprintf("/%s/pull/%d", p.repo.fullName(), p.number) }

func (p *PullRequest) shownState() string {
	switch {
	case p.mergedAt != nil:
		return "merged"
	case p.state == "open" && p.draft:
		return "draft"
	}
	return p.state
}

// icon is the sign of a check's status and conclusion.
func icon(status, conclusion string) iconView {
	result := conclusion
	if status != "completed" || result == "" {
		result = status
	}
	signs := map[string]string{"success": "✓", "failure": "✕", "error": "✕", "timed_out": "✕", "cancelled": "✕", "action_required": "!", "neutral": "–", "skipped": "–", "in_progress": "•", "queued": "•", "pending": "•"}
	words := map[string]string{"success": "Successful", "failure": "Failing", "error": "Failing", "timed_out": "Timed out", "cancelled": "Cancelled", "action_required": "Action required", "neutral": "Neutral", "skipped": "Skipped", "in_progress": "In progress", "queued": "Queued", "pending": "Pending"}
	if result == "error" {
		return iconView{"failure", words[result], signs[result]}
	}
	return iconView{result, words[result], signs[result]}
}

func (s *Simulator) runViews(r *Repository, head plumbing.Hash) []runView {
	latest := r.runsAt(head, true)
	var list []runView
	for _, run := range slices.Backward(r.runsAt(head, false)) {
		list = append(list, s.runView(run, slices.Contains(latest, run)))
	}
	slices.SortStableFunc(list, func(a, b runView) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func (s *Simulator) runView(run *checkRun, current bool) runView {
	v := runView{
		iconView: icon(run.status, run.conclusion), Path: fmt.Sprintf("/%s/runs/%d", run.suite.repo.fullName(), run.id), Name: run.name,
		Title: run.title, Details: run.detailsURL, Current: current, Actions: run.actions,
		Summary: markdown.Render(run.summary),
	}
	if run.suite.app != s.app {
		v.By = run.suite.app.name
	}
	if run.text != "" {
		v.Text = markdown.Render(run.text)
	}
	if run.started != nil && run.completed != nil {
		if took := run.completed.Sub(*run.started).Round(time.Second); took > 0 {
			v.Took = took.String()
		}
	}
	for _, a := range run.annotations {
		view := s.annotationView(run, a)
		view.Excerpt = s.excerpt(run.suite.repo, run.suite.head, a)
		v.Annotations = append(v.Annotations, view)
	}
	return v
}

func (s *Simulator) statusViews(r *Repository, head plumbing.Hash) []runView {
	var list []runView
	for _, status := range r.statusesOf(head) {
		list = append(list, runView{iconView: icon("completed", status.state), Name: status.context, Title: status.description, Path: status.targetURL, Current: true})
	}
	return list
}

func (s *Simulator) talk(i *issue) []remarkView {
	var list []remarkView
	for _, c := range i.comments {
		v := remarkView{
			ID: c.id, Author: c.author.login, Avatar: fmt.Sprintf("/avatars/%d", c.author.id), At: when(c.created), Bot: c.author.kind == bot,
			Edits: c.edits, Body: markdown.Render(c.body),
		}
		for _, content := range reactionContents {
			var who []string
			for _, reacted := range c.reactions {
				if reacted.content == content {
					who = append(who, reacted.user.login)
				}
			}
			if len(who) > 0 {
				v.Reactions = append(v.Reactions, reactionView{reactionSigns[content], strings.Join(who, ", "), len(who)})
			}
		}
		list = append(list, v)
	}
	return list
}

// reactionSigns are drawn with characters that every font has.
var reactionSigns = map[string]string{"+1": "+1", "-1": "−1", "laugh": "☺", "confused": "☹", "heart": "♥", "hooray": "hooray", "rocket": "rocket", "eyes": "eyes"}

func when(t time.Time) string { return t.Format("on 2 Jan 15:04") }

func (s *Simulator) checkPage(run *checkRun) any {
	var pulls []linkView
	for _, p := range run.suite.repo.pulls {
		if p.head == run.suite.head {
			pulls = append(pulls, s.linkView(p.issue))
		}
	}
	return struct {
		chrome
		Repository repositoryView
		Commit     commitView
		Pulls      []linkView
		Run        runView
	}{s.chrome(run.name), s.repositoryView(run.suite.repo), s.commitView(run.suite.repo, run.suite.head), pulls, s.runView(run, slices.Contains(run.suite.latest(), run))}
}

func (s *Simulator) commitView(r *Repository, at plumbing.Hash) commitView {
	c := r.git.mustCommit(at)
	title, rest, _ := strings.Cut(c.Message, "\n")
	return commitView{
		Path: path.Join("/", r.fullName(), "commit", at.String()), SHA: at.String(), Short: at.String()[:7],
		Title: title, Rest: strings.TrimSpace(rest), Author: c.Author.Name, At: when(c.Author.When.UTC()),
	}
}

func (s *Simulator) commitPage(r *Repository, at plumbing.Hash) any {
	c := r.git.mustCommit(at)
	files := r.git.diff(r.git.treeOf(r.git.parentOf(c)), c.TreeHash)
	return struct {
		chrome
		Repository repositoryView
		Commit     commitView
		Runs       []runView
		Files      []fileView
	}{s.chrome(at.String()[:7] + " · " + r.fullName()), s.repositoryView(r), s.commitView(r, at), s.runViews(r, at), s.fileViews(r, at, files, true)}
}

func (s *Simulator) issuePage(i *issue) any {
	return struct {
		chrome
		Repository             repositoryView
		Heading, State, Author string
		Number                 int
		Body                   template.HTML
		Talk                   []remarkView
	}{s.chrome(i.title), s.repositoryView(i.repo), i.title, i.state, i.author.login, i.number, markdown.Render(i.body), s.talk(i)}
}
