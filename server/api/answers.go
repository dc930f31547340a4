package api

import (
	"net/http"
	"strings"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/contracts/impact"
	"plimsoll/handlers/answers"
	"plimsoll/handlers/source"
)

// Schemas of the answers; they are part of the outside.
const (
	DeploySchema = "plimsoll.can-i-deploy/v1"
	RemoveSchema = "plimsoll.can-remove/v1"
)

// DeployAnswer is the answer to can-i-deploy.
type DeployAnswer struct {
	Schema      string                   `json:"schema"`
	Answer      contracts.Answer         `json:"answer"`
	Repository  string                   `json:"repository"`
	Component   string                   `json:"component,omitempty"`
	Commit      string                   `json:"commit"`
	Environment string                   `json:"environment"`
	Reasons     []contracts.AnswerReason `json:"reasons"`
}

// RemoveAnswer is the answer to can-remove.
type RemoveAnswer struct {
	Schema      string                   `json:"schema"`
	Answer      contracts.Answer         `json:"answer"`
	API         string                   `json:"api"`
	Operation   string                   `json:"operation"`
	Field       string                   `json:"field,omitempty"`
	Side        string                   `json:"side,omitempty"`
	Environment string                   `json:"environment,omitempty"`
	Reasons     []contracts.AnswerReason `json:"reasons"`
}

func (a *API) canIDeploy(w http.ResponseWriter, r *http.Request, who *asker) error {
	repo, err := a.asked(r, who)
	if err != nil {
		return err
	}
	query := r.URL.Query()
	out := DeployAnswer{
		Schema: DeploySchema, Repository: repo.FullName(), Component: query.Get("component"),
		Commit: strings.ToLower(query.Get("commit")), Environment: query.Get("environment"),
	}
	question := source.DeployQuestion{Repository: repo, Commit: out.Commit, Environment: out.Environment}
	if out.Component != "" {
		question.Components = []string{out.Component}
	}
	asked, err := a.answers.CanIDeploy(r.Context(), question)
	if err != nil {
		return err
	}
	out.Answer = asked.Answer
	if out.Reasons, err = a.shown(r, who, asked.Reasons); err != nil {
		return err
	}
	reply(w, http.StatusOK, out)
	return nil
}

func (a *API) canRemove(w http.ResponseWriter, r *http.Request, who *asker) error {
	query := r.URL.Query()
	owner, name, short, err := splitAPI(query.Get("api"))
	if err != nil {
		return err
	}
	repo, err := a.repository(r.Context(), who, owner, name)
	if err != nil {
		return err
	}
	api, _, err := a.provided(r, repo, short)
	if err != nil {
		return err
	}
	out := RemoveAnswer{
		Schema: RemoveSchema, API: api.FullName(), Operation: query.Get("operation"), Field: query.Get("field"), Environment: query.Get("environment"),
	}
	if out.Operation == "" {
		return bad("operation: expected one such as GET /orders/{id}, or an operationId", "")
	}
	removal := impact.Removal{Operation: out.Operation, Field: out.Field}
	switch side := query.Get("side"); {
	case side != "" && side != "request" && side != "response":
		return bad("side: expected request or response", "")
	case out.Field != "":
		out.Side = "response"
		if removal.Sends = side == "request"; removal.Sends {
			out.Side = "request"
		}
	}
	asked, err := a.answers.CanRemove(r.Context(), answers.RemoveQuestion{API: api, Removal: removal, Environment: out.Environment})
	if err != nil {
		return err
	}
	out.Answer = asked.Answer
	if out.Reasons, err = a.shown(r, who, asked.Reasons); err != nil {
		return err
	}
	reply(w, http.StatusOK, out)
	return nil
}

// shown returns reasons as the asker may see them, each with its sentence.
func (a *API) shown(r *http.Request, who *asker, reasons []contracts.AnswerReason) ([]contracts.AnswerReason, error) {
	sees, err := who.seesVersions(r.Context(), reasons)
	if err != nil {
		return nil, err
	}
	seen := append([]contracts.AnswerReason{}, contracts.SeenBy(reasons, sees)...) // an empty list is not null
	contracts.SortReasons(seen)
	for i := range seen {
		seen[i].Text = contracttext.AnswerSentence(seen[i])
	}
	return seen, nil
}
