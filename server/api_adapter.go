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

// openAnswers opens the way to the answers over HTTP. What they read is read by read.
func (s *Server) openAnswers(read *handlers.Contracts) *handlers.Answerer {
	answerer := NewAnswerer(s.store, s.hub)
	answerer.Contracts, answerer.WebURL = read, s.hub.WebURL()
	if s.options.Clock != nil {
		answerer.Now = s.options.Clock
	}
	s.api = api.New(api.Config{GitHub: s.hub, Store: s.store, Answers: answerer})
	return answerer
}
