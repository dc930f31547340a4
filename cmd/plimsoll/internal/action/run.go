package action

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/contracts"
)

// run is what GitHub Actions says about the workflow run that the step belongs to.
type run struct {
	repository contracts.RepositoryRef
	// number of the pull request; 0 for a merge group.
	number int
	// fork: the head lies in another repository, so that the token may only read.
	fork             bool
	baseRef          string
	baseSHA, headSHA string

	webURL, apiURL string
	token          string
	// page is the address of the workflow run, which shows the job summary.
	page string
	// summary and output are the files that GitHub reads after the step; empty outside Actions.
	summary, output string
}

// eventBytes bounds what is read of the event.
const eventBytes = 32 << 20

// payload is what is read of the event.
type payload struct {
	Number      int `json:"number"`
	PullRequest *struct {
		Base struct {
			Ref string `json:"ref"`
			SHA string `json:"sha"`
		} `json:"base"`
		Head struct {
			SHA        string `json:"sha"`
			Repository *struct {
				ID int64 `json:"id"`
			} `json:"repo"`
		} `json:"head"`
	} `json:"pull_request"`
	MergeGroup *struct {
		BaseRef string `json:"base_ref"`
		BaseSHA string `json:"base_sha"`
		HeadSHA string `json:"head_sha"`
	} `json:"merge_group"`
	Repository struct {
		ID         int64  `json:"id"`
		Private    bool   `json:"private"`
		Visibility string `json:"visibility"`
	} `json:"repository"`
}

// readRun reads the environment of a step.
func readRun(env func(string) string) (run, error) {
	var out run
	event, file := env("GITHUB_EVENT_NAME"), env("GITHUB_EVENT_PATH")
	if event == "" || file == "" {
		return out, errors.New("GITHUB_EVENT_NAME and GITHUB_EVENT_PATH are not set: plimsoll action runs in a step of a GitHub Actions workflow (in a terminal, use plimsoll check)")
	}
	switch event {
	case "pull_request", "merge_group":
	case "pull_request_target":
		return out, errors.New("the workflow runs on pull_request_target, which gives code of forks a token that can write: use on: pull_request")
	default:
		return out, fmt.Errorf("the workflow runs on %s, which has no pull request: use on: pull_request", terminal.Shown(event))
	}
	given, err := readPayload(file)
	if err != nil {
		return out, err
	}
	owner, name, ok := strings.Cut(env("GITHUB_REPOSITORY"), "/")
	if !ok || owner == "" || name == "" {
		return out, errors.New("GITHUB_REPOSITORY: expected owner/repo")
	}
	out = run{
		repository: contracts.RepositoryRef{ID: given.Repository.ID, Owner: owner, Name: name, Private: given.Repository.Private,
			Internal: given.Repository.Visibility == contracts.VisibilityInternal},
		webURL: strings.TrimRight(env("GITHUB_SERVER_URL"), "/"), apiURL: env("GITHUB_API_URL"), token: strings.TrimSpace(env("GITHUB_TOKEN")),
		summary: env("GITHUB_STEP_SUMMARY"), output: env("GITHUB_OUTPUT"),
	}
	if id := env("GITHUB_RUN_ID"); id != "" && out.webURL != "" {
		out.page = fmt.Sprintf("%s/%s/%s/actions/runs/%s", out.webURL, owner, name, id)
	}
	switch pull, group := given.PullRequest, given.MergeGroup; {
	case event == "pull_request" && pull != nil && given.Number > 0:
		out.number, out.baseRef, out.baseSHA, out.headSHA = given.Number, pull.Base.Ref, pull.Base.SHA, pull.Head.SHA
		out.fork = pull.Head.Repository == nil || pull.Head.Repository.ID != given.Repository.ID
	case event == "merge_group" && group != nil:
		out.baseRef, out.baseSHA, out.headSHA = strings.TrimPrefix(group.BaseRef, "refs/heads/"), group.BaseSHA, group.HeadSHA
	default:
		return out, fmt.Errorf("GITHUB_EVENT_PATH: the event %s does not say which commits to compare", event)
	}
	for _, sha := range []string{out.baseSHA, out.headSHA} {
		if !commitID.MatchString(sha) {
			return out, fmt.Errorf("GITHUB_EVENT_PATH: the event %s does not say which commits to compare", event)
		}
	}
	return out, nil
}

func readPayload(file string) (payload, error) {
	var out payload
	info, err := os.Stat(file)
	if err != nil {
		return out, fmt.Errorf("GITHUB_EVENT_PATH: %w", err)
	}
	if info.Size() > eventBytes {
		return out, fmt.Errorf("GITHUB_EVENT_PATH: %d bytes are more than an event has", info.Size())
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return out, fmt.Errorf("GITHUB_EVENT_PATH: %w", err)
	}
	if err := json.Unmarshal(data, &out); err != nil {
		return out, fmt.Errorf("GITHUB_EVENT_PATH: not the JSON of an event: %w", err)
	}
	return out, nil
}
