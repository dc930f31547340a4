package server

import (
	"errors"
	"net/http"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// neededPermission names what GitHub refused a call for: "pull_requests: read". GitHub says
// so in a header. If a proxy or an older GitHub Enterprise leaves it out, it follows from
// the call itself. It is empty if it is unknown.
// https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#resource-not-accessible
func neededPermission(err error) string {
	refused, ok := errors.AsType[*gh.ErrorResponse](err)
	if !ok || refused.Response == nil {
		return ""
	}
	if accepted := refused.Response.Header.Get("X-Accepted-GitHub-Permissions"); accepted != "" {
		return permissionWords(accepted)
	}
	request := refused.Response.Request
	if request == nil || request.URL == nil {
		return ""
	}
	return permissionOf(request.Method, request.URL.Path)
}

// permissionWords reads "issues=write; pull_requests=write". Commas separate permissions
// that are needed together, semicolons alternatives.
func permissionWords(accepted string) string {
	var alternatives []string
	for way := range strings.SplitSeq(accepted, ";") {
		var together []string
		for each := range strings.SplitSeq(way, ",") {
			if name, level, ok := strings.Cut(strings.TrimSpace(each), "="); ok {
				together = append(together, name+": "+level)
			}
		}
		if len(together) > 0 {
			alternatives = append(alternatives, strings.Join(together, " and "))
		}
	}
	return strings.Join(alternatives, " or ")
}

// callPermissions are the permissions by the first step of a call's path, below the
// repository.
// https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
var callPermissions = map[string]string{
	"": "metadata", "collaborators": "metadata",
	"git": "contents", "contents": "contents", "compare": "contents", "commits": "contents", "branches": "contents",
	"tarball": "contents", "releases": "contents",
	"pulls": "pull_requests", "issues": "issues",
	"check-runs": "checks", "check-suites": "checks",
	"deployments": "deployments", "environments": "actions", "actions": "actions",
}

// lastSteps are those that say more than the first.
var lastSteps = map[string]string{
	"commits pulls": "pull_requests", "commits check-runs": "checks", "commits check-suites": "checks",
	"actions deployment_protection_rule": "deployments",
	"issues comments":                    "pull_requests", // most of them are on pull requests
}

func permissionOf(method, path string) string {
	level := "write"
	if method == http.MethodGet || method == http.MethodHead {
		level = "read"
	}
	permission := ""
	if steps, ok := belowRepository(path); ok {
		permission = callPermissions[steps[0]]
		if len(steps) > 1 && steps[0]+" "+steps[1] == "issues comments" {
			permission = "pull_requests"
		} else if more := lastSteps[steps[0]+" "+steps[len(steps)-1]]; more != "" {
			permission = more
		}
	} else if strings.Contains(path, "/orgs/") {
		permission = "members"
	} else if strings.HasSuffix(path, "/installation/repositories") {
		permission = "metadata"
	}
	if permission == "" {
		return ""
	}
	return permission + ": " + level
}

// belowRepository gives the steps of a path behind the repository, whose name so is
// not taken for one: "/api/v3/repos/acme/pulls/compare/a...b".
func belowRepository(path string) ([]string, bool) {
	steps := strings.Split(path, "/")
	for i, step := range steps {
		names := 0
		switch step {
		case "repos":
			names = 2
		case "repositories":
			names = 1
		default:
			continue
		}
		if rest := i + 1 + names; rest < len(steps) {
			return steps[rest:], true
		}
		return []string{""}, len(steps) == i+1+names
	}
	return nil, false
}
