package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func (c *call) getApp() reply {
	o := c.appJSON(c.app)
	o["installations_count"] = len(c.installations)
	return answer(http.StatusOK, o)
}

// convertManifest hands the App's credentials out, as at the end of the manifest
// flow. The code is any but "expired".
func (c *call) convertManifest() reply {
	if c.vars["code"] == "expired" {
		return notFound()
	}
	o := c.appJSON(c.app)
	o["client_secret"] = "simulator-client-secret"
	o["webhook_secret"] = c.options.WebhookSecret
	o["pem"] = string(keyPEM(c.options.PrivateKey))
	return answer(http.StatusCreated, o)
}

func (c *call) listInstallations() reply { return paged(c, c.installations, c.installationJSON) }

func (c *call) getInstallation() reply {
	if i := c.installationByID(c.idIn("installation_id")); i != nil {
		return answer(http.StatusOK, c.installationJSON(i))
	}
	return notFound()
}

func (s *Simulator) installationByID(id int64) *Installation {
	for _, i := range s.installations {
		if i.id == id {
			return i
		}
	}
	return nil
}

func (c *call) getAccountInstallation() reply {
	a := c.accounts[strings.ToLower(c.vars["org"]+c.vars["username"])]
	if a == nil || c.installationOf(a) == nil {
		return notFound()
	}
	return answer(http.StatusOK, c.installationJSON(c.installationOf(a)))
}

func (c *call) getRepositoryInstallation() reply {
	if i := c.installationFor(c.repo); i != nil {
		return answer(http.StatusOK, c.installationJSON(i))
	}
	return notFound()
}

// createToken makes an installation access token, narrowed to what is asked for.
func (c *call) createToken() reply {
	i := c.installationByID(c.idIn("installation_id"))
	if i == nil {
		return notFound()
	}
	if i.suspended != nil {
		return refuse(http.StatusForbidden, "This installation has been suspended")
	}
	asked := decode[struct {
		Repositories  []string          `json:"repositories"`
		RepositoryIDs []int64           `json:"repository_ids"`
		Permissions   map[string]string `json:"permissions"`
	}](c)
	permissions := i.permissions
	if asked.Permissions != nil {
		permissions = asked.Permissions
		for name, level := range asked.Permissions {
			if has := i.permissions[name]; has != level && has != "write" {
				c.violate("apps/create-installation-access-token: asks for %s:%s, the installation grants %q", name, level, has)
				return refuse(http.StatusUnprocessableEntity, "The permissions requested are not granted to this installation.")
			}
		}
	}
	var selected map[int64]bool
	if len(asked.Repositories)+len(asked.RepositoryIDs) > 0 {
		selected = map[int64]bool{}
		for _, r := range i.repositories() {
			if slices.Contains(asked.RepositoryIDs, r.id) || slices.Contains(asked.Repositories, r.name) {
				selected[r.id] = true
			}
		}
		if len(selected) < len(asked.Repositories)+len(asked.RepositoryIDs) {
			return refuse(http.StatusUnprocessableEntity, "There is at least one repository that does not exist or is not accessible to the parent installation.")
		}
	}
	t := c.newToken(i, permissions, selected)
	o := object{"token": t.value, "expires_at": stamp(t.expires), "permissions": permissions, "repository_selection": "all"}
	if selected != nil || !i.all {
		o["repository_selection"] = "selected"
	}
	return answer(http.StatusCreated, o)
}

func (c *call) revokeToken() reply {
	delete(c.tokens, c.who.token.value)
	return answer(http.StatusNoContent, nil)
}

func (c *call) listInstallationRepositories() reply {
	var seen []*Repository
	for _, r := range c.who.token.installation.repositories() {
		if c.who.token.sees(r) {
			seen = append(seen, r)
		}
	}
	r := counted(c, "repositories", seen, func(r *Repository) object { return c.repositoryJSON("repository", r) })
	r.body.(object)["repository_selection"] = "selected"
	if c.who.token.installation.all {
		r.body.(object)["repository_selection"] = "all"
	}
	return r
}

