package simulator

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// object is a JSON object. Maps come out sorted by key, so that answers and
// deliveries are the same from run to run.
type object = map[string]any

// fill adds to o the ornaments that GitHub's schema of that name requires and the
// model has no opinion on: addresses below the object's own url, node ids, counts,
// switches. Everything else must come from the model; what then is missing the
// validation of the answer tells.
func (s *Simulator) fill(schema string, o object) object {
	definition := s.description.schema(schema)
	own, _ := o["url"].(string)
	if own == "" {
		own = s.base + APIPath
	}
	for _, name := range definition.Required {
		if _, given := o[name]; given {
			continue
		}
		if value, ok := ornament(name, own, o, definition.Properties[name]); ok {
			o[name] = value
		}
	}
	return o
}

func ornament(name, own string, o object, property *openapi3.SchemaRef) (any, bool) {
	switch {
	case property == nil || property.Value == nil:
		return nil, false
	case name == "node_id":
		return nodeID(o["id"], o["sha"]), true
	case strings.HasSuffix(name, "_url") || name == "url":
		return own + "/" + strings.TrimSuffix(strings.TrimSuffix(name, "url"), "_"), true
	case property.Value.Type.Is("integer") && isCount(name):
		return 0, true
	case property.Value.Type.Is("boolean") && (strings.HasPrefix(name, "has_") || name == "site_admin" || name == "disabled"):
		return false, true
	case property.Value.Nullable:
		return nil, true
	}
	return nil, false
}

func isCount(name string) bool {
	switch name {
	case "forks", "watchers", "open_issues", "size", "followers", "following", "public_repos", "public_gists":
		return true
	}
	return strings.HasSuffix(name, "_count")
}

// nodeID makes an opaque id such as GraphQL's.
func nodeID(parts ...any) string {
	for _, part := range parts {
		if part != nil {
			return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "node:%v", part))
		}
	}
	return "node"
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func stampOrNil(t *time.Time) any {
	if t == nil {
		return nil
	}
	return stamp(*t)
}

// textOrNil is JSON's null for "".
func textOrNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func list[T any](items []T, each func(T) object) []any {
	out := make([]any, 0, len(items))
	for _, item := range items {
		out = append(out, each(item))
	}
	return out
}

// api gives an address of the API.
func (s *Simulator) api(format string, args ...any) string {
	return s.base + APIPath + fmt.Sprintf(format, args...)
}

// web gives the address of a page.
func (s *Simulator) web(format string, args ...any) string {
	return s.base + fmt.Sprintf(format, args...)
}

func (s *Simulator) userJSON(a *account) object {
	if a == nil {
		return nil
	}
	o := s.fill("simple-user", object{
		"id": a.id, "login": a.login, "type": a.kind, "user_view_type": "public", "url": s.api("/users/%s", a.login),
		"html_url": s.web("/%s", a.login), "gravatar_id": "", "avatar_url": s.web("/avatars/%d", a.id),
	})
	return o
}

// userOrNil keeps a nil account from becoming an empty object.
func (s *Simulator) userOrNil(a *account) any {
	if a == nil {
		return nil
	}
	return s.userJSON(a)
}

func (s *Simulator) appJSON(a *app) object {
	return s.fill("integration", object{
		"id": a.id, "slug": a.slug, "name": a.name, "client_id": a.clientID,
		"description": a.description, "external_url": a.url, "html_url": s.web("/apps/%s", a.slug),
		"owner": s.userJSON(a.owner), "permissions": a.permissions, "events": a.events,
		"created_at": stamp(a.created), "updated_at": stamp(a.created),
	})
}

func (s *Simulator) appOrNil(byApp bool) any {
	if !byApp {
		return nil
	}
	return s.appJSON(s.app)
}

func (s *Simulator) installationJSON(i *Installation) object {
	selection := "selected"
	if i.all {
		selection = "all"
	}
	return s.fill("installation", object{
		"id": i.id, "account": s.userJSON(i.account), "app_id": s.app.id, "app_slug": s.app.slug, "client_id": s.app.clientID,
		"target_id": i.account.id, "target_type": i.account.kind, "permissions": i.permissions, "events": i.eventsFilter,
		"repository_selection": selection, "access_tokens_url": s.api("/app/installations/%d/access_tokens", i.id),
		"repositories_url": s.api("/installation/repositories"),
		"html_url":         s.web("/organizations/%s/settings/installations/%d", i.account.login, i.id),
		"created_at":       stamp(i.created), "updated_at": stamp(i.updated), "single_file_name": nil,
		"suspended_at": stampOrNil(i.suspended), "suspended_by": s.userOrNil(i.suspendedBy),
	})
}

// repositoryJSON is a repository by the schema of that name: repository,
// full-repository or minimal-repository.
func (s *Simulator) repositoryJSON(schema string, r *Repository) object {
	visibility := "public"
	if r.private {
		visibility = "private"
	}
	o := object{
		"id": r.id, "name": r.name, "full_name": r.fullName(), "owner": s.userJSON(r.owner), "private": r.private,
		"visibility": visibility, "archived": r.archived, "default_branch": r.defaultBranch, "fork": r.parent != nil,
		"description": textOrNil(r.description), "url": s.api("/repos/%s", r.fullName()),
		"html_url": s.web("/%s", r.fullName()), "clone_url": s.web("/%s.git", r.fullName()),
		"created_at": stamp(r.created), "updated_at": stamp(r.pushed), "pushed_at": stamp(r.pushed),
		"has_issues": true, "homepage": nil, "language": nil, "license": nil,
	}
	if schema == "full-repository" && r.parent != nil {
		o["parent"] = s.repositoryJSON("repository", r.parent)
		o["source"] = s.repositoryJSON("repository", r.parent)
	}
	return s.fill(schema, o)
}

// repositoryStubs is how installation events name repositories.
func (s *Simulator) repositoryStubs(repositories []*Repository) []any {
	return list(repositories, func(r *Repository) object {
		return object{"id": r.id, "name": r.name, "full_name": r.fullName(), "private": r.private, "node_id": nodeID(r.id)}
	})
}
