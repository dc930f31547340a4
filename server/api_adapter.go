package server

import (
	"context"
	"time"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/handlers"
	"plimsoll/server/api"
	"plimsoll/server/store"
)

// registered gives the answerer what it needs of the store, in its own words.
type registered struct{ *store.Store }

var (
	_ handlers.NamedAPIs  = registered{}
	_ handlers.Agreements = registered{}
	_ api.GitHub          = hub{}
)

// Providers resolves an API's name as a consumer writes it.
func (r registered) Providers(ctx context.Context, installation int64, written string) ([]contracts.APIRef, error) {
	found, err := r.Store.Providers(ctx, installation, written)
	refs := make([]contracts.APIRef, len(found))
	for i, provider := range found {
		refs[i] = provider.APIRef
	}
	return refs, err
}

// Acknowledgements gives what was agreed to on the pull requests of a provider.
func (r registered) Acknowledgements(ctx context.Context, provider contracts.RepositoryRef) ([]checks.Acknowledgement, error) {
	found, err := r.Store.Acknowledgements(ctx, provider.Installation, provider.ID)
	given := make([]checks.Acknowledgement, len(found))
	for i, a := range found {
		given[i] = checks.Acknowledgement{
			Fingerprint: a.Fingerprint, Repository: a.Repository, Component: a.Component, Override: a.Override,
			Login: a.Login, Reason: a.Reason, Until: a.Until, Number: a.Number, At: a.At,
		}
	}
	return given, err
}

// openAnswers makes what answers can-i-deploy and can-remove, and the way to it over HTTP.
func (s *Server) openAnswers(remember memory, organisations *handlers.Organisations, read *handlers.Contracts) *handlers.Answerer {
	answerer := &handlers.Answerer{
		Registry: s.store, Versions: s.store, Providers: registered{s.store}, Scans: remember, Agreements: registered{s.store},
		Trees: s.hub, Organisations: organisations, Contracts: read, Now: time.Now,
	}
	s.api = api.New(api.Config{GitHub: s.hub, Store: s.store, Answers: answerer})
	return answerer
}
