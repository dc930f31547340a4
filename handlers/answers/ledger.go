package answers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	commandtext "plimsoll/checks/text/command"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/ledger"
	"plimsoll/handlers/source"
)

// AnswerEntry is the body of the ledger's entry of an answer.
type AnswerEntry struct {
	Deployment int64 `json:"deployment"`
	source.Asked
}

// KeepAnswer writes into the ledger, once, what can-i-deploy says of a deployment when it
// is requested. It has no effect on the deployment.
func (a *Answerer) KeepAnswer(ctx context.Context, kept ledger.Ledger, repo contracts.RepositoryRef, d deploy.Deployment) error {
	if a == nil || len(d.Targets) == 0 {
		return nil
	}
	entry := AnswerEntry{Deployment: d.ID}
	for _, q := range questionsOf(repo, d) {
		asked, err := a.CanIDeploy(ctx, q)
		if bad, ok := errors.AsType[*commandtext.BadQuestion](err); ok {
			// The commit does not declare what GitHub says it brings.
			asked, err = answered([]contracts.AnswerReason{{
				Code: contracts.CodeNotRegistered, Answer: contracts.AnswerUnknown, Environment: q.Environment, Problem: &contracts.Problem{Message: bad.What},
				Provider: contracts.NameVersion(contracts.LiveVersion{Repository: repo, Commit: d.Commit, Environment: q.Environment}),
			}}), nil
		}
		if err != nil {
			return fmt.Errorf("answer deployment %d of %s: %w", d.ID, repo.FullName(), err)
		}
		entry.Reasons = append(entry.Reasons, asked.Reasons...)
	}
	entry.Asked = answered(entry.Reasons)
	body := ledger.Entry{
		Installation: repo.Installation, Kind: ledger.EntryAnswer, Repository: repo.ID, Commit: d.Commit, Actor: d.Creator,
		At: d.CreatedAt, Once: fmt.Sprintf("can-i-deploy/%d", d.ID), Body: json.RawMessage(source.JSON(entry)),
	}
	body.Component, body.Environment = onlyTarget(d.Targets)
	return kept.Append(ctx, body)
}

// questionsOf asks for all components that a deployment brings to one environment
// together.
func questionsOf(repo contracts.RepositoryRef, d deploy.Deployment) []source.DeployQuestion {
	var all []source.DeployQuestion
	for _, target := range d.Targets {
		at := slices.IndexFunc(all, func(q source.DeployQuestion) bool { return q.Environment == target.Environment })
		if at < 0 {
			at = len(all)
			all = append(all, source.DeployQuestion{Repository: repo, Commit: d.Commit, Environment: target.Environment, Known: true, Production: new(bool)})
		}
		q := &all[at]
		*q.Production = *q.Production || target.Production
		if !slices.Contains(q.Components, target.Component) {
			q.Components = append(q.Components, target.Component)
		}
	}
	return all
}

// onlyTarget returns component and environment if there is one of each; "" if there are
// several: the body names them.
func onlyTarget(targets []deploy.Target) (component, environment string) {
	component, environment = targets[0].Component, targets[0].Environment
	for _, target := range targets {
		if target.Component != component {
			component = ""
		}
		if target.Environment != environment {
			environment = ""
		}
	}
	return component, environment
}
