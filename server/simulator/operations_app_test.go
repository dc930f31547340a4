package simulator_test

import (
	"context"
	"errors"

	"github.com/google/go-github/v60/github"
)

// appCalls are calls about the App, its installations and accounts.
func (s *scene) appCalls() []call {
	return []call{
		{"app", func(ctx context.Context) (any, error) { a, _, err := s.app.Apps.Get(ctx, ""); return a.GetSlug(), err }, "plimsoll"},
		{"manifest", func(ctx context.Context) (any, error) {
			a, _, err := s.app.Apps.CompleteAppManifest(ctx, s.w.sim.ManifestCode())
			return a.GetPEM(), err
		}, "RSA PRIVATE KEY"},
		{"installations", func(ctx context.Context) (any, error) {
			a, _, err := s.app.Apps.ListInstallations(ctx, nil)
			return a[0], err
		}, "acme"},
		{"installation", func(ctx context.Context) (any, error) {
			a, _, err := s.app.Apps.GetInstallation(ctx, s.w.install.ID())
			return a, err
		}, "acme"},
		{"organisation's installation", func(ctx context.Context) (any, error) {
			a, _, err := s.app.Apps.FindOrganizationInstallation(ctx, "acme")
			return a, err
		}, "acme"},
		{"user's installation", func(ctx context.Context) (any, error) {
			a, _, err := s.app.Apps.FindUserInstallation(ctx, "acme")
			return a, err
		}, "acme"},
		{"repository's installation", func(ctx context.Context) (any, error) {
			a, _, err := s.app.Apps.FindRepositoryInstallation(ctx, "acme", "orders")
			return a, err
		}, "acme"},
		{"hook config", func(ctx context.Context) (any, error) {
			a, _, err := s.app.Apps.GetHookConfig(ctx)
			return a.GetURL(), err
		}, "/api/github/hook"},
		{"delivery", func(ctx context.Context) (any, error) {
			a, _, err := s.app.Apps.GetHookDelivery(ctx, s.deliveries[0].GetID())
			return a, err
		}, s.deliveries[0].GetGUID()},
		{"redelivery", func(ctx context.Context) (any, error) {
			a, _, err := s.app.Apps.RedeliverHookDelivery(ctx, s.deliveries[0].GetID())
			if accepted := (*github.AcceptedError)(nil); errors.As(err, &accepted) {
				return "accepted", nil
			}
			return a, err
		}, "accepted"},
		{"rate limit", func(ctx context.Context) (any, error) { a, _, err := s.client.RateLimit.Get(ctx); return a, err }, "5000"},
		{"organisation", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Organizations.Get(ctx, "acme")
			return a, err
		}, "acme"},
		{"user", func(ctx context.Context) (any, error) { a, _, err := s.client.Users.Get(ctx, "alice"); return a, err }, "alice"},
		{"the caller", func(ctx context.Context) (any, error) {
			a, _, err := s.w.client(nil).WithAuthToken(s.w.sim.UserToken("alice")).Users.Get(ctx, "")
			return a, err
		}, "alice"},
		{"the caller's installations", func(ctx context.Context) (any, error) {
			a, _, err := s.w.client(nil).WithAuthToken(s.w.sim.AppUserToken("alice")).Apps.ListUserInstallations(ctx, nil)
			return a[0].GetAccount().GetLogin(), err
		}, "acme"},
		{"the caller's repositories", func(ctx context.Context) (any, error) {
			a, _, err := s.w.client(nil).WithAuthToken(s.w.sim.AppUserToken("alice")).Apps.ListUserRepos(ctx, s.w.install.ID(), nil)
			return a.Repositories[0].GetFullName(), err
		}, "acme/"},
		{"the caller's token is void", func(ctx context.Context) (any, error) {
			client := s.w.client(&github.BasicAuthTransport{Username: s.w.sim.ClientID(), Password: s.w.sim.ClientSecret()})
			_, err := client.Authorizations.Revoke(ctx, s.w.sim.ClientID(), s.w.sim.AppUserToken("alice"))
			return "void", err
		}, "void"},
		{"an owner", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Organizations.GetOrgMembership(ctx, "alice", "acme")
			return a.GetRole(), err
		}, "admin"},
		{"team", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Teams.GetTeamMembershipBySlug(ctx, "acme", "payments", "alice")
			return a.GetState(), err
		}, "active"},
		{"repositories", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Apps.ListRepos(ctx, nil)
			return a.Repositories[1], err
		}, "acme/web"},
	}
}

// gitCalls read repositories.
func (s *scene) gitCalls() []call {
	return []call{
		{"repository", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.Get(ctx, "acme", "orders")
			return a, err
		}, "acme/orders"},
		{"repository by id", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.GetByID(ctx, s.w.orders.ID())
			return a, err
		}, "acme/orders"},
		{"file", func(ctx context.Context) (any, error) {
			file, _, _, err := s.client.Repositories.GetContents(ctx, "acme", "orders", "openapi.yaml", &github.RepositoryContentGetOptions{Ref: s.head})
			if err != nil {
				return nil, err
			}
			return file.GetContent()
		}, "/items"},
		{"directory", func(ctx context.Context) (any, error) {
			_, a, _, err := s.client.Repositories.GetContents(ctx, "acme", "orders", "docs", nil)
			return a[0], err
		}, "docs/run.md"},
		{"root", func(ctx context.Context) (any, error) {
			_, a, _, err := s.client.Repositories.GetContents(ctx, "acme", "orders", "", nil)
			return a[1], err
		}, "README.md"},
		{"branch", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.GetBranch(ctx, "acme", "orders", "more", 1)
			return a.GetCommit().GetSHA(), err
		}, s.head},
		{"branches", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.ListBranches(ctx, "acme", "orders", nil)
			return a[1].GetName(), err
		}, "more"},
		{"commit", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.GetCommit(ctx, "acme", "orders", "more", nil)
			return a.Files[0], err
		}, "/items"},
		{"commit's SHA", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.GetCommitSHA1(ctx, "acme", "orders", "more", "")
			return a, err
		}, s.head},
		{"commits", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.ListCommits(ctx, "acme", "orders", &github.CommitsListOptions{Path: "docs"})
			return a[0].GetCommit().GetMessage(), err
		}, "Add the contract"},
		{"compare", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.CompareCommits(ctx, "acme", "orders", "main", "more", nil)
			return a.GetStatus(), err
		}, "diverged"},
		{"tarball", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.GetArchiveLink(ctx, "acme", "orders", github.Tarball, &github.RepositoryContentGetOptions{Ref: "main"}, 0)
			return a, err
		}, "tar.gz"},
		{"blob", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Git.GetBlob(ctx, "acme", "orders", s.blob.GetSHA())
			return a.GetEncoding(), err
		}, "base64"},
		{"raw blob", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Git.GetBlobRaw(ctx, "acme", "orders", s.blob.GetSHA())
			return string(a), err
		}, "/items"},
		{"git commit", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Git.GetCommit(ctx, "acme", "orders", s.head)
			return a, err
		}, "Add a path"},
		{"ref", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Git.GetRef(ctx, "acme", "orders", "heads/more")
			return a, err
		}, s.head},
		{"pull ref", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Git.GetRef(ctx, "acme", "orders", "pull/1/head")
			return a, err
		}, s.head},
		{"tags", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Git.ListMatchingRefs(ctx, "acme", "orders", &github.ReferenceListOptions{Ref: "tags/"})
			return a[0], err
		}, "refs/tags/v1"},
	}
}