func (c *call) getRateLimit() reply {
	l := c.limitOf(c.who.limitKey())
	core := object{"limit": l.limit, "used": l.used, "remaining": max(l.limit-l.used, 0), "reset": l.windowEnds.Unix()}
	search := object{"limit": 30, "used": 0, "remaining": 30, "reset": l.windowEnds.Unix()}
	return answer(http.StatusOK, object{"rate": core, "resources": object{"core": core, "search": search}})
}

func (c *call) getHookConfig() reply {
	return answer(http.StatusOK, object{"url": c.hook.url, "content_type": "json", "insecure_ssl": "0", "secret": "********"})
}

// listDeliveries gives the newest first, by cursor: the id of the first on the page.
func (c *call) listDeliveries() reply {
	var matching []*Delivery
	for _, d := range slices.Backward(c.hook.log) {
		if d.StatusCode == 0 {
			continue // under way: not in the log yet
		}
		ok := d.StatusCode >= 200 && d.StatusCode < 400
		if want := c.query("status"); want == "" || (want == "success") == ok {
			matching = append(matching, d)
		}
	}
	if cursor := c.query("cursor"); cursor != "" {
		for len(matching) > 0 && matching[0].ID > int64(number(cursor, 0)) {
			matching = matching[1:]
		}
	}
	size := min(max(number(c.query("per_page"), 30), 1), 100)
	part := matching[:min(size, len(matching))]
	r := answer(http.StatusOK, list(part, c.deliveryItem))
	if len(matching) > size {
		r.header.Set("Link", `<`+c.again("cursor", strconv.FormatInt(matching[size].ID, 10))+`>; rel="next"`)
	}
	return r
}

func (c *call) deliveryItem(d *Delivery) object {
	o := object{
		"id": d.ID, "guid": d.GUID, "delivered_at": stamp(d.At), "redelivery": d.Redelivery, "duration": d.Duration.Seconds(),
		"status": d.Status, "status_code": d.StatusCode, "event": d.Event, "action": textOrNil(d.Action),
		"installation_id": d.InstallationID, "repository_id": nil,
	}
	if d.RepositoryID != 0 {
		o["repository_id"] = d.RepositoryID
	}
	return o
}

func (c *call) getDelivery() reply {
	d := c.delivery(c.idIn("delivery_id"))
	if d == nil {
		return notFound()
	}
	o := c.deliveryItem(d)
	o["url"] = c.hook.url
	o["request"] = object{"headers": flat(d.Headers), "payload": json.RawMessage(d.Payload)}
	o["response"] = object{"headers": flat(d.answer), "payload": string(d.Response)}
	return answer(http.StatusOK, o)
}

func (c *call) redeliverDelivery() reply {
	d := c.delivery(c.idIn("delivery_id"))
	if d == nil {
		return notFound()
	}
	c.redeliver(d)
	return answer(http.StatusAccepted, object{})
}

func flat(h http.Header) object {
	o := object{}
	for key := range h {
		o[key] = h.Get(key)
	}
	return o
}

func (c *call) getOrganization() reply {
	a := c.accounts[strings.ToLower(c.vars["org"])]
	if a == nil || a.kind != organization {
		return notFound()
	}
	return answer(http.StatusOK, c.fill("organization-full", object{
		"login": a.login, "id": a.id, "url": c.api("/orgs/%s", a.login), "html_url": c.web("/%s", a.login), "description": nil, "type": a.kind,
		"has_organization_projects": true, "has_repository_projects": true, "created_at": stamp(a.made), "updated_at": stamp(a.made), "archived_at": nil,
	}))
}

func (c *call) getUser() reply {
	a := c.accounts[strings.ToLower(c.vars["username"])]
	if a == nil {
		return notFound()
	}
	return answer(http.StatusOK, c.profileJSON(a))
}

func (s *Simulator) profileJSON(a *account) object {
	o := s.userJSON(a)
	o["created_at"], o["updated_at"] = stamp(a.made), stamp(a.made)
	return s.fill("public-user", o)
}
