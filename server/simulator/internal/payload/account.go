package payload

import "plimsoll/server/simulator/internal/model"

// User is an account as others see it.
func (b *Builder) User(a *model.Account) Object {
	if a == nil {
		return nil
	}
	return b.Fill("simple-user", Object{
		"id": a.ID, "login": a.Login, "type": a.Kind, "user_view_type": "public", "url": b.API("/users/%s", a.Login),
		"html_url": b.Web("/%s", a.Login), "gravatar_id": "", "avatar_url": b.Web("/avatars/%d", a.ID),
	})
}

// UserOrNil is JSON's null for no account.
func (b *Builder) UserOrNil(a *model.Account) any {
	if a == nil {
		return nil
	}
	return b.User(a)
}

// App is a GitHub App.
func (b *Builder) App(a *model.App) Object {
	return b.Fill("integration", Object{
		"id": a.ID, "slug": a.Slug, "name": a.Name, "client_id": a.ClientID,
		"description": a.Description, "external_url": a.URL, "html_url": b.Web("/apps/%s", a.Slug),
		"owner": b.User(a.Owner), "permissions": a.Permissions, "events": a.Events,
		"created_at": Stamp(a.Created), "updated_at": Stamp(a.Created),
	})
}

func (b *Builder) appOrNil(byApp bool) any {
	if !byApp {
		return nil
	}
	return b.App(b.github.App)
}

// Installation is our App on an account.
func (b *Builder) Installation(i *model.Installation) Object {
	selection := "selected"
	if i.All {
		selection = "all"
	}
	return b.Fill("installation", Object{
		"id": i.ID, "account": b.User(i.Account), "app_id": b.github.App.ID, "app_slug": b.github.App.Slug, "client_id": b.github.App.ClientID,
		"target_id": i.Account.ID, "target_type": i.Account.Kind, "permissions": i.Permissions, "events": i.Events,
		"repository_selection": selection, "access_tokens_url": b.API("/app/installations/%d/access_tokens", i.ID),
		"repositories_url": b.API("/installation/repositories"),
		"html_url":         b.Web("/organizations/%s/settings/installations/%d", i.Account.Login, i.ID),
		"created_at":       Stamp(i.Created), "updated_at": Stamp(i.Updated), "single_file_name": nil,
		"suspended_at": StampOrNil(i.Suspended), "suspended_by": b.UserOrNil(i.SuspendedBy),
	})
}

// Repository is a repository by the schema of that name: repository,
// full-repository or minimal-repository.
func (b *Builder) Repository(schema string, r *model.Repository) Object {
	o := Object{
		"id": r.ID, "name": r.Name, "full_name": r.FullName(), "owner": b.User(r.Owner), "private": r.Private,
		"visibility": r.Visibility(), "archived": r.Archived, "default_branch": r.DefaultBranch, "fork": r.Parent != nil,
		"description": TextOrNil(r.Description), "url": b.API("/repos/%s", r.FullName()),
		"html_url": b.Web("/%s", r.FullName()), "clone_url": b.Web("/%s.git", r.FullName()),
		"created_at": Stamp(r.Created), "updated_at": Stamp(r.Pushed), "pushed_at": Stamp(r.Pushed),
		"has_issues": true, "homepage": nil, "language": nil, "license": nil,
		"open_issues": openIssues(r), "open_issues_count": openIssues(r),
	}
	if schema == "full-repository" && r.Parent != nil {
		o["parent"] = b.Repository("repository", r.Parent)
		o["source"] = b.Repository("repository", r.Parent)
	}
	return b.Fill(schema, o)
}

// openIssues counts issues and pull requests, as GitHub does.
func openIssues(r *model.Repository) (n int) {
	for _, issue := range r.Issues {
		if issue.State == "open" {
			n++
		}
	}
	return n
}

// RepositoryStubs is how installation events name repositories.
func (b *Builder) RepositoryStubs(repositories []*model.Repository) []any {
	return List(repositories, func(r *model.Repository) Object {
		return Object{"id": r.ID, "name": r.Name, "full_name": r.FullName(), "private": r.Private, "node_id": NodeID(r.ID)}
	})
}

// Organization is how events name the organisation of a repository.
func (b *Builder) Organization(a *model.Account) Object {
	return Object{
		"login": a.Login, "id": a.ID, "node_id": NodeID(a.ID), "url": b.API("/orgs/%s", a.Login),
		"repos_url": b.API("/orgs/%s/repos", a.Login), "avatar_url": b.Web("/avatars/%d", a.ID), "description": "",
	}
}

// Profile is an account's public profile.
func (b *Builder) Profile(a *model.Account) Object {
	o := b.User(a)
	o["created_at"], o["updated_at"] = Stamp(a.Created), Stamp(a.Created)
	return b.Fill("public-user", o)
}

// OrganizationSimple is an organisation inside of other answers.
func (b *Builder) OrganizationSimple(a *model.Account) Object {
	return b.Fill("organization-simple", Object{
		"login": a.Login, "id": a.ID, "node_id": NodeID(a.ID), "url": b.API("/orgs/%s", a.Login), "repos_url": b.API("/orgs/%s/repos", a.Login),
		"events_url": b.API("/orgs/%s/events", a.Login), "avatar_url": b.Web("/avatars/%d", a.ID), "description": nil,
	})
}
