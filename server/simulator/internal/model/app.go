package model

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// App is a GitHub App: ours, as its manifest registers it, or another.
type App struct {
	ID            int64
	Slug, Name    string
	Description   string
	ClientID      string
	URL           string
	Permissions   map[string]string
	Events        []string
	Owner, Bot    *Account
	Created       time.Time
	PrivateKey    *rsa.PrivateKey // ours
	WebhookSecret string
	ClientSecret  string
	SetupURL      string
	Callbacks     []string // addresses to which people are sent back
}

// register makes our App from its manifest.
func (g *GitHub) register(c Config) (*App, error) {
	var manifest struct {
		Name        string            `yaml:"name"`
		Description string            `yaml:"description"`
		URL         string            `yaml:"url"`
		Permissions map[string]string `yaml:"default_permissions"`
		Events      []string          `yaml:"default_events"`
		Callbacks   []string          `yaml:"callback_urls"`
	}
	if err := yaml.Unmarshal(c.Manifest, &manifest); err != nil {
		return nil, fmt.Errorf("read the App's manifest: %w", err)
	}
	if err := checkAsked(manifest.Permissions, manifest.Events); err != nil {
		return nil, fmt.Errorf("read the App's manifest: %w", err)
	}
	a := &App{
		ID: c.AppID, Name: manifest.Name, Slug: strings.ToLower(strings.ReplaceAll(manifest.Name, " ", "-")),
		Description: manifest.Description, URL: manifest.URL, ClientID: clientID(c.AppID),
		Permissions: manifest.Permissions, Events: manifest.Events, Created: g.Now(),
		PrivateKey: c.PrivateKey, WebhookSecret: c.WebhookSecret, ClientSecret: "simulator-client-secret", Callbacks: manifest.Callbacks,
	}
	a.Owner = g.AccountNamed("plimsoll-makers", Organization)
	a.Bot = g.AccountNamed(a.Slug+"[bot]", Bot)
	return a, nil
}

func clientID(id int64) string { return fmt.Sprintf("Iv23li%014d", id) }

// EventNeeds says which permission an App must have to subscribe to an event. From the
// "To subscribe to this event" sentences of GitHub's webhook descriptions.
var EventNeeds = map[string]string{
	"pull_request": "pull_requests", "push": "contents", "check_run": "checks", "check_suite": "checks",
	"merge_group": "merge_queues", "issue_comment": "issues", "deployment": "deployments",
	"deployment_status": "deployments", "deployment_protection_rule": "deployments",
	"deployment_review": "deployments", "repository": "metadata", "issues": "issues",
	"status": "statuses", "workflow_run": "actions", "release": "contents", "create": "contents", "delete": "contents",
}

// GitHubActions is the slug of the App that the check runs of workflow jobs belong to.
const GitHubActions = "github-actions"

// OtherApp returns an App other than ours by its slug and registers it if needed.
func (g *GitHub) OtherApp(slug string) *App {
	if slug == "" || slug == g.App.Slug {
		panic(fmt.Sprintf("simulator: %q names no other App", slug))
	}
	if known := g.others[slug]; known != nil {
		return known
	}
	other := &App{
		ID: 15368, Name: "GitHub Actions", Slug: slug, URL: g.BaseURL + "/apps/" + slug, // as https://api.github.com/apps/github-actions
		Permissions: map[string]string{"checks": "write", "metadata": "read"}, Events: []string{}, Created: g.Now(),
	}
	owner := "github"
	if slug != GitHubActions {
		other.ID, other.Name, owner = g.NextID("app"), slug, slug+"-makers"
	}
	other.Owner, other.Bot = g.AccountNamed(owner, Organization), g.AccountNamed(slug+"[bot]", Bot)
	other.ClientID = clientID(other.ID)
	g.others[slug] = other
	return other
}

// PrivateKeyPEM is the App's private key in PKCS #1 PEM form, as GitHub hands it out.
func (a *App) PrivateKeyPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(a.PrivateKey)})
}
