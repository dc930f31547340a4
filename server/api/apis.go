package api

import (
	"net/http"
	"strconv"

	"plimsoll/contracts"
)

// pageOfAPIs is how many APIs a page is made of: each private repository among them
// may cost a request to GitHub.
const pageOfAPIs = 50

type apisAnswer struct {
	Schema string      `json:"schema"`
	APIs   []listedAPI `json:"apis"`
	Next   int         `json:"next,omitempty"`
}

type listedAPI struct {
	API        string `json:"api"`
	Repository string `json:"repository"`
	Component  string `json:"component"`
	Private    bool   `json:"private,omitempty"`
}

// listAPIs lists the APIs of the account that a repository belongs to, as far as the
// token may read them, page by page.
func (a *API) listAPIs(w http.ResponseWriter, r *http.Request, who *asker) error {
	repo, err := a.asked(r, who)
	if err != nil {
		return err
	}
	page := 1
	if text := r.URL.Query().Get("page"); text != "" {
		if page, err = strconv.Atoi(text); err != nil || page < 1 || page > 1_000_000 {
			return bad("page: expected a number from 1 on", "")
		}
	}
	all, err := a.store.ProvidedAPIs(r.Context(), repo.Installation)
	if err != nil {
		return err
	}
	from := min((page-1)*pageOfAPIs, len(all))
	to := min(from+pageOfAPIs, len(all))
	var repos []contracts.RepositoryRef
	for _, one := range all[from:to] {
		repos = append(repos, one.Repository)
	}
	sees, err := who.sees(r.Context(), repos)
	if err != nil {
		return err
	}
	out := apisAnswer{Schema: "plimsoll.apis/v1", APIs: []listedAPI{}}
	for _, one := range all[from:to] {
		if sees(one.Repository.ID) {
			out.APIs = append(out.APIs, listedAPI{one.FullName(), one.Repository.FullName(), one.Component, one.Repository.Private})
		}
	}
	if to < len(all) {
		out.Next = page + 1
	}
	reply(w, http.StatusOK, out)
	return nil
}

// pathAPI finds the API that the path names.
func (a *API) pathAPI(r *http.Request, who *asker) (contracts.APIRef, providedAPI, error) {
	repo, err := a.repository(r.Context(), who, r.PathValue("owner"), r.PathValue("repo"))
	if err != nil {
		return contracts.APIRef{}, providedAPI{}, err
	}
	return a.provided(r, repo, r.PathValue("api"))
}

type providedAPI struct {
	registration contracts.Registration
	component    contracts.Component
	provided     contracts.Provided
}

// provided finds an API of a repository that who asks may read.
func (a *API) provided(r *http.Request, repo contracts.RepositoryRef, name string) (contracts.APIRef, providedAPI, error) {
	ref := contracts.APIRef{Repository: repo, Name: name}
	registration, err := a.store.Registration(r.Context(), repo.Installation, repo.ID)
	if missing(err) {
		return ref, providedAPI{}, notFound
	}
	if err != nil {
		return ref, providedAPI{}, err
	}
	for _, component := range registration.Components {
		for _, provided := range component.Provides {
			if provided.API == name {
				return ref, providedAPI{registration, component, provided}, nil
			}
		}
	}
	return ref, providedAPI{}, notFound
}

type runningVersion struct {
	*contracts.AnswerVersion
	// Contract: what the version offers is known.
	Contract bool `json:"contract"`
}

type apiAnswer struct {
	Schema     string             `json:"schema"`
	API        string             `json:"api"`
	Repository string             `json:"repository"`
	Component  string             `json:"component"`
	Owner      string             `json:"owner,omitempty"`
	Commit     string             `json:"commit"`
	Spec       string             `json:"spec"`
	External   bool               `json:"external"`
	OnBreak    string             `json:"on_break,omitempty"`
	Problem    *contracts.Problem `json:"problem,omitempty"`
	Broken     bool               `json:"file_broken,omitempty"`
	Running    []runningVersion   `json:"running"`
}

func (a *API) showAPI(w http.ResponseWriter, r *http.Request, who *asker) error {
	ref, found, err := a.pathAPI(r, who)
	if err != nil {
		return err
	}
	offered, err := a.store.Offered(r.Context(), ref)
	if err != nil {
		return err
	}
	running := make([]runningVersion, len(offered))
	for i, version := range offered {
		running[i] = runningVersion{contracts.NameVersion(version.LiveVersion), version.Contract != nil}
	}
	reply(w, http.StatusOK, apiAnswer{
		"plimsoll.api/v1", ref.FullName(), ref.Repository.FullName(), found.component.Name, found.component.Owner, found.registration.Commit,
		found.provided.Spec, found.provided.External, found.provided.OnBreak, found.provided.Problem, found.registration.Broken, running,
	})
	return nil
}

// ListedConsumer is a version of a consumer, and what it uses.
type ListedConsumer struct {
	*contracts.AnswerVersion
	// Operations that it lists; none: every one is assumed.
	Operations []string            `json:"operations"`
	Catalogue  bool                `json:"catalogue,omitempty"`
	Evidence   *contracts.Evidence `json:"evidence,omitempty"`
}

// ConsumersAnswer lists the consumers of an API.
type ConsumersAnswer struct {
	Schema    string           `json:"schema"`
	API       string           `json:"api"`
	Consumers []ListedConsumer `json:"consumers"`
	// Hidden counts the components that the token may not read.
	Hidden int `json:"hidden"`
	// Complete: every repository of the account has been read. Otherwise there may be
	// consumers that are not known yet.
	Complete bool `json:"complete"`
}

func (a *API) listConsumers(w http.ResponseWriter, r *http.Request, who *asker) error {
	ref, _, err := a.pathAPI(r, who)
	if err != nil {
		return err
	}
	consumers, err := a.store.Consumers(r.Context(), ref)
	if err != nil {
		return err
	}
	scan, err := a.store.AccountScan(r.Context(), ref.Repository.Installation)
	if err != nil {
		return err
	}
	repos := make([]contracts.RepositoryRef, len(consumers))
	for i, consumer := range consumers {
		repos[i] = consumer.Repository
	}
	sees, err := who.sees(r.Context(), repos)
	if err != nil {
		return err
	}
	out := ConsumersAnswer{Schema: "plimsoll.consumers/v1", API: ref.FullName(), Consumers: []ListedConsumer{}, Complete: !scan.Running && scan.Failed == 0 && len(scan.Missing) == 0}
	type component struct {
		repository int64
		name       string
	}
	hidden := map[component]bool{}
	for _, consumer := range consumers {
		if !sees(consumer.Repository.ID) {
			hidden[component{consumer.Repository.ID, consumer.Component}] = true
			continue
		}
		one := ListedConsumer{AnswerVersion: contracts.NameConsumer(consumer), Operations: []string{}, Catalogue: consumer.Usage.Catalogue}
		for _, use := range consumer.Usage.Operations {
			one.Operations = append(one.Operations, use.Selector)
		}
		if consumer.Usage.Evidence.File != "" {
			one.Evidence = &consumer.Usage.Evidence
		}
		out.Consumers = append(out.Consumers, one)
	}
	out.Hidden = len(hidden)
	reply(w, http.StatusOK, out)
	return nil
}
