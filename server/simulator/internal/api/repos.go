package api

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"plimsoll/server/simulator/internal/model"
	"plimsoll/server/simulator/internal/payload"
)

func (c *call) getRepository() reply {
	o := c.payload.Repository("full-repository", c.repo)
	if b := c.who.bearer; b != nil && b.Person != nil {
		o["permissions"] = permissionsOf(c.repo.Role(b.Person))
	}
	return answer(http.StatusOK, o)
}

func (c *call) getBranch() reply {
	name := c.vars["branch"]
	head, ok := c.repo.Branches[name]
	if !ok {
		return refuse(http.StatusNotFound, "Branch not found")
	}
	own := c.payload.API("/repos/%s/branches/%s", c.repo.FullName(), name)
	return answer(http.StatusOK, payload.Object{
		"name": name, "commit": c.payload.Commit(c.repo, c.repo.Git.MustCommit(head)), "protected": false,
		"protection": payload.Object{"enabled": false}, "protection_url": own + "/protection",
		"_links": payload.Object{"self": own, "html": c.payload.Web("/%s/tree/%s", c.repo.FullName(), name)},
	})
}

func (c *call) listBranches() reply {
	return paged(c, slices.Sorted(maps.Keys(c.repo.Branches)), func(name string) payload.Object {
		head := c.repo.Branches[name].String()
		return payload.Object{
			"name": name, "protected": false,
			"commit": payload.Object{"sha": head, "url": c.payload.API("/repos/%s/commits/%s", c.repo.FullName(), head)},
		}
	})
}

func (c *call) getTarball() reply {
	at, ok := c.repo.Resolve(c.vars["ref"])
	if !ok {
		return notFound()
	}
	r := answer(http.StatusFound, nil)
	r.header.Set("Location", c.payload.Web("/%s/legacy.tar.gz/%s", c.repo.FullName(), at))
	return r
}

// permissions are the legacy words for roles.
var permissions = map[string]string{"admin": "admin", "maintain": "write", "write": "write", "triage": "read", "read": "read", "none": "none"}

func (c *call) getPermission() reply {
	a := c.github.Accounts[strings.ToLower(c.vars["username"])]
	if a == nil || a.Kind == model.Organization {
		return notFound()
	}
	role := c.repo.Role(a)
	user := c.payload.User(a)
	user["role_name"] = role
	return answer(http.StatusOK, payload.Object{"permission": permissions[role], "role_name": role, "user": c.payload.Fill("nullable-collaborator", user)})
}

// permissionsOf is what somebody with a role may do in a repository.
func permissionsOf(role string) payload.Object {
	ranks := map[string]int{"read": 1, "triage": 2, "write": 3, "maintain": 4, "admin": 5}
	rank := ranks[role]
	return payload.Object{"pull": rank >= 1, "triage": rank >= 2, "push": rank >= 3, "maintain": rank >= 4, "admin": rank >= 5}
}

func (c *call) listReleases() reply {
	return paged(c, c.repo.PublishedReleases(), c.payload.Release)
}

func (c *call) getRelease() reply {
	for _, l := range c.repo.PublishedReleases() {
		if l.ID == c.idIn("release_id") {
			return answer(http.StatusOK, c.payload.Release(l))
		}
	}
	return notFound()
}

func (c *call) getReleaseByTag() reply {
	if l := c.repo.PublishedRelease(c.vars["tag"]); l != nil {
		return answer(http.StatusOK, c.payload.Release(l))
	}
	return notFound()
}
