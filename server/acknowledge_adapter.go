package server

import (
	"context"
	"fmt"
	"strings"

	"plimsoll/contracts"
	"plimsoll/handlers/commands"
	"plimsoll/server/github"
)

var (
	_ commands.People  = githubAdapter{}
	_ commands.Reactor = githubAdapter{}
)

// InTeam tells whether somebody is in a team.
func (h githubAdapter) InTeam(ctx context.Context, installation int64, team, login string) (bool, error) {
	account, slug, _ := strings.Cut(team, "/")
	in, err := h.Clients.InTeam(ctx, installation, account, slug, login)
	if github.Classify(err) == github.ClassPermission {
		err = fmt.Errorf("%w: %w", commands.ErrMayNotAsk, err)
	}
	return in, err
}

// Maintains tells whether somebody may maintain a repository. Whoever GitHub does not
// know there may not.
func (h githubAdapter) Maintains(ctx context.Context, repo contracts.RepositoryRef, login string) (bool, error) {
	permission, err := h.CollaboratorPermission(ctx, repo, login)
	if github.Classify(err) == github.ClassNotFound {
		return false, nil
	}
	return permission.Legacy == "admin" || permission.Role == "admin" || permission.Role == "maintain", err
}
