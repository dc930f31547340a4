package page

import (
	"fmt"
	"html/template"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"

	"plimsoll/server/simulator/internal/markdown"
	"plimsoll/server/simulator/internal/model"
)

// What the templates in templates/ are filled with. Paths are below the base URL.
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
		Actions                              []model.Action
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

func (s *Pages) repositoryView(r *model.Repository) repositoryView {
	v := repositoryView{
		Owner: r.Owner.Login, Name: r.Name, FullName: r.FullName(), Visibility: r.Visibility(), Description: r.Description,
		Archived: r.Archived, Installed: s.github.InstallationFor(r) != nil,
	}
	if r.Parent != nil {
		v.Parent = r.Parent.FullName()
	}
	for _, p := range slices.Backward(r.Pulls) {
		if p.State == "open" {
			v.Pulls = append(v.Pulls, s.linkView(p.Issue))
		}
	}
	return v
}

func (s *Pages) linkView(i *model.Issue) linkView {
	v := linkView{
		Path: fmt.Sprintf("/%s/issues/%d", i.Repo.FullName(), i.Number), Title: i.Title, Number: i.Number, Author: i.Author.Login, State: i.State,
	}
	if p := i.Pull; p != nil {
		v.Path, v.State = pagePath(p), shownState(p)
		if runs := p.Repo.RunsAt(p.Head, true); len(runs) > 0 {
			v.iconView = icon(model.StatusOf(runs), model.ConclusionOf(runs))
		}
	}
	return v
}

func pagePath(p *model.PullRequest) string {
	return fmt.Sprintf("/%s/pull/%d", p.Repo.FullName(), p.Number)
}

func shownState(p *model.PullRequest) string {
	switch {
	case p.MergedAt != nil:
		return "merged"
	case p.State == "open" && p.Draft:
		return "draft"
	}
	return p.State
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

func (s *Pages) runViews(r *model.Repository, head plumbing.Hash) []runView {
	latest := r.RunsAt(head, true)
	var list []runView
	for _, run := range slices.Backward(r.RunsAt(head, false)) {
		list = append(list, s.runView(run, slices.Contains(latest, run)))
	}
	slices.SortStableFunc(list, func(a, b runView) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func (s *Pages) runView(run *model.CheckRun, current bool) runView {
	v := runView{
		iconView: icon(run.Status, run.Conclusion), Path: fmt.Sprintf("/%s/runs/%d", run.Suite.Repo.FullName(), run.ID), Name: run.Name,
		Title: run.Title, Details: run.DetailsURL, Current: current, Actions: run.Actions,
		Summary: markdown.Render(run.Summary),
	}
	if run.Suite.App != s.github.App {
		v.By = run.Suite.App.Name
	}
	if run.Text != "" {
		v.Text = markdown.Render(run.Text)
	}
	if run.Started != nil && run.Completed != nil {
		if took := run.Completed.Sub(*run.Started).Round(time.Second); took > 0 {
			v.Took = took.String()
		}
	}
	for _, a := range run.Annotations {
		view := s.annotationView(run, a)
		view.Excerpt = s.excerpt(run.Suite.Repo, run.Suite.Head, a)
		v.Annotations = append(v.Annotations, view)
	}
	return v
}

func (s *Pages) statusViews(r *model.Repository, head plumbing.Hash) []runView {
	var list []runView
	for _, status := range r.StatusesOf(head) {
		list = append(list, runView{iconView: icon("completed", status.State), Name: status.Context, Title: status.Description, Path: status.TargetURL, Current: true})
	}
	return list
}

func (s *Pages) talk(i *model.Issue) []remarkView {
	var list []remarkView
	for _, c := range i.Comments {
		v := remarkView{
			ID: c.ID, Author: c.Author.Login, Avatar: fmt.Sprintf("/avatars/%d", c.Author.ID), At: when(c.Created), Bot: c.Author.Kind == model.Bot,
			Edits: c.Edits, Body: markdown.Render(c.Body),
		}
		for _, content := range model.ReactionContents {
			var who []string
			for _, reacted := range c.Reactions {
				if reacted.Content == content {
					who = append(who, reacted.User.Login)
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

func (s *Pages) checkPage(run *model.CheckRun) any {
	var pulls []linkView
	for _, p := range run.Suite.Repo.Pulls {
		if p.Head == run.Suite.Head {
			pulls = append(pulls, s.linkView(p.Issue))
		}
	}
	return struct {
		chrome
		Repository repositoryView
		Commit     commitView
		Pulls      []linkView
		Run        runView
	}{s.chrome(run.Name), s.repositoryView(run.Suite.Repo), s.commitView(run.Suite.Repo, run.Suite.Head), pulls, s.runView(run, slices.Contains(run.Suite.Latest(), run))}
}

func (s *Pages) commitView(r *model.Repository, at plumbing.Hash) commitView {
	c := r.Git.MustCommit(at)
	title, rest, _ := strings.Cut(c.Message, "\n")
	return commitView{
		Path: path.Join("/", r.FullName(), "commit", at.String()), SHA: at.String(), Short: at.String()[:7],
		Title: title, Rest: strings.TrimSpace(rest), Author: c.Author.Name, At: when(c.Author.When.UTC()),
	}
}

func (s *Pages) commitPage(r *model.Repository, at plumbing.Hash) any {
	c := r.Git.MustCommit(at)
	files := r.Git.Diff(r.Git.TreeOf(r.Git.ParentOf(c)), c.TreeHash)
	return struct {
		chrome
		Repository repositoryView
		Commit     commitView
		Runs       []runView
		Files      []fileView
	}{s.chrome(at.String()[:7] + " · " + r.FullName()), s.repositoryView(r), s.commitView(r, at), s.runViews(r, at), s.fileViews(r, at, files)}
}

func (s *Pages) issuePage(i *model.Issue) any {
	return struct {
		chrome
		Repository             repositoryView
		Heading, State, Author string
		Number                 int
		Body                   template.HTML
		Talk                   []remarkView
	}{s.chrome(i.Title), s.repositoryView(i.Repo), i.Title, i.State, i.Author.Login, i.Number, markdown.Render(i.Body), s.talk(i)}
}
