package api

import (
	"context"
	"net/http"
	"time"

	"plimsoll/contracts"
	"plimsoll/handlers/answers"
	"plimsoll/handlers/source"
	"plimsoll/server/store"
	"plimsoll/server/version"
)

// Prefix of every path of this package.
const Prefix = "/api/v1/"

// GitHub says what a token may read.
type GitHub interface {
	// ReadableBy asks with the token; see [plimsoll/server/github.Clients.ReadableBy].
	ReadableBy(ctx context.Context, token, owner, name string) (contracts.RepositoryRef, error)
}

// Answers answers questions from the registry.
type Answers interface {
	CanIDeploy(ctx context.Context, q source.DeployQuestion) (source.Asked, error)
	CanRemove(ctx context.Context, q answers.RemoveQuestion) (source.Asked, error)
}

// Config of New. Clock defaults to the machine's.
type Config struct {
	GitHub  GitHub
	Store   *store.Store
	Answers Answers
	Clock   func() time.Time
}

// API is the handler of everything below Prefix.
type API struct {
	store   *store.Store
	answers Answers
	door    *door
	mux     *http.ServeMux
}

// New makes the handler.
func New(config Config) *API {
	clock := config.Clock
	if clock == nil {
		clock = time.Now
	}
	a := &API{store: config.Store, answers: config.Answers, door: newDoor(config.GitHub, clock), mux: http.NewServeMux()}
	for pattern, serve := range a.routes() {
		a.mux.Handle("GET "+Prefix+pattern, a.behindDoor(serve))
	}
	a.mux.HandleFunc("GET "+Prefix+"openapi.json", describe)
	a.mux.HandleFunc(Prefix, func(w http.ResponseWriter, r *http.Request) { fail(w, r, notFound) })
	return a
}

// routes are the questions that need a token, by their paths below Prefix.
func (a *API) routes() map[string]func(http.ResponseWriter, *http.Request, *asker) error {
	return map[string]func(http.ResponseWriter, *http.Request, *asker) error{
		"apis":                                a.listAPIs,
		"apis/{owner}/{repo}/{api}":           a.showAPI,
		"apis/{owner}/{repo}/{api}/consumers": a.listConsumers,
		"can-i-deploy":                        a.canIDeploy,
		"can-remove":                          a.canRemove,
		"deployments":                         a.listDeployments,
		"deployments/{id}":                    a.showDeployment,
		"ledger":                              a.ledger,
		"metrics":                             a.metrics(MetricsSchema),
		"keys":                                a.metrics(FormerMetricsSchema), // the old name, for one version
		"running":                             a.running,
	}
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(version.Header, version.Current().Release)
	a.mux.ServeHTTP(w, r)
}

// maxQuery bounds what is read of a question.
const maxQuery = 8 << 10

// behindDoor lets in requests with a token, and reports what goes wrong.
func (a *API) behindDoor(serve func(http.ResponseWriter, *http.Request, *asker) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Vary", "Authorization")
		if len(r.URL.RawQuery) > maxQuery {
			fail(w, r, &refusal{status: http.StatusRequestURITooLong, what: "the question is too long"})
			return
		}
		who, err := a.door.open(r)
		if err == nil {
			err = serve(w, r, who)
		}
		if err != nil {
			fail(w, r, err)
		}
	})
}

// repository finds a repository that who asks may read; anything else is not found.
func (a *API) repository(ctx context.Context, who *asker, owner, name string) (contracts.RepositoryRef, error) {
	readable, err := who.reads(ctx, owner, name)
	if err != nil {
		return contracts.RepositoryRef{}, err
	}
	installations, err := a.store.Installations(ctx)
	if err != nil {
		return contracts.RepositoryRef{}, err
	}
	suspended := false
	for _, installation := range installations {
		if installation.State != store.Active && installation.State != store.Suspended {
			continue
		}
		known, err := a.store.Repository(ctx, installation.ID, readable.ID)
		switch {
		case missing(err):
			continue
		case err != nil:
			return contracts.RepositoryRef{}, err
		case known.Gone != "":
		case installation.State == store.Suspended:
			suspended = true
		default:
			return known.RepositoryRef, nil
		}
	}
	if suspended { // what is known may be old: it is no answer
		return contracts.RepositoryRef{}, appSuspended
	}
	return contracts.RepositoryRef{}, notFound
}

// asked gives the repository of the question, "owner/repo".
func (a *API) asked(r *http.Request, who *asker) (contracts.RepositoryRef, error) {
	owner, name, err := splitRepository(r.URL.Query().Get("repository"))
	if err != nil {
		return contracts.RepositoryRef{}, err
	}
	return a.repository(r.Context(), who, owner, name)
}
