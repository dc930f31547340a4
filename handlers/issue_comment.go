package handlers

import (
	"context"
	"fmt"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/handlers/commands"
	"plimsoll/handlers/work"
)

// issueCommentHandler takes the commands of a new comment on a pull request. Each
// comment is work that is done once, however often GitHub tells of it.
type issueCommentHandler struct {
	queue work.Queue
}

// routeComment takes new comments of people on pull requests that hold a command.
func routeComment(e *envelope) Route {
	switch {
	case len(e.Issue.PullRequest) == 0 || string(e.Issue.PullRequest) == "null":
		return e.ignore("not on a pull request")
	case e.Comment.User.isBot() || e.Sender.isBot():
		return e.ignore("by a bot")
	case len(commands.CommandsIn(e.Comment.Body)) == 0:
		return e.ignore("no command")
	}
	// A kind for each comment: none takes another's place.
	return e.work(fmt.Sprintf("%s/%d", e.event, e.Comment.ID), work.PullKey(e.Repository.ID, e.Issue.Number))
}

// handle asks for the commands to be done. What the comment said when it was made
// counts: editing it gives no command.
func (h *issueCommentHandler) handle(ctx context.Context, _ string, e *gh.IssueCommentEvent) error {
	given := commands.CommandsIn(e.GetComment().GetBody())
	return h.queue.Enqueue(ctx, commands.Work(identify(e.GetInstallation(), e.GetRepo()), e.GetIssue().GetNumber(), e.GetComment().GetID(),
		given, e.GetComment().GetUser().GetLogin(), e.GetIssue().GetUser().GetLogin()))
}
