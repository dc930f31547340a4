package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/handlers/pulls"
	"plimsoll/handlers/work"
)

// Route is where an event belongs: events of one key are handled one at a time,
// and those of one kind and key that have not begun are merged.
type Route struct {
	Kind         string
	Key          string
	Installation int64
	Repository   int64
	// Ignore says why the event asks for nothing; empty: it is work.
	Ignore string
}

// envelope is the little of a payload that tells where it belongs.
type envelope struct {
	Action       string `json:"action"`
	Ref          string `json:"ref"`
	Deleted      bool   `json:"deleted"`
	Number       int    `json:"number"`
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
		ID   int64  `json:"id"`
		Body string `json:"body"`
		User who    `json:"user"`
	} `json:"comment"`
	Sender who `json:"sender"`
}

// who is an account.
type who struct {
	Login string `json:"login"`
	Type  string `json:"type"`
}

type pullNumber struct {
	Number int `json:"number"`
}

// RouteEvent tells where an event belongs, from its name and payload alone. app is the id
// of this App: what others publish under our names is looked at. An
// error means that the payload is not one of GitHub's.
func RouteEvent(app int64, event string, payload []byte) (Route, error) {
	var e envelope
	if err := json.Unmarshal(payload, &e); err != nil {
		return Route{}, fmt.Errorf("read the %s payload: %w", event, err)
	}
	route := Route{Kind: event, Installation: e.Installation.ID, Repository: e.Repository.ID}
	if route.Installation == 0 && event != "ping" {
		return ignored(route, "no installation in the payload: sent by a repository's own webhook?"), nil
	}
	switch event {
	case "pull_request":
		return routePullRequest(route, e), nil
	case "check_run":
		return routeCheckRun(app, route, e, payload), nil
	case "issue_comment":
		return routeComment(route, e), nil
	case "check_suite":
		if e.Action != "rerequested" {
			return ignored(route, "action "+e.Action), nil
		}
		route.Key = fmt.Sprintf("repo/%d/suite/%s", e.Repository.ID, e.CheckSuite.HeadSHA)
	case "merge_group":
		// destroyed has the same kind and key: it takes the place of what waits.
		route.Key = work.GroupKey(e.Repository.ID, e.MergeGroup.HeadSHA)
	case "push":
		return routePush(route, e), nil
	case "deployment_protection_rule":
		// Each asks for itself.
		route.Kind, route.Key = kindOfItsOwn(event, payload), work.RepositoryKey(e.Repository.ID)+"/gates"
	case "deployment", "deployment_status", "release":
		return routeLive(route, payload)
	case "repository":
		if !slices.Contains(repositoryActions, e.Action) {
			return ignored(route, "action "+e.Action), nil
		}
		route.Key = work.RepositoryKey(e.Repository.ID)
	case "installation_target":
		if e.Action != "renamed" {
			return ignored(route, "action "+e.Action), nil
		}
		route.Key = work.InstallationKey(e.Installation.ID)
	case "installation":
		route.Key = work.InstallationKey(e.Installation.ID)
		route.Kind = event + "/" + e.Action
	case "installation_repositories":
		// The payload is what counts here, not the subject as it is now: a kind for
		// each, so that none is merged with another, and one key, so that they stay in order.
		route.Key = work.InstallationKey(e.Installation.ID)
		route.Kind = kindOfItsOwn(event, payload)
	default:
		return ignored(route, "nothing to do for this event"), nil
	}
	return route, nil
}

// kindOfItsOwn is a kind for events of which none may take another's place.
func kindOfItsOwn(event string, payload []byte) string {
	sum := sha256.Sum256(payload)
	return event + "/" + hex.EncodeToString(sum[:8])
}

// pullRequestActions ask for a judgement; closed ends it.
var pullRequestActions = []string{"opened", "synchronize", "reopened", "ready_for_review", "closed"}

// repositoryActions change what is known of a repository.
var repositoryActions = []string{"renamed", "transferred", "archived", "unarchived", "deleted", "privatized", "publicized", "edited"}

func routePullRequest(route Route, e envelope) Route {
	route.Key = work.PullKey(e.Repository.ID, e.PullRequest.Number)
	if e.Action == "edited" && (len(e.Changes.Base) > 0 || relinked(e)) {
		return route
	}
	if !slices.Contains(pullRequestActions, e.Action) {
		return ignored(route, "action "+e.Action)
	}
	return route
}

// relinked tells whether an edit of the text changes what it is linked with.
func relinked(e envelope) bool {
	return e.Changes.Body != nil && !slices.Equal(pulls.DependsLines(e.Changes.Body.From), pulls.DependsLines(e.PullRequest.Body))
}

