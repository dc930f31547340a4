package api

import (
	"net/http"
	"slices"
	"strings"

	"plimsoll/server/simulator/internal/model"
	"plimsoll/server/simulator/internal/payload"
)

func (c *call) getApp() reply {
	o := c.payload.App(c.github.App)
	o["installations_count"] = len(c.github.Installations)
	return answer(http.StatusOK, o)
}

// convertManifest hands out the App's credentials, as at the end of the manifest flow. The
// code counts once.
func (c *call) convertManifest() reply {
	if !c.github.Convert(c.vars["code"]) {
		return notFound()
	}
	o := c.payload.App(c.github.App)
	o["client_secret"] = c.github.App.ClientSecret
	o["webhook_secret"] = c.github.App.WebhookSecret
	o["pem"] = string(c.github.App.PrivateKeyPEM())
	return answer(http.StatusCreated, o)
}

func (c *call) listInstallations() reply {
	return paged(c, c.github.Installations, c.payload.Installation)
}

func (c *call) getInstallation() reply {
	if i := c.github.InstallationByID(c.idIn("installation_id")); i != nil {
		return answer(http.StatusOK, c.payload.Installation(i))
	}
	return notFound()
}

func (c *call) getAccountInstallation() reply {
	a := c.github.Accounts[strings.ToLower(c.vars["org"]+c.vars["username"])]
	if a == nil || c.github.InstallationOf(a) == nil {
		return notFound()
	}
	return answer(http.StatusOK, c.payload.Installation(c.github.InstallationOf(a)))
}

func (c *call) getRepositoryInstallation() reply {
	if i := c.github.InstallationFor(c.repo); i != nil {
		return answer(http.StatusOK, c.payload.Installation(i))
	}
	return notFound()
}

// createToken makes an installation access token, narrowed to what is asked for.
func (c *call) createToken() reply {
	i := c.github.InstallationByID(c.idIn("installation_id"))
	if i == nil {
		return notFound()
	}
	if i.Suspended != nil {
		return refuse(http.StatusForbidden, "This installation has been suspended")
	}
	asked := decode[struct {
		Repositories  []string          `json:"repositories"`
		RepositoryIDs []int64           `json:"repository_ids"`
		Permissions   map[string]string `json:"permissions"`
	}](c)
	permissions := i.Permissions
	if asked.Permissions != nil {
		permissions = asked.Permissions
		for name, level := range asked.Permissions {
			if has := i.Permissions[name]; has != level && has != "write" {
				c.Violate("apps/create-installation-access-token: asks for %s:%s, the installation grants %q", name, level, has)
				return refuse(http.StatusUnprocessableEntity, "The permissions requested are not granted to this installation.")
			}
		}
	}
	var selected map[int64]bool
	if len(asked.Repositories)+len(asked.RepositoryIDs) > 0 {
		selected = map[int64]bool{}
		for _, r := range i.Repositories() {
			if slices.Contains(asked.RepositoryIDs, r.ID) || slices.Contains(asked.Repositories, r.Name) {
				selected[r.ID] = true
			}
		}
		if len(selected) < len(asked.Repositories)+len(asked.RepositoryIDs) {
			return refuse(http.StatusUnprocessableEntity, "There is at least one repository that does not exist or is not accessible to the parent installation.")
		}
	}
	t := c.github.NewToken(i, permissions, selected)
	o := payload.Object{"token": t.Value, "expires_at": payload.Stamp(t.Expires), "permissions": permissions, "repository_selection": "all"}
	if selected != nil || !i.All {
		o["repository_selection"] = "selected"
	}
	return answer(http.StatusCreated, o)
}

func (c *call) revokeToken() reply {
	delete(c.github.Tokens, c.who.token.Value)
	return answer(http.StatusNoContent, nil)
}

func (c *call) listInstallationRepositories() reply {
	var seen []*model.Repository
	for _, r := range c.who.token.Installation.Repositories() {
		if c.who.token.Sees(r) {
			seen = append(seen, r)
		}
	}
	r := counted(c, "repositories", seen, func(r *model.Repository) payload.Object { return c.payload.Repository("repository", r) })
	r.body.(payload.Object)["repository_selection"] = "selected"
	if c.who.token.Installation.All {
		r.body.(payload.Object)["repository_selection"] = "all"
	}
	return r
}

func (c *call) getRateLimit() reply {
	l := c.limitOf(c.who.limitKey())
	core := payload.Object{"limit": l.limit, "used": l.used, "remaining": max(l.limit-l.used, 0), "reset": l.windowEnds.Unix()}
	search := payload.Object{"limit": 30, "used": 0, "remaining": 30, "reset": l.windowEnds.Unix()}
	return answer(http.StatusOK, payload.Object{"rate": core, "resources": payload.Object{"core": core, "search": search}})
}
