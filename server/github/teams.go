package github

import (
	"context"
	"fmt"
	"regexp"
)

var teamSlug = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$`)

// InTeam tells whether somebody is an active member of a team of an account that the
// installation is on, by itself or by a team below it. Of a team that is not there,
// or not seen, nobody is one. It needs members: read.
func (c *Clients) InTeam(ctx context.Context, installation int64, account, slug, login string) (bool, error) {
	fail := func(err error) (bool, error) {
		return false, fmt.Errorf("ask whether %s is in the team %s/%s: %w", login, account, slug, err)
	}
	// The names go into the path as they are.
	if !ownerOrName.MatchString(account) || !teamSlug.MatchString(slug) || !loginPattern.MatchString(login) {
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
