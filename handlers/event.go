package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
)

// Route is where an event belongs: events of one key are handled one at a time,
// and those of one kind and key that have not begun are merged; the newest one wins.
type Route struct {
	Kind         string
	Key          string
	Installation int64
	Repository   int64
	// Ignore says why the event asks for nothing; empty: it is work.
	Ignore string
}

// envelope is the little of a payload that tells where it belongs. It is all that is
// decoded while GitHub waits for the answer.
type envelope struct {
	event   string
	payload []byte

	Action       string `json:"action"`
	Ref          string `json:"ref"`
	Deleted      bool   `json:"deleted"`
	Installation struct {
		ID int64 `json:"id"`
	} `json:"installation"`
	Repository struct {
		ID            int64  `json:"id"`
		DefaultBranch string `json:"default_branch"`
	} `json:"repository"`
	PullRequest struct {
		Number int    `json:"number"`
		Body   string `json:"body"`
	} `json:"pull_request"`
	Changes struct {
		Base json.RawMessage `json:"base"`
		Body *struct {
			From string `json:"from"`
		} `json:"body"`
	} `json:"changes"`
	CheckRun struct {
		Name         string       `json:"name"`
		ExternalID   string       `json:"external_id"`
		HeadSHA      string       `json:"head_sha"`
		PullRequests []pullNumber `json:"pull_requests"`
		App          struct {
			ID int64 `json:"id"`
		} `json:"app"`
	} `json:"check_run"`
	CheckSuite struct {
		HeadSHA string `json:"head_sha"`
	} `json:"check_suite"`
	MergeGroup struct {
		HeadSHA string `json:"head_sha"`
	} `json:"merge_group"`
	RequestedAction struct {
		Identifier string `json:"identifier"`
	} `json:"requested_action"`
	Issue struct {
		Number      int             `json:"number"`
		PullRequest json.RawMessage `json:"pull_request"`
	} `json:"issue"`
	Comment struct {
		ID   int64   `json:"id"`
		Body string  `json:"body"`
		User account `json:"user"`
	} `json:"comment"`
	Deployment struct {
		ID int64 `json:"id"`
	} `json:"deployment"`
	Release struct {
		ID int64 `json:"id"`
	} `json:"release"`
	Sender account `json:"sender"`
}

type account struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
	Type  string `json:"type"`
}

type pullNumber struct {
	Number int `json:"number"`
}

// isBot tells accounts that give no commands.
func (a account) isBot() bool {
	return a.Login == "" || a.Type == "Bot" || strings.HasSuffix(a.Login, "[bot]")
}

// work is the route of an event that asks for something.
func (e *envelope) work(kind, key string) Route {
	return Route{Kind: kind, Key: key, Installation: e.Installation.ID, Repository: e.Repository.ID}
}

// ignore is the route of an event that asks for nothing.
func (e *envelope) ignore(why string) Route {
	return Route{Kind: e.event, Installation: e.Installation.ID, Repository: e.Repository.ID, Ignore: why}
}

// unique is a kind for events that are never merged: what counts is in the payload.
func (e *envelope) unique() string {
	sum := sha256.Sum256(e.payload)
	return e.event + "/" + hex.EncodeToString(sum[:8])
}

// handleFunc handles a stored event.
type handleFunc func(ctx context.Context, event, delivery string, payload []byte) error

// decoded reads the payload into one of go-github's events for handle.
func decoded[E any](handle func(ctx context.Context, delivery string, e *E) error) handleFunc {
	return func(ctx context.Context, event, delivery string, payload []byte) error {
		e := new(E)
		if err := json.Unmarshal(payload, e); err != nil {
			return fmt.Errorf("decode the %s event: %w", event, err)
		}
		return handle(ctx, delivery, e)
	}
}

// identify names the repository of an event.
func identify(installation *gh.Installation, repo *gh.Repository) contracts.RepositoryRef {
	return contracts.RepositoryRef{
		Installation: installation.GetID(),
		ID:           repo.GetID(),
		Owner:        repo.GetOwner().GetLogin(),
		Name:         repo.GetName(),
		Private:      repo.GetPrivate(),
		Internal:     repo.GetVisibility() == contracts.VisibilityInternal,
	}
}

// describe is identify with what else an event says of the repository.
func describe(installation *gh.Installation, repo *gh.Repository) source.Repository {
	return source.Repository{
		RepositoryRef: identify(installation, repo),
		DefaultBranch: repo.GetDefaultBranch(),
		Archived:      repo.GetArchived(),
		PushedAt:      repo.GetPushedAt().Time,
	}
}
