package handlers

import (
	"context"
	"fmt"

	"plimsoll/handlers/commands"
	"plimsoll/handlers/work"

	gh "github.com/google/go-github/v60/github"
)

// IssueCommentHandler takes the commands of a new comment on a pull request. Each
// comment is work that is done once, however often GitHub tells of it.
type IssueCommentHandler struct {
	Queue work.Queue
}

// Handles names the event.
func (h *IssueCommentHandler) Handles() []string { return []string{"issue_comment"} }

// Handle asks for the commands to be done. What the comment said when it was made
// counts: editing it gives no command.
func (h *IssueCommentHandler) Handle(ctx context.Context, event, _ string, payload []byte) error {
	e, err := decode[gh.IssueCommentEvent](event, payload)
	if err != nil {
		return err
	}
	given := commands.CommandsIn(e.GetComment().GetBody())
	given = given[:min(len(given), commands.MostCommands+1)]
	for i := range given {
		given[i].Login = e.GetComment().GetUser().GetLogin()
	}
	repo, number, comment := identify(e.GetInstallation(), e.GetRepo()), e.GetIssue().GetNumber(), e.GetComment().GetID()
	return h.Queue.Enqueue(ctx, work.Work{
		Kind: fmt.Sprintf("%s/%d", work.KindCommands, comment), Key: work.PullKey(repo.ID, number), Installation: repo.Installation,
		Once: fmt.Sprintf("%s/%d", work.KindCommands, comment),
		Args: work.CommandsArgs{Repository: repo, Number: number, Comment: comment, Commands: given},
	})
}

// routeComment takes new comments of people on pull requests that hold a command.
func routeComment(route Route, e envelope) Route {
	// A kind for each comment: none takes another's place.
	route.Kind, route.Key = fmt.Sprintf("%s/%d", route.Kind, e.Comment.ID), work.PullKey(e.Repository.ID, e.Issue.Number)
	switch {
	case e.Action != "created":
		return ignored(route, "action "+e.Action)
	case len(e.Issue.PullRequest) == 0 || string(e.Issue.PullRequest) == "null":
		return ignored(route, "not on a pull request")
	case isBot(e.Comment.User.Login, e.Comment.User.Type) || isBot(e.Sender.Login, e.Sender.Type):
		return ignored(route, "by a bot")
	case len(commands.CommandsIn(e.Comment.Body)) == 0:
		return ignored(route, "no command")
	}
	return route
}
