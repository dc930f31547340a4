package server

import (
	"time"

	"plimsoll/contracts/openapi"
	"plimsoll/handlers/answers"
	"plimsoll/handlers/source"
	"plimsoll/server/api"
	"plimsoll/server/store"
)

var (
	_ answers.Agreements = storeAdapter{}
	_ api.GitHub         = githubAdapter{}
)

// NewAnswerer makes what answers can-i-deploy and can-remove from a store.
func NewAnswerer(from *store.Store, trees source.Trees) *answers.Answerer {
	remember := storeAdapter{from}
	return &answers.Answerer{
		Registry: from, Versions: from, Baselines: from, Providers: remember, Scans: remember, Agreements: remember, Trees: trees,
		Organisations: &source.Organisations{Accounts: remember, Registry: from, Trees: trees},
		Contracts:     &source.Contracts{Trees: trees, Cache: openapi.NewCache(0)}, Now: time.Now,
	}
}
