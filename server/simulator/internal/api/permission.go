package api

import (
	"net/http"
	"strings"

	"plimsoll/server/simulator/internal/description"
	"plimsoll/server/simulator/internal/model"
	"plimsoll/server/simulator/internal/payload"
)

const notAccessible = "Resource not accessible by integration"

// authorize refuses a call that its maker may not make; nil allows it. It finds the
// repository of the call on the way.
func (c *call) authorize() *reply {
	if c.who.bearer != nil && c.operation.by != anybody || c.who.anonymous() && c.operation.people != noPeople {
		return c.authorizeBearer()
	}
	if refused := c.authenticated(); refused != nil {
		return refused
	}
	if c.vars["repo"] == "" {
		return c.permitted(nil)
	}
	full := c.vars["owner"] + "/" + c.vars["repo"]
	if to := c.github.Moved(full); to != nil {
		return c.redirect(to)
	}
	c.repo = c.github.Repository(full)
	if c.repo == nil {
		return refusal(notFound())
	}
	if c.operation.by == installation {
		return c.permitted(c.repo)
	}
	return nil
}

func refusal(r reply) *reply { return &r }

func (c *call) authenticated() *reply {
	switch {
	case c.operation.by == theApp && !c.who.app:
		if c.who.token == nil {
			return refusal(refuse(http.StatusUnauthorized, "A JSON web token could not be decoded"))
		}
		c.Violate("%s: called with an installation token, needs the App's", c.asked.ID)
		return refusal(refuse(http.StatusUnauthorized, "A JSON web token could not be decoded"))
	case c.operation.by == theClient:
		if !c.who.client {
			return refusal(refuse(http.StatusUnauthorized, "Requires authentication"))
		}
	case c.who.client:
		return refusal(refuse(http.StatusUnauthorized, "Requires authentication"))
	case c.operation.by == aPerson:
		return refusal(refuse(http.StatusForbidden, notAccessible))
	case c.operation.by == installation && c.who.app:
		c.Violate("%s: called with the App's token, needs an installation's", c.asked.ID)
		return refusal(refuse(http.StatusForbidden, notAccessible))
	case c.operation.by == installation && c.who.token == nil:
		return refusal(refuse(http.StatusUnauthorized, "Requires authentication"))
	case c.who.token != nil && c.who.token.Installation.Suspended != nil:
		return refusal(refuse(http.StatusForbidden, "This installation has been suspended"))
	}
	return nil
}

// permitted refuses a call on r (nil: on no repository) that an installation token does
// not allow.
func (c *call) permitted(r *model.Repository) *reply {
	if c.operation.by != installation {
		return nil
	}
	t := c.who.token
	if r != nil && !t.Sees(r) {
		if r.Private {
			return refusal(notFound())
		}
		if c.request.Method == http.MethodGet && c.openToAll() {
			return nil // what is public anybody may read
		}
		return refusal(refuse(http.StatusForbidden, notAccessible))
	}
	if org := c.github.Accounts[strings.ToLower(c.vars["org"])]; c.vars["org"] != "" && (org == nil || org.Kind != model.Organization) {
		return refusal(notFound()) // people have no teams, and no permissions for them
	}
	if len(c.operation.needs) > 0 && !t.May(c.operation.needs) {
		return c.forbid(strings.Join(c.operation.needs, " or "))
	}
	if r != nil && r.Archived && c.request.Method != http.MethodGet {
		return refusal(refuse(http.StatusForbidden, "Repository was archived so is read-only."))
	}
	return nil
}

// forbid refuses a call that lacks a permission, and records it.
func (c *call) forbid(needs string) *reply {
	c.Violate("%s: needs permission %s, the token has not", c.asked.ID, needs)
	r := refuse(http.StatusForbidden, notAccessible)
	r.header.Set("X-Accepted-GitHub-Permissions", strings.ReplaceAll(strings.ReplaceAll(needs, " or ", "; "), ":", "="))
	return &r
}

// openToAll reports whether the call reads what anybody may read of a public repository.
func (c *call) openToAll() bool {
	for _, need := range c.operation.needs {
		if need == "metadata:read" || need == "contents:read" || need == "pull_requests:read" {
			return c.asked.ID != "repos/get-collaborator-permission-level"
		}
	}
	return false
}

// redirect answers a call under a former name, as after a rename: 301 to the
// repository's id for reading, 307 for writing.
func (c *call) redirect(moved *model.Repository) *reply {
	prefix := description.APIPath + "/repos/" + c.vars["owner"] + "/" + c.vars["repo"]
	to := c.payload.API("/repositories/%d%s", moved.ID, strings.TrimPrefix(c.request.URL.EscapedPath(), prefix))
	if c.request.URL.RawQuery != "" {
		to += "?" + c.request.URL.RawQuery
	}
	status, message := http.StatusMovedPermanently, "Moved Permanently"
	if c.request.Method != http.MethodGet {
		status, message = http.StatusTemporaryRedirect, "Temporary Redirect"
	}
	r := answer(status, payload.Object{"message": message, "url": to, "documentation_url": documentation})
	r.header.Set("Location", to)
	return &r
}

// authorizeJob refuses a call with the token of a workflow's job that its permissions do not
// cover. Jobs may try, so that is no violation.
func (c *call) authorizeJob(b *model.Bearer) *reply {
	c.repo = c.github.Repository(c.vars["owner"] + "/" + c.vars["repo"])
	switch {
	case c.repo == nil || !b.Reads(c.repo):
		return refusal(notFound())
	case b.May(c.repo, c.operation.needs), !c.repo.Private && c.request.Method == http.MethodGet && c.openToAll():
		return nil
	}
	return refusal(refuse(http.StatusForbidden, notAccessible))
}

// maker is the account that a call acts as: the bot of the App, or of GitHub Actions.
func (c *call) maker() *model.Account {
	if b := c.who.bearer; b != nil && b.Job != nil {
		return c.github.OtherApp(model.GitHubActions).Bot
	}
	return c.github.App.Bot
}

// authorizeBearer refuses a call with a person's or a job's token, or one without a token
// on what people may read; nil allows it.
func (c *call) authorizeBearer() *reply {
	b := c.who.bearer
	switch c.operation.people {
	case noPeople:
		if b != nil && b.Permissions != nil && c.operation.by == installation && c.vars["repo"] != "" {
			return c.authorizeJob(b)
		}
		c.Violate("%s: called with a person's token, needs the App's or an installation's", c.asked.ID)
		return refusal(refuse(http.StatusForbidden, "Resource not accessible by personal access token"))
	case themselves:
		switch {
		case b == nil:
			return refusal(refuse(http.StatusUnauthorized, "Requires authentication"))
		case b.Person == nil:
			return refusal(refuse(http.StatusForbidden, notAccessible))
		case c.operation.ofApp && b.App == nil:
			c.Violate("%s: called with a personal access token, needs a user access token of the App", c.asked.ID)
			return refusal(refuse(http.StatusForbidden, "You must authenticate with an access token authorized to a GitHub App in order to list installations"))
		}
		return nil
	}
	full := c.vars["owner"] + "/" + c.vars["repo"]
	to := c.github.Moved(full)
	if c.repo = to; to == nil {
		c.repo = c.github.Repository(full)
	}
	switch {
	case c.repo == nil || !b.Reads(c.repo):
		return refusal(notFound())
	case to != nil:
		return c.redirect(to)
	}
	return nil
}
