package api

import (
	"net/http"
	"strings"

	"plimsoll/server/simulator/internal/model"
	"plimsoll/server/simulator/internal/payload"
)

func (c *call) getOrganization() reply {
	a := c.github.Accounts[strings.ToLower(c.vars["org"])]
	if a == nil || a.Kind != model.Organization {
		return notFound()
	}
	return answer(http.StatusOK, c.payload.Fill("organization-full", payload.Object{
		"login": a.Login, "id": a.ID, "url": c.payload.API("/orgs/%s", a.Login), "html_url": c.payload.Web("/%s", a.Login), "description": nil, "type": a.Kind,
		"has_organization_projects": true, "has_repository_projects": true, "created_at": payload.Stamp(a.Created), "updated_at": payload.Stamp(a.Created), "archived_at": nil,
	}))
}

func (c *call) getUser() reply {
	a := c.github.Accounts[strings.ToLower(c.vars["username"])]
	if a == nil {
		return notFound()
	}
	return answer(http.StatusOK, c.payload.Profile(a))
}

// getAuthenticated answers with the person's public profile: the token has no scope
// for more.
func (c *call) getAuthenticated() reply {
	return answer(http.StatusOK, c.payload.Profile(c.who.bearer.Person))
}

// getMembership answers 404 for people who are not in the team, and for teams that are not
// there or that the installation, which is another account's, does not see.
func (c *call) getMembership() reply {
	org, member := c.github.Accounts[strings.ToLower(c.vars["org"])], c.github.Accounts[strings.ToLower(c.vars["username"])]
	if org != c.who.token.Installation.Account {
		return notFound()
	}
	t := c.github.Team(org, c.vars["team_slug"])
	if t == nil {
		return notFound()
	}
	m, in := t.Members[member]
	if !in {
		return notFound()
	}
	return answer(http.StatusOK, payload.Object{
		"url":  c.payload.API("/organizations/%d/team/%d/memberships/%s", org.ID, t.ID, member.Login),
		"role": m.Role, "state": m.State,
	})
}
