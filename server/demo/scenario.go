// Package demo is the story that `plimsoll demo` plays and that the front-door
// test holds to its golden pages: an orders service, three consumers that
// registered through their own files and run in production, a pull request that
// breaks two of them, and how its check passes by itself when they have migrated; then it is
// merged and deployed, production starts to fail, and is rolled back.
//
// It only plays on the simulated GitHub and in a simulated production; it must not know
// the server.
package demo

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"plimsoll/server/demo/production"
	"plimsoll/server/simulator"
)

//go:embed all:files
var files embed.FS

// Account is the organisation of the story.
const Account = "acme"

// Visitor is who looks at the dashboard: an owner of the organisation.
const Visitor = "ana"

// repositories of the story, the provider first.
var repositories = []struct{ name, description string }{
	{"orders", "Takes orders and tells what became of them"},
	{"checkout-web", "The shop's checkout"},
	{"billing", "Writes the invoices"},
	{"support-bot", "Tells customers where their parcel is"},
}

// Scenario is the story on one simulated GitHub.
type Scenario struct {
	GitHub     *simulator.Simulator
	Production *production.Production
	Provider   *simulator.Repository
	Consumers  []*simulator.Repository
}

// New makes the repositories; nothing is delivered before Install.
func New(github *simulator.Simulator, runs *production.Production) (*Scenario, error) {
	scenario := &Scenario{GitHub: github, Production: runs}
	for i, r := range repositories {
		repo := github.NewRepository(Account+"/"+r.name, simulator.RepositoryOptions{Private: true, Description: r.description})
		content, err := load(Account + "/" + r.name)
		if err != nil {
			return nil, err
		}
		repo.CommitAs("ana", "main", "Begin", content)
		if i == 0 {
			scenario.Provider = repo
		} else {
			scenario.Consumers = append(scenario.Consumers, repo)
		}
	}
	github.Member(Account, Visitor, "admin")
	return scenario, nil
}

// Install puts the App on the organisation.
func (s *Scenario) Install() *simulator.Installation { return s.GitHub.Install(Account) }

// environment is where everything of the story runs.
const environment = "production"

// Deploy brings the head of a repository's default branch to production.
func (s *Scenario) Deploy(repo *simulator.Repository) {
	d := repo.Deploy(environment, "main", simulator.DeployOptions{Creator: "ben"})
	if repo == s.Provider {
		s.bring(d, false)
		return
	}
	d.Status("in_progress", "")
	d.Status("success", "https://"+strings.ReplaceAll(repo.FullName(), "/", "-")+".example")
}

// DeployAll deploys every repository of the story.
func (s *Scenario) DeployAll() {
	for _, repo := range append([]*simulator.Repository{s.Provider}, s.Consumers...) {
		s.Deploy(repo)
	}
}

// Move merges, in a consumer's repository, that it does not read any more what the
// pull request drops. Nothing is deployed by it.
func (s *Scenario) Move(consumer *simulator.Repository) error {
	_, name, _ := strings.Cut(consumer.FullName(), "/")
	content, err := load("moved/" + name)
	if err != nil {
		return err
	}
	consumer.CommitAs("ben", "main", "Read no stock keeping unit any more", content)
	return nil
}

// Consumer gives one of the consumers by its name.
func (s *Scenario) Consumer(name string) *simulator.Repository {
	return s.GitHub.FindRepository(Account + "/" + name)
}

// OpenPullRequest opens the pull request of the story: it drops a field that two
// consumers read and one that nobody reads, renames a parameter and adds one.
func (s *Scenario) OpenPullRequest() (*simulator.PullRequest, error) {
	content, err := load("pull")
	if err != nil {
		return nil, err
	}
	s.Provider.CommitAs("ana", "slim-lines", "Slim down order lines", content)
	return s.Provider.OpenPullRequest(simulator.PullRequestOptions{
		Title:  "Slim down order lines",
		Body:   "The stock keeping unit moves to the catalogue, and paging goes by cursor.",
		Head:   "slim-lines",
		Author: "ana",
	}), nil
}

// load reads the files of one folder of the story.
func load(folder string) (map[string]string, error) {
	root := "files/" + folder
	content := map[string]string{}
	err := fs.WalkDir(files, root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := files.ReadFile(path)
		content[strings.TrimPrefix(path, root+"/")] = string(data)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("load the demo's %s: %w", folder, err)
	}
	return content, nil
}

// Consumers tells how each consumer of the story registered.
var Consumers = []struct{ Name, How string }{
	{"checkout-web", "a Pact: GET /orders/{id} and POST /orders, field by field"},
	{"billing", "by hand: GET /orders, what it sends and reads"},
	{"support-bot", "a Kiota manifest: GET /orders/{id}/shipment"},
}
