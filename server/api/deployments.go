package api

import (
	"net/http"
	"strconv"
	"time"

	"plimsoll/deploy"
)

// mostDeployments is how many are listed: the newest.
const mostDeployments = 100

type listedDeployment struct {
	ID          int64          `json:"id"`
	Commit      string         `json:"commit"`
	Ref         string         `json:"ref,omitempty"`
	Task        string         `json:"task,omitempty"`
	Environment string         `json:"environment"`
	Production  bool           `json:"production"`
	Transient   bool           `json:"transient,omitempty"`
	Creator     string         `json:"creator,omitempty"`
	State       deploy.State   `json:"state,omitempty"`
	URL         string         `json:"url,omitempty"`
	CreatedAt   time.Time      `json:"created_at,omitzero"`
	StateAt     time.Time      `json:"state_at,omitzero"`
	SucceededAt time.Time      `json:"succeeded_at,omitzero"`
	Targets     []listedTarget `json:"targets,omitempty"`
}

type deploymentsAnswer struct {
	Schema      string             `json:"schema"`
	Repository  string             `json:"repository"`
	Deployments []listedDeployment `json:"deployments"`
}

type deploymentAnswer struct {
	Schema     string `json:"schema"`
	Repository string `json:"repository"`
	listedDeployment
}

type listedTarget struct {
	Component   string `json:"component"`
	Environment string `json:"environment"`
	Instance    string `json:"instance,omitempty"`
	Production  bool   `json:"production"`
}

func listed(d deploy.Deployment) listedDeployment {
	out := listedDeployment{
		ID: d.ID, Commit: d.Commit, Ref: d.Ref, Task: d.Task, Environment: d.Environment, Production: d.Production, Transient: d.Transient,
		Creator: d.Creator, State: d.State, URL: d.URL, CreatedAt: d.CreatedAt.UTC(), StateAt: d.StateAt.UTC(), SucceededAt: d.SucceededAt.UTC(),
	}
	for _, target := range d.Targets {
		out.Targets = append(out.Targets, listedTarget(target))
	}
	return out
}

func (a *API) listDeployments(w http.ResponseWriter, r *http.Request, who *asker) error {
	repo, err := a.asked(r, who)
	if err != nil {
		return err
	}
	newest, err := a.store.Deployments(r.Context(), repo, mostDeployments)
	if err != nil {
		return err
	}
	out := deploymentsAnswer{"plimsoll.deployments/v1", repo.FullName(), make([]listedDeployment, len(newest))}
	for i, d := range newest {
		out.Deployments[i] = listed(d)
	}
	reply(w, http.StatusOK, out)
	return nil
}

func (a *API) showDeployment(w http.ResponseWriter, r *http.Request, who *asker) error {
	repo, err := a.asked(r, who)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return notFound
	}
	found, err := a.store.Deployment(r.Context(), repo, id)
	if missing(err) {
		return notFound
	}
	if err != nil {
		return err
	}
	reply(w, http.StatusOK, deploymentAnswer{"plimsoll.deployment/v1", repo.FullName(), listed(found)})
	return nil
}
