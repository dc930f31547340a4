package server

import (
	"time"

	"plimsoll/contracts"
	"plimsoll/handlers"
	"plimsoll/server/api"
	"plimsoll/server/store"
)

var (
	_ handlers.Agreements = memory{}
	_ api.GitHub          = hub{}
)

// NewAnswerer makes what answers can-i-deploy and can-remove from a store.
func NewAnswerer(from *store.Store, trees handlers.Trees) *handlers.Answerer {
	remember := memory{from}
	return &handlers.Answerer{
		Registry: from, Versions: from, Baselines: from, Providers: remember, Scans: remember, Agreements: remember, Trees: trees,
		Organisations: &handlers.Organisations{Accounts: remember, Registry: from, Trees: trees},
		Contracts:     &handlers.Contracts{Trees: trees, Cache: contracts.NewCache(0)}, Now: time.Now,
	}
}
