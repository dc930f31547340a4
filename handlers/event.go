package handlers

import (
	"encoding/json"
	"fmt"

	gh "github.com/google/go-github/v60/github"
	"github.com/palantir/go-githubapp/githubapp"

	"plimsoll/contracts"
	"plimsoll/handlers/commands"
	"plimsoll/handlers/publication"
	"plimsoll/handlers/pulls"
	"plimsoll/handlers/registry"
	"plimsoll/handlers/source"
	"plimsoll/handlers/tracker"
	"plimsoll/handlers/work"
)

// Handlers gives one handler for each event that Plimsoll acts on.
func Handlers(judge *pulls.Evaluator, registrar *registry.Indexer, commander *commands.Commander, publisher *publication.Publisher, queue work.Queue, runs source.OwnRuns) []githubapp.EventHandler {
	return []githubapp.EventHandler{
		&PullRequestHandler{Judge: judge, Invalidator: registrar.Invalidator},
		&CheckRunHandler{Judge: judge, Commander: commander, Publisher: publisher},
		&CheckSuiteHandler{Pulls: judge.Pulls, Runs: runs, Queue: queue},
		&IssueCommentHandler{Queue: queue},
		&MergeGroupHandler{Judge: judge},
		&PushHandler{Indexer: registrar},
		&RepositoryHandler{Indexer: registrar},
		&InstallationHandler{Accounts: registrar.Accounts, Queue: queue},
		&InstallationRepositoriesHandler{Indexer: registrar, Queue: queue},
		&InstallationTargetHandler{Indexer: registrar},
	}
}

// decode reads a stored payload into one of go-github's events.
func decode[E any](event string, payload []byte) (*E, error) {
	var decoded E
	if err := json.Unmarshal(payload, &decoded); err != nil {
		return nil, fmt.Errorf("decode the %s event: %w", event, err)
	}
	return &decoded, nil
}

// identify names the repository of an event.
func identify(installation *gh.Installation, repo *gh.Repository) contracts.RepositoryRef {
	return contracts.RepositoryRef{
		Installation: installation.GetID(),
		ID:           repo.GetID(),
		Owner:        repo.GetOwner().GetLogin(),
		Name:         repo.GetName(),
		Private:      repo.GetPrivate(),
	}
}

// describe is identify with what else an event says of the repository.
func describe(installation *gh.Installation, repo *gh.Repository) source.Repository {
	return source.Repository{
		RepositoryRef: identify(installation, repo),
		DefaultBranch: repo.GetDefaultBranch(),
		Archived:      repo.GetArchived(),
	}
}

// LiveHandlers gives the handlers of the events that tell what runs where.
func LiveHandlers(watcher *tracker.Tracker, gates *GateHandler) []githubapp.EventHandler {
	return []githubapp.EventHandler{
		&DeploymentHandler{Tracker: watcher},
		&DeploymentStatusHandler{Tracker: watcher},
		&ReleaseHandler{Tracker: watcher},
		gates,
	}
}
