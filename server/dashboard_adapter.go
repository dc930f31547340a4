package server

import (
	"errors"
	"net/http"

	"plimsoll/handlers/answers"
	"plimsoll/server/dashboard"
	"plimsoll/server/dashboard/apis"
	deploymentpages "plimsoll/server/dashboard/deployments"
	"plimsoll/server/dashboard/graph"
	"plimsoll/server/dashboard/inventory"
	"plimsoll/server/dashboard/operations"
	"plimsoll/server/dashboard/overview"
	"plimsoll/server/version"
)

// newDashboard makes the pages for people who log in.
func newDashboard(b base, visitors dashboard.Visitors, answerer *answers.Answerer, d deployments) (http.Handler, error) {
	reader, err := inventory.NewReader(b.store)
	if err != nil {
		return nil, err
	}
	frame, err := dashboard.New(dashboard.Deps{Visitors: visitors, Inventory: inventory.Keep(reader, false), Now: b.store.Now, WebURL: b.github.WebURL()})
	if err != nil {
		return nil, err
	}
	return frame, errors.Join(
		overview.New(overview.Deps{Frame: frame, Store: b.store}),
		apis.New(apis.Deps{Frame: frame, Store: b.store, Answers: answerer, Contracts: b.contracts, WebURL: b.github.WebURL()}),
		graph.New(graph.Deps{Frame: frame, Store: b.store, WebURL: b.github.WebURL()}),
		deploymentpages.New(deploymentpages.Deps{Frame: frame, Store: b.store, Evidence: b.evidence, Rollbacks: d.rollbacks}),
		operations.New(operations.Deps{Frame: frame, Store: b.store, Queue: b.jobs.Queue, GitHub: b.github, Version: version.Current().String()}),
	)
}
