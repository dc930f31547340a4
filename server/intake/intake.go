package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/palantir/go-githubapp/githubapp"
	"github.com/rs/zerolog"

	"plimsoll/handlers"
	"plimsoll/server/queue"
	"plimsoll/server/store"
)

// Family is the family of the kinds of intake's jobs: a route's kind "push" becomes
// "event/push".
const Family = "event"

// Routes is the route table of events. It handles the events that it lists.
type Routes interface {
	githubapp.EventHandler
	// Route says where an event belongs, from its name and payload. An error means
	// that the payload is not one of GitHub's: it is stored as ignored and logged.
	Route(event string, payload []byte) (handlers.Route, error)
}

// Intake is the http.Handler of the webhook route, and does the jobs that it stores.
type Intake struct {
	config Config
	// secrets may be replaced while webhooks arrive.
	secrets atomic.Pointer[[]string]
	routes  Routes
	handled map[string]bool // the events of routes
	store   *store.Store
	queue   *queue.Queue
	space   *space
	metrics
}

// New makes an intake whose jobs call the handlers of routes, and registers it with the
// queue.
func New(config Config, routes Routes, s *store.Store, q *queue.Queue) (*Intake, error) {
	config = config.WithDefaults()
	if err := config.validate(); err != nil {
		return nil, fmt.Errorf("make the intake: %w", err)
	}
	if routes == nil || s == nil || q == nil {
		return nil, errors.New("make the intake: the route table, the store and the queue are all needed")
	}
	in := &Intake{
		config: config, routes: routes, handled: map[string]bool{}, store: s, queue: q,
		space: newSpace(config.MaxInFlight), metrics: newMetrics(),
	}
	in.secrets.Store(&config.Secrets)
	for _, event := range routes.Handles() {
		in.handled[event] = true
	}
	q.Register(Family, in.Work)
	return in, nil
}

// Prepare checks new webhook secrets. The function that it returns puts them in the place of
// those in use: every webhook is compared with the old ones or with the new ones.
func (in *Intake) Prepare(secrets []string) (replace func(), err error) {
	config := in.config
	config.Secrets = secrets
	if err := config.validate(); err != nil {
		return nil, fmt.Errorf("replace the webhook secrets: %w", err)
	}
	return func() { in.secrets.Store(&secrets) }, nil
}

// ServeHTTP takes a webhook: it checks it, stores it, and tells GitHub what became of it.
func (in *Intake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	hook, refused := in.receive(w, r)
	if refused != nil {
		in.refuse(w, r, hook, refused)
		return
	}
	defer hook.release()
	logger := zerolog.Ctx(r.Context()).With().Str("delivery", hook.id).Str("event", hook.event).Logger()
	ctx, cancel := context.WithTimeout(logger.WithContext(r.Context()), in.config.StoreTimeout)
	defer cancel()
	became, err := in.keep(ctx, hook)
	if err != nil {
		// GitHub's log shows a failure then, and the replay finds it.
		logger.Error().Err(err).Msg("can't store a webhook; GitHub gets an error, and the replay asks for the webhook again")
		became = resultFailed
	} else {
		logger.Info().Str("state", string(became)).Msg("received a webhook")
	}
	in.count(hook.event, became)
	answer(w, hook, became)
}

// result of a webhook, as GitHub's delivery log shows it to operators.
type result string

const (
	resultStored    result = "stored"
	resultDuplicate result = "duplicate"
	// resultRevived is a redelivery whose job was dead and runs again.
	resultRevived result = "revived"
	resultIgnored result = "ignored"
	resultFailed  result = "failed"
)

// answer tells GitHub what became of a delivery.
func answer(w http.ResponseWriter, hook *hook, became result) {
	status := http.StatusOK
	switch {
	case became == resultFailed:
		status = http.StatusInternalServerError
	case became == resultIgnored && hook.event != "ping":
		status = http.StatusAccepted
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A lost connection is GitHub's to see: the delivery is stored or not.
	_ = json.NewEncoder(w).Encode(struct {
		Delivery string `json:"delivery"`
		State    result `json:"state"`
	}{hook.id, became})
}
