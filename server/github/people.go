package github

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"plimsoll/contracts"
)

var teamSlug = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$`) })

// InTeam reports whether a user is an active member of a team ("acme/checkout"), or of a
// team below it, of the account that has the installation. A team that does not exist, or that the App
// can't see, has no members. It needs members: read.
func (c *Clients) InTeam(ctx context.Context, installation int64, team, login string) (bool, error) {
	fail := func(err error) (bool, error) {
		return false, fmt.Errorf("ask whether %s is in the team %s: %w", login, team, err)
	}
	account, slug, _ := strings.Cut(team, "/")
	// The names go into the path as they are.
	if !ownerOrName().MatchString(account) || !teamSlug().MatchString(slug) || !loginPattern().MatchString(login) {
		return fail(&Error{Class: ClassPermanent, Message: "these are no names of a team and a user"})
	}
	client, err := c.asInstallation(installation)
	if err != nil {
		return fail(err)
	}
	membership, _, err := client.Teams.GetTeamMembershipBySlug(ctx, account, slug, login)
	if err := c.failure(ctx, err); err != nil {
		if Classify(err) == ClassNotFound {
			return false, nil
		}
		return fail(err)
	}
	return membership.GetState() == "active", nil
}

// OrganisationRole is the role of a user in the organisation that has the installation: admin
// for its owners, member, or "" for somebody who does not belong to it. It needs
// members: read.
func (c *Clients) OrganisationRole(ctx context.Context, installation int64, organisation, login string) (string, error) {
	fail := func(err error) (string, error) {
		return "", fmt.Errorf("ask for the role of %s in %s: %w", login, organisation, err)
	}
	if !ownerOrName().MatchString(organisation) || !loginPattern().MatchString(login) {
		return fail(&Error{Class: ClassPermanent, Message: "these are no names of an organisation and a user"})
	}
	client, err := c.asInstallation(installation)
	if err != nil {
		return fail(err)
	}
	membership, _, err := client.Organizations.GetOrgMembership(ctx, login, organisation)
	if err := c.failure(ctx, err); err != nil {
		if Classify(err) == ClassNotFound {
			return "", nil
		}
		return fail(err)
	}
	if membership.GetState() != "active" {
		return "", nil
	}
	return membership.GetRole(), nil
}

// Permission is what a user may do in a repository.
type Permission struct {
	// Legacy is admin, write, read or none: maintain counts as write, triage as read.
	Legacy string
	// Role is the exact role: admin, maintain, write, triage, read, none, or the
	// name of a role that the organisation made.
	Role string
}

// CollaboratorPermission returns the role of a user in a repository.
func (c *Clients) CollaboratorPermission(ctx context.Context, repo contracts.RepositoryRef, login string) (Permission, error) {
	fail := func(err error) (Permission, error) {
		return Permission{}, fmt.Errorf("get permission of %s in %s: %w", login, repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	if !loginPattern().MatchString(login) {
		return fail(&Error{Class: ClassPermanent, Message: fmt.Sprintf("%q is no login", login)})
	}
	var answer struct {
		Permission string `json:"permission"`
		Role       string `json:"role_name"`
	}
	if _, err := c.ask(ctx, client, http.MethodGet, "repos/"+repo.FullName()+"/collaborators/"+login+"/permission", nil, &answer); err != nil {
		return fail(err)
	}
	if answer.Permission == "" {
		return fail(incomplete("permission"))
	}
	return Permission{Legacy: answer.Permission, Role: answer.Role}, nil
}
