package model

import "time"

// Issue is what issues and pull requests share: a number and a conversation.
type Issue struct {
	Repo        *Repository
	ID          int64
	Number      int
	Title, Body string
	Author      *Account
	State       string // open, closed
	Labels      []string
	Created     time.Time
	Updated     time.Time
	Closed      *time.Time
	Comments    []*Comment
	Pull        *PullRequest // nil for an issue
	ByApp       bool         // opened by the App
	AppEdits    int          // how often the App changed title, body or state
	AppDeleted  int          // how many comments the App deleted
}

// NewIssue gives an issue or a pull request the next number. It emits nothing.
func (r *Repository) NewIssue(by *Account, title, body string) *Issue {
	i := &Issue{
		Repo: r, ID: r.GitHub.NextID("issue"), Number: len(r.Issues) + 1, Title: title, Body: body,
		Author: by, State: "open", Created: r.GitHub.Now(), Updated: r.GitHub.Now(),
	}
	r.Issues = append(r.Issues, i)
	return i
}

// Issue returns an issue or a pull request by its number, nil if there is none.
func (r *Repository) Issue(number int) *Issue {
	if number < 1 || number > len(r.Issues) {
		return nil
	}
	return r.Issues[number-1]
}

// EmitIssue reports an event of an issue: of the pull request, where it is one.
func (i *Issue) EmitIssue(action string, by *Account) {
	if i.Pull != nil {
		i.Pull.emit(action, by, Event{})
		return
	}
	i.Repo.GitHub.Emit(Event{Name: "issues", Action: action, Repository: i.Repo, By: by, Subject: i})
}

// Association is how an account belongs to the issue's repository, in GitHub's words.
func (i *Issue) Association(a *Account) string {
	switch i.Repo.Role(a) {
	case "admin":
		return "OWNER"
	case "maintain", "write", "triage":
		return "MEMBER"
	}
	return "NONE"
}
