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
	_ api.GitHub = githubAdapter{}
)

// NewAnswerer makes what answers can-i-deploy and can-remove from a store.
func NewAnswerer(from *store.Store, trees source.Trees) *answers.Answerer {
	return &answers.Answerer{
		Registry: from, Versions: from, Baselines: from, Providers: from, Scans: from, Agreements: from, Trees: trees,
		Organisations: &source.Organisations{Accounts: from, Registry: from, Trees: trees},
		Contracts:     &source.Contracts{Trees: trees, Cache: openapi.NewCache(0)}, Now: time.Now,
	}
}
