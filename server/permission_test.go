package server

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/server/github"
)

func TestNeededPermission(t *testing.T) {
	tests := []struct{ method, path, header, want string }{
		{"GET", "/repos/acme/shop/compare/a...b", "", "contents: read"},
		{"GET", "/api/v3/repos/acme/pulls/compare/a...b", "", "contents: read"},
		{"GET", "/repos/acme/shop/git/trees/4f", "", "contents: read"},
		{"GET", "/repositories/17/contents/pulls/openapi.yaml", "", "contents: read"},
		{"GET", "/repos/acme/shop/commits/4f/check-runs", "", "checks: read"},
		{"POST", "/repos/acme/shop/check-runs", "", "checks: write"},
		{"PATCH", "/repositories/17/check-runs/4", "", "checks: write"},
		{"GET", "/repos/acme/shop/pulls/1/files", "", "pull_requests: read"},
		{"GET", "/repos/acme/shop/commits/4f/pulls", "", "pull_requests: read"},
		{"POST", "/repos/acme/shop/issues/1/comments", "", "pull_requests: write"},
		{"POST", "/repos/acme/shop/issues/1/comments", "issues=write; pull_requests=write", "issues: write or pull_requests: write"},
		{"POST", "/repos/acme/shop/issues", "", "issues: write"},
		{"PATCH", "/repositories/17/issues/4", "", "issues: write"},
		{"GET", "/repos/acme/shop/issues", "", "issues: read"},
		{"PATCH", "/repositories/17/issues/comments/4", "", "pull_requests: write"},
		{"GET", "/repos/acme/shop/pulls/1", "contents=read, pull_requests=read", "contents: read and pull_requests: read"},
		{"GET", "/repos/acme/shop/git/trees/4f", "gibberish", ""},
		{"GET", "/repos/acme/shop", "", "metadata: read"},
		{"GET", "/repos/acme/shop/collaborators/ana/permission", "", "metadata: read"},
		{"GET", "/orgs/acme/teams/web/memberships/ana", "", "members: read"},
		{"POST", "/repos/acme/shop/deployments/4/statuses", "", "deployments: write"},
		{"POST", "/repos/acme/shop/actions/runs/4/deployment_protection_rule", "", "deployments: write"},
		{"GET", "/repos/acme/shop/actions/runs/4", "", "actions: read"},
		{"GET", "/repos/acme/shop/environments", "", "actions: read"},
		{"GET", "/repos/acme/shop/something/new", "", ""},
		{"GET", "/installation/repositories", "", "metadata: read"},
	}
	for _, test := range tests {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			answer := &http.Response{Header: http.Header{}, Request: &http.Request{Method: test.method, URL: &url.URL{Path: test.path}}}
			if test.header != "" {
				answer.Header.Set("X-Accepted-GitHub-Permissions", test.header)
			}
			err := fmt.Errorf("read something: %w", &github.Error{Class: github.ClassPermission, Err: &gh.ErrorResponse{Response: answer}})
			if got := neededPermission(err); got != test.want {
				t.Errorf("got %q, expected %q", got, test.want)
			}
		})
	}
	if got := neededPermission(&github.Error{Class: github.ClassPermission}); got != "" {
		t.Errorf("of an error without an answer: %q", got)
	}
}
