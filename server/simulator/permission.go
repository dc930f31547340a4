package simulator

import (
	"net/http"
	"strings"
)

const notAccessible = "Resource not accessible by integration"

// authorize gives the refusal of a call that its maker may not make, nil for none.
// It finds the repository of the call on the way.
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
	full := strings.ToLower(c.vars["owner"] + "/" + c.vars["repo"])
	if id, moved := c.moved[full]; moved && c.repos[id] != nil {
		return c.redirect(id)
	}
	c.repo = c.repos[c.names[full]]
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
		c.violate("%s: called with an installation token, needs the App's", c.route.Operation.OperationID)
		return refusal(refuse(http.StatusUnauthorized, "A JSON web token could not be decoded"))
	case c.operation.by == aPerson:
		return refusal(refuse(http.StatusForbidden, notAccessible))
	case c.operation.by == installation && c.who.app:
		c.violate("%s: called with the App's token, needs an installation's", c.route.Operation.OperationID)
		return refusal(refuse(http.StatusForbidden, notAccessible))
	case c.operation.by == installation && c.who.token == nil:
		return refusal(refuse(http.StatusUnauthorized, "Requires authentication"))
	case c.who.token != nil && c.who.token.installation.suspended != nil:
		return refusal(refuse(http.StatusForbidden, "This installation has been suspended"))
	}
	return nil
}

// permitted says whether an installation token may make the call on r (nil: on no
// repository).
func (c *call) permitted(r *Repository) *reply {
	if c.operation.by != installation {
		return nil
	}
	t := c.who.token
	if r != nil && !t.sees(r) {
		if r.private {
			return refusal(notFound())
		}
		if c.request.Method == http.MethodGet && c.openToAll() {
			return nil // what is public anybody may read
		}
		return refusal(refuse(http.StatusForbidden, notAccessible))
	}
	if org := c.accounts[strings.ToLower(c.vars["org"])]; c.vars["org"] != "" && (org == nil || org.kind != organization) {
		return refusal(notFound()) // people have no teams, and no permissions for them
	}
	if len(c.operation.needs) > 0 && !t.may(c.operation.needs) {
		return c.forbid(strings.Join(c.operation.needs, " or "))
	}
	if r != nil && r.archived && c.request.Method != http.MethodGet {
		return refusal(refuse(http.StatusForbidden, "Repository was archived so is read-only."))
	}
	return nil
}

// forbid refuses a call for want of a permission and records it.
func (c *call) forbid(needs string) *reply {
	c.violate("%s: needs permission %s, the token has not", c.route.Operation.OperationID, needs)
	r := refuse(http.StatusForbidden, notAccessible)
	r.header.Set("X-Accepted-GitHub-Permissions", strings.ReplaceAll(strings.ReplaceAll(needs, " or ", "; "), ":", "="))
	return &r
}

// openToAll says whether the call reads what anybody may read of a public repository.
func (c *call) openToAll() bool {
	for _, need := range c.operation.needs {
		if need == "metadata:read" || need == "contents:read" || need == "pull_requests:read" {
			return c.route.Operation.OperationID != "repos/get-collaborator-permission-level"
		}
	}
	return false
}

func (t *token) sees(r *Repository) bool {
	return t.installation.covers(r) && (t.repositories == nil || t.repositories[r.id])
}

func (t *token) may(needs []string) bool {
	for _, need := range needs {
		name, level, _ := strings.Cut(need, ":")
		has := t.permissions[name]
		if has == level || has == "write" || has == "admin" {
			return true
		}
	}
	return false
}

// redirect answers a call under a former name, as after a rename: 301 to the
// repository's id for reading, 307 for writing.
func (c *call) redirect(id int64) *reply {
	prefix := APIPath + "/repos/" + c.vars["owner"] + "/" + c.vars["repo"]
	to := c.api("/repositories/%d%s", id, strings.TrimPrefix(c.request.URL.EscapedPath(), prefix))
	if c.request.URL.RawQuery != "" {
		to += "?" + c.request.URL.RawQuery
	}
	status, message := http.StatusMovedPermanently, "Moved Permanently"
	if c.request.Method != http.MethodGet {
		status, message = http.StatusTemporaryRedirect, "Temporary Redirect"
	}
	r := answer(status, object{"message": message, "url": to, "documentation_url": documentation})
	r.header.Set("Location", to)
	return &r
}
