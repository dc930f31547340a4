package server

import (
	"errors"
	"net/http"

	"plimsoll/handlers/answers"
	"plimsoll/server/dashboard"
	"plimsoll/server/dashboard/apis"
	"plimsoll/server/dashboard/inventory"
	"plimsoll/server/dashboard/overview"
)

// newDashboard makes the pages for people who log in.
func newDashboard(b base, visitors dashboard.Visitors, answerer *answers.Answerer) (http.Handler, error) {
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
	)
}