func routeCheckRun(app int64, route Route, e envelope, payload []byte) Route {
	if e.Action == "requested_action" {
		return routePress(route, e, payload)
	}
	if e.Action == "created" || e.Action == "completed" {
		return routeForeign(app, route, e)
	}
	if e.Action != "rerequested" {
		return ignored(route, "action "+e.Action)
	}
	switch checks.CheckOf(e.CheckRun.Name) {
	case checks.ContractsRun:
	case checks.ReadinessRun:
		route.Kind += "/readiness" // one must not take the other's place
	default:
		return ignored(route, "check run "+e.CheckRun.Name)
	}
	if _, ok := work.GroupOfCheckRun(contracts.RepositoryRef{}, e.CheckRun.HeadSHA, e.CheckRun.ExternalID); ok {
		route.Key = work.GroupKey(e.Repository.ID, e.CheckRun.HeadSHA)
		return route
	}
	number, ok := pullOfCheckRun(e.CheckRun.ExternalID, e.CheckRun.PullRequests)
	if !ok {
		return ignored(route, "a check run that belongs to no pull request")
	}
	route.Key = work.PullKey(e.Repository.ID, number)
	return route
}

// routeForeign takes check runs that somebody else makes under our names: GitHub decides a
// required check by the newest run of its name.
func routeForeign(app int64, route Route, e envelope) Route {
	check := checks.CheckOf(e.CheckRun.Name)
	switch {
	case check != checks.ContractsRun && check != checks.ReadinessRun:
		return ignored(route, "check run "+e.CheckRun.Name)
	case e.CheckRun.App.ID == app:
		return ignored(route, "our own check run")
	}
	route.Kind += "/foreign"
	route.Key = fmt.Sprintf("repo/%d/foreign/%s", e.Repository.ID, e.CheckRun.HeadSHA)
	return route
}

// routePress takes the buttons that people press.
func routePress(route Route, e envelope, payload []byte) Route {
	route.Kind = kindOfItsOwn(route.Kind, payload)
	number, ok := pullOfCheckRun(e.CheckRun.ExternalID, e.CheckRun.PullRequests)
	verification, ofDeployment := verificationOfCheckRun(e.CheckRun.ExternalID)
	switch {
	case !slices.Contains([]string{checks.ContractsRun, checks.ReadinessRun, checks.DeployRun}, checks.CheckOf(e.CheckRun.Name)):
		return ignored(route, "check run "+e.CheckRun.Name)
	case !pressable(e.CheckRun.Name, e.RequestedAction.Identifier):
		return ignored(route, "button "+e.RequestedAction.Identifier)
	case isBot(e.Sender.Login, e.Sender.Type):
		return ignored(route, "by a bot")
	case e.CheckRun.Name == checks.DeployRun && ofDeployment:
		route.Key = "verify/" + verification
		return route
	case e.CheckRun.Name == checks.DeployRun || !ok:
		return ignored(route, "a check run that belongs to no pull request")
	}
	route.Key = work.PullKey(e.Repository.ID, number)
	return route
}

// verificationOfCheckRun finds the verification whose check run it is.
func verificationOfCheckRun(externalID string) (id string, ok bool) {
	id, ok = strings.CutPrefix(externalID, "verify/")
	return id, ok && id != ""
}

// pullOfCheckRun finds the pull request of a check run: external_id holds it,
// because pull_requests is empty for a fork's head.
func pullOfCheckRun(externalID string, listed []pullNumber) (int, bool) {
	if digits, ok := strings.CutPrefix(externalID, "pr/"); ok {
		if number, err := strconv.Atoi(digits); err == nil && number > 0 {
			return number, true
		}
	}
	if len(listed) > 0 && listed[0].Number > 0 {
		return listed[0].Number, true
	}
	return 0, false
}

func routePush(route Route, e envelope) Route {
	route.Key = work.RepositoryKey(e.Repository.ID)
	if e.Deleted || e.Ref != "refs/heads/"+e.Repository.DefaultBranch {
		return ignored(route, "not the default branch")
	}
	return route
}

func ignored(route Route, why string) Route {
	route.Ignore = why
	return route
}

// pressable tells whether somebody answers a button on a check run of a name.
func pressable(run, identifier string) bool {
	buttons := map[string][]checks.Action{
		checks.ContractsRun: checks.Buttons(), checks.ReadinessRun: {checks.RecheckAction()}, checks.DeployRun: {checks.RollbackAction()},
	}[checks.CheckOf(run)]
	return slices.ContainsFunc(buttons, func(a checks.Action) bool { return a.Identifier == identifier })
}

// isBot tells accounts that give no commands.
func isBot(login, kind string) bool {
	return login == "" || kind == "Bot" || strings.HasSuffix(login, "[bot]")
}
