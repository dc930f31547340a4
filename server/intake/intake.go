package intake

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/palantir/go-githubapp/githubapp"
	"github.com/rs/zerolog"
	"golang.org/x/sync/semaphore"

	"plimsoll/server/queue"
	"plimsoll/server/store"
)

// Family is the family of the kinds of intake's jobs: a route's kind "push" becomes
// "event/push".
const Family = "event"

// Intake is the http.Handler of the webhook route, and does the jobs that it stores.
type Intake struct {
	config     Config
	store      *store.Store
	queue      *queue.Queue
	handlers   map[string]githubapp.EventHandler
	dispatcher http.Handler
	// secret signs what was checked for the dispatcher, which knows one secret
	// only. It never leaves the process.
	secret   string
	inFlight *semaphore.Weighted
	metrics
}

// New makes an intake whose jobs call handlers, one per event, and registers it
// with the queue.
func New(config Config, s *store.Store, q *queue.Queue, handlers ...githubapp.EventHandler) (*Intake, error) {
	config = config.WithDefaults()
	if err := config.validate(); err != nil {
		return nil, fmt.Errorf("make the intake: %w", err)
	}
	in := &Intake{
		config: config, store: s, queue: q, handlers: map[string]githubapp.EventHandler{}, secret: rand.Text(),
		inFlight: semaphore.NewWeighted(config.MaxInFlight), metrics: newMetrics(),
	}
	for _, handler := range handlers {
		for _, event := range handler.Handles() {
			if _, taken := in.handlers[event]; taken {
				// The library would silently take the first.
				return nil, fmt.Errorf("make the intake: event %s has two handlers", event)
			}
			in.handlers[event] = handler
		}
	}
	in.dispatcher = githubapp.NewEventDispatcher(handlers, in.secret,
		githubapp.WithScheduler(in),
		githubapp.WithErrorCallback(in.answerError),
		githubapp.WithResponseCallback(in.answer))
	q.Register(Family, in.Work)
	return in, nil
}

// ServeHTTP checks a webhook before the dispatcher sees it: the library's own
// check accepts an empty secret, falls back to SHA-1 and reads without bound.
func (in *Intake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	hook, refused := in.receive(w, r)
	if refused != nil {
		in.refuse(w, r, hook, refused)
		return
	}
	defer in.inFlight.Release(hook.weight)
	logger := zerolog.Ctx(r.Context()).With().Str("delivery", hook.id).Str("event", hook.event).Logger()
	ctx, cancel := context.WithTimeout(logger.WithContext(r.Context()), in.config.StoreTimeout)
	defer cancel()
	in.dispatcher.ServeHTTP(w, in.resigned(context.WithValue(ctx, hookKey{}, hook), hook))
}

// hookKey is the context key of the hook being taken.
type hookKey struct{}

// resigned is a request with the checked hook, signed for the dispatcher.
func (in *Intake) resigned(ctx context.Context, hook *hook) *http.Request {
	mac := hmac.New(sha256.New, []byte(in.secret))
	mac.Write(hook.body)
	header := http.Header{}
	header.Set("Content-Type", "application/json")
	header.Set(headerEvent, hook.event)
	header.Set(headerDelivery, hook.id)
	header.Set(headerSignature, signaturePrefix+hex.EncodeToString(mac.Sum(nil)))
	r := &http.Request{Method: http.MethodPost, Header: header, Body: hook.reader(), ContentLength: int64(len(hook.body))}
	return r.WithContext(ctx)
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

// answer tells GitHub what became of a delivery. The dispatcher calls it; events
// without a handler did not pass through Schedule and are stored here.
func (in *Intake) answer(w http.ResponseWriter, r *http.Request, event string, handled bool) {
	hook := r.Context().Value(hookKey{}).(*hook)
	if !handled {
		if err := in.ignore(r.Context(), hook, Route{Ignore: "no handler for this event"}); err != nil {
			in.answerError(w, r, err)
			return
		}
	}
	status := http.StatusOK
	if hook.result == resultIgnored && event != "ping" {
		status = http.StatusAccepted
	}
	in.count(event, hook.result)
	writeResult(w, status, hook.id, hook.result)
}

// answerError answers 500, so that GitHub's log shows a failure and the replay
// finds it.
func (in *Intake) answerError(w http.ResponseWriter, r *http.Request, err error) {
	hook := r.Context().Value(hookKey{}).(*hook)
	zerolog.Ctx(r.Context()).Error().Err(err).Msg("can't store a webhook; GitHub is told so, and the replay will ask for it again")
	in.count(hook.event, resultFailed)
	status := http.StatusInternalServerError
	if _, invalid := errors.AsType[githubapp.ValidationError](err); invalid {
		status = http.StatusBadRequest
	}
	writeResult(w, status, hook.id, resultFailed)
}

func writeResult(w http.ResponseWriter, status int, delivery string, became result) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A lost connection is GitHub's to see: the delivery is stored or not.
	_ = json.NewEncoder(w).Encode(struct {
		Delivery string `json:"delivery"`
		State    result `json:"state"`
	}{delivery, became})
}

var _ githubapp.Scheduler = (*Intake)(nil)
