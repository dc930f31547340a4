package github

import (
	"net/http"
	"strings"
)

// otherRoute stands for every request that no template matches, so that metrics
// stay few whatever names repositories and branches have.
const (
	otherRoute = "other"
	tokenRoute = "POST /app/installations/{}/access_tokens"
)

// templates are the requests of this package; {} is one segment, {...} the rest.
var templates = []string{
	"/app",
	"/app/installations",
	"/app/installations/{}",
	"/app/installations/{}/access_tokens",
	"/app/hook/deliveries",
	"/app/hook/deliveries/{}/attempts",
	"/installation/repositories",
	"/orgs/{}/memberships/{}",
	"/orgs/{}/teams/{}/memberships/{}",
	"/repositories/{}",
	"/repositories/{}/{...}",
	"/repos/{}/{}",
	"/repos/{}/{}/actions/runs/{}/deployment_protection_rule",
	"/repos/{}/{}/check-runs",
	"/repos/{}/{}/check-runs/{}",
	"/repos/{}/{}/collaborators/{}/permission",
	"/repos/{}/{}/commits/{}",
	"/repos/{}/{}/commits/{}/check-runs",
	"/repos/{}/{}/compare/{}",
	"/repos/{}/{}/git/blobs/{}",
	"/repos/{}/{}/git/trees/{}",
	"/repos/{}/{}/issues/comments/{}",
	"/repos/{}/{}/issues/comments/{}/reactions",
	"/repos/{}/{}/issues/{}/comments",
	"/repos/{}/{}/pulls",
	"/repos/{}/{}/pulls/{}",
	"/user",
	"/user/installations",
	"/user/installations/{}/repositories",
}

// routes names requests by template.
type routes struct {
	prefix    string // path of the API, "" or "/api/v3"
	templates [][]string
}

func newRoutes(apiPath string) *routes {
	r := &routes{prefix: strings.TrimSuffix(apiPath, "/")}
	for _, template := range templates {
		r.templates = append(r.templates, strings.Split(template[1:], "/"))
	}
	return r
}

// of gives "METHOD /template".
func (r *routes) of(req *http.Request) string {
	if req.URL.Path == graphqlOf(r.prefix) {
		return req.Method + " /graphql"
	}
	path, ok := strings.CutPrefix(req.URL.EscapedPath(), r.prefix+"/")
	if !ok {
		return otherRoute
	}
	segments := strings.Split(path, "/")
	for i, template := range r.templates {
		if matches(template, segments) {
			return req.Method + " " + templates[i]
		}
	}
	return otherRoute
}

func matches(template, segments []string) bool {
	for i, want := range template {
		switch {
		case want == "{...}":
			return len(segments) > i
		case i >= len(segments):
			return false
		case want != "{}" && want != segments[i]:
			return false
		}
	}
	return len(segments) == len(template)
}
