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

func (c *call) listUserInstallations() reply {
	return counted(c, "installations", c.github.UserInstallations(c.who.bearer.Person), c.payload.Installation)
}

// listUserRepositories answers 403 for an installation of which the person sees nothing.
func (c *call) listUserRepositories() reply {
	person, i := c.who.bearer.Person, c.github.InstallationByID(c.idIn("installation_id"))
	if i == nil {
		return notFound()
	}
	if i.Suspended != nil {
		return refuse(http.StatusForbidden, "This installation has been suspended")
	}
	list := c.github.UserRepositories(i, person)
	if len(list) == 0 && i.Account != person {
		return refuse(http.StatusForbidden, "Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization.")
	}
	return counted(c, "repositories", list, func(r *model.Repository) payload.Object {
		o := c.payload.Repository("repository", r)
		role := r.Role(person)
		o["permissions"] = payload.Object{
			"admin": role == "admin", "maintain": role == "admin" || role == "maintain", "push": role == "admin" || role == "maintain" || role == "write",
			"triage": role != "read" && role != "none", "pull": role != "none",
		}
		return o
	})
}

// deleteUserToken makes a user access token of the App void.
func (c *call) deleteUserToken() reply {
	asked := decode[struct {
		Token string `json:"access_token"`
	}](c)
	b := c.github.Bearers[asked.Token]
	if c.vars["client_id"] != c.github.App.ClientID || b == nil || b.App == nil {
		return invalid("OauthAccess", "access_token", "invalid", "")
	}
	delete(c.github.Bearers, asked.Token)
	return answer(http.StatusNoContent, nil)
}

// getOrgMembership answers 404 for people who do not belong to the organisation.
func (c *call) getOrgMembership() reply {
	org, person := c.github.Accounts[strings.ToLower(c.vars["org"])], c.github.Accounts[strings.ToLower(c.vars["username"])]
	if org != c.who.token.Installation.Account || person == nil || c.github.MemberRole(org, person) == "" {
		return notFound()
	}
	return answer(http.StatusOK, payload.Object{
		"url": c.payload.API("/orgs/%s/memberships/%s", org.Login, person.Login), "state": "active", "role": c.github.MemberRole(org, person),
		"organization_url": c.payload.API("/orgs/%s", org.Login), "organization": c.payload.OrganizationSimple(org), "user": c.payload.User(person),
	})
}
