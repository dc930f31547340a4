package server

import (
	"net/http"

	"plimsoll/server/dashboard"
	"plimsoll/server/dashboard/inventory"
	"plimsoll/server/dashboard/overview"
)

// newDashboard makes the pages for people who log in.
func newDashboard(b base, visitors dashboard.Visitors) (http.Handler, error) {
	reader, err := inventory.NewReader(b.store)
	if err != nil {
		return nil, err
	}
	frame, err := dashboard.New(dashboard.Deps{Visitors: visitors, Inventory: inventory.Keep(reader, false), Now: b.store.Now, WebURL: b.github.WebURL()})
	if err != nil {
		return nil, err
	}
	return frame, overview.New(overview.Deps{Frame: frame, Store: b.store})
}
