package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/handlers/source"
)

// App is the App as GitHub knows it. Permissions maps a permission to read, write
// or admin.
type App struct {
	ID          int64
	Slug        string
	Name        string
	Owner       string
	OwnerID     int64
	OwnerType   string // Organization or User
	HTMLURL     string
	Permissions map[string]string
	Events      []string
}

// identity keeps the App's slug, which names its user.
type identity struct {
	mu   sync.Mutex
	slug string
}

func (c *Clients) slug(ctx context.Context) (string, error) {
	c.identity.mu.Lock()
	known := c.identity.slug
	c.identity.mu.Unlock()
	if known != "" {
		return known, nil
	}
	app, err := c.App(ctx)
	return app.Slug, err
}

// App asks who we are: with the App's own key, not for an installation.
func (c *Clients) App(ctx context.Context) (App, error) {
	fail := func(err error) (App, error) { return App{}, fmt.Errorf("get the App: %w", err) }
	client, err := c.app.client()
	if err != nil {
		return fail(err)
	}
	app, err := c.getApp(ctx, client)
	if err != nil {
		return fail(err)
	}
	if app.ID == 0 || app.Slug == "" {
		return fail(incomplete("App"))
	}
	c.identity.mu.Lock()
	c.identity.slug = app.Slug
	c.identity.mu.Unlock()
	return app, nil
}

// SettingsPage is the address of an account's settings, by its type (Organization or User).
func (c *Clients) SettingsPage(kind, account string) string {
	if kind == "Organization" {
		return c.WebURL() + "/organizations/" + url.PathEscape(account) + "/settings"
	}
	return c.WebURL() + "/settings"
}

// Installations lists one page, counted from 1, of the accounts that have the App
// installed, and returns the number of the next page, 0 at the end.
func (c *Clients) Installations(ctx context.Context, page int) ([]source.Installation, int, error) {
	client, err := c.app.client()
	if err != nil {
		return nil, 0, fmt.Errorf("list installations: %w", err)
	}
	installations, next, err := c.installationsPage(ctx, client, max(page, 1))
	if err != nil {
		return nil, 0, fmt.Errorf("list installations, page %d: %w", page, err)
	}
	return installations, next, nil
}

// Installation reads one account that has the App. If it has not, the error wraps
// [fs.ErrNotExist].
func (c *Clients) Installation(ctx context.Context, id int64) (source.Installation, error) {
	fail := func(err error) (source.Installation, error) {
		return source.Installation{}, NotExist(fmt.Errorf("get installation %d: %w", id, err))
	}
	client, err := c.app.client()
	if err != nil {
		return fail(err)
	}
	var answer installationAnswer
	if _, err := c.ask(ctx, client, http.MethodGet, "app/installations/"+decimal(id), nil, &answer); err != nil {
		return fail(err)
	}
	if answer.ID == 0 {
		return fail(incomplete("installation"))
	}
	return answer.installation(), nil
}

// InstallationRepositories lists one page, counted from 1, of the repositories that an
// installation lets the App read. next is the number of the next page, 0 at the end, and
// total counts the repositories of all pages.
func (c *Clients) InstallationRepositories(ctx context.Context, installation int64, page int) (repositories []source.ListedRepository, next, total int, err error) {
	fail := func(err error) ([]source.ListedRepository, int, int, error) {
		return nil, 0, 0, fmt.Errorf("list repositories of installation %d, page %d: %w", installation, page, err)
	}
	client, err := c.asInstallation(installation)
	if err != nil {
		return fail(err)
	}
	page = max(page, 1)
	found, res, err := client.Apps.ListRepos(ctx, &gh.ListOptions{Page: page, PerPage: perPage})
	if err := c.failure(ctx, err); err != nil {
		return fail(err)
	}
	for _, r := range found.Repositories {
		if r.GetID() == 0 || r.GetName() == "" || r.GetOwner().GetLogin() == "" {
			return fail(incomplete("repository"))
		}
		repositories = append(repositories, source.ListedRepository{Repository: repositoryOf(installation, r), OpenIssues: r.GetOpenIssuesCount()})
	}
	return repositories, nextPage(page, res), found.GetTotalCount(), nil
}
