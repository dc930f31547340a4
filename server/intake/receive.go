package intake

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/server/connections"
)

// GitHub's headers (https://docs.github.com/webhooks/webhook-events-and-payloads#delivery-headers).
const (
	headerEvent     = "X-GitHub-Event"
	headerDelivery  = "X-GitHub-Delivery"
	headerSignature = "X-Hub-Signature-256"
	signaturePrefix = "sha256="
)

// keptHeaders are stored with a delivery.
var keptHeaders = []string{
	"X-GitHub-Hook-ID", "X-GitHub-Hook-Installation-Target-ID", "X-GitHub-Hook-Installation-Target-Type",
	"X-GitHub-Enterprise-Host", "X-GitHub-Enterprise-Version", "User-Agent",
}

var (
	eventShape    = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	deliveryShape = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)
)

// hook is a webhook that is being taken.
type hook struct {
	id, event string
	headers   string
	body      []byte
	// release gives back the space of the body.
	release func()
}

// refusal is why a webhook is not taken.
type refusal struct {
	status int
	label  result // for metrics
	text   string
}

// receive checks everything that needs no body first, then reads and checks it.
func (in *Intake) receive(w http.ResponseWriter, r *http.Request) (*hook, *refusal) {
	hook := &hook{}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return hook, &refusal{http.StatusMethodNotAllowed, "refused-method", "webhooks are sent with POST"}
	}
	mediaType, _, err := mime.ParseMediaType(one(r, "Content-Type"))
	if err != nil || mediaType != "application/json" {
		return hook, &refusal{http.StatusUnsupportedMediaType, "refused-type", "set the webhook's content type to application/json"}
	}
	if event := one(r, headerEvent); eventShape.MatchString(event) {
		hook.event = event
	}
	if id := one(r, headerDelivery); deliveryShape.MatchString(id) {
		hook.id = id
	}
	if hook.event == "" || hook.id == "" {
		return hook, &refusal{http.StatusBadRequest, "refused-headers", "one " + headerEvent + " and one " + headerDelivery + " header are needed, in GitHub's form"}
	}
	signature, ok := parseSignature(one(r, headerSignature))
	if !ok {
		return hook, &refusal{http.StatusUnauthorized, "refused-signature", "one " + headerSignature + " header is needed; SHA-1 is not accepted"}
	}
	if r.ContentLength > in.config.MaxBody {
		return hook, &refusal{http.StatusRequestEntityTooLarge, "refused-size", "the body is larger than GitHub sends"}
	}
	if refused := in.read(w, r, hook); refused != nil {
		return hook, refused
	}
	if refused := in.inspect(hook, signature); refused != nil {
		hook.release()
		return hook, refused
	}
	connections.Keep(r.Context())
	hook.headers = headersOf(r)
	return hook, nil
}

// read reads the body. Its space is held until hook.release, unless it is refused.
func (in *Intake) read(w http.ResponseWriter, r *http.Request, hook *hook) *refusal {
	ctx, cancel := context.WithTimeout(r.Context(), in.config.BodyTimeout)
	defer cancel()
	body := in.space.begin(cancel, http.NewResponseController(w).SetReadDeadline)
	err := in.fill(ctx, body, w, r)
	if slow := body.end(); slow || errors.Is(err, os.ErrDeadlineExceeded) {
		err = errSlow
	}
	if err == nil {
		hook.body, hook.release = body.data, body.release
		return nil
	}
	body.release()
	switch _, tooLarge := errors.AsType[*http.MaxBytesError](err); {
	case tooLarge:
		return &refusal{http.StatusRequestEntityTooLarge, "refused-size", "the body is larger than GitHub sends"}
	case errors.Is(err, errSlow):
		return &refusal{http.StatusRequestTimeout, "refused-slow", "the body arrives too slowly"}
	case errors.Is(err, errBusy):
		return &refusal{http.StatusServiceUnavailable, "refused-busy", "too many webhooks at once"}
	}
	return &refusal{http.StatusBadRequest, "refused-body", "the body did not arrive whole"}
}

var (
	errSlow = errors.New("the body arrives too slowly")
	errBusy = errors.New("other bodies have the space")
)

// fill reads into a body what arrives.
func (in *Intake) fill(ctx context.Context, body *body, w http.ResponseWriter, r *http.Request) error {
	// With room for one byte more than may come, the end is seen without growing again.
	most := in.config.MaxBody + 1
	if r.ContentLength >= 0 {
		most = r.ContentLength + 1
	}
	from := http.MaxBytesReader(w, r.Body, in.config.MaxBody)
	until, _ := ctx.Deadline()
	for {
		if len(body.data) == cap(body.data) {
			if err := in.grow(ctx, body, most); err != nil {
				return err
			}
		}
		next := time.Now().Add(in.config.StallTimeout)
		if until.Before(next) {
			next = until
		}
		body.waitUntil(next)
		n, err := from.Read(body.data[len(body.data):cap(body.data)])
		body.data = body.data[:len(body.data)+n]
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// grow waits for space no longer than GitHub waits for an answer.
func (in *Intake) grow(ctx context.Context, body *body, most int64) error {
	ctx, cancel := context.WithTimeout(ctx, in.config.StoreTimeout)
	defer cancel()
	if err := body.grow(ctx, most); err != nil {
		return errors.Join(errBusy, err)
	}
	return nil
}

func (in *Intake) inspect(hook *hook, signature []byte) *refusal {
	if !in.signed(hook.body, signature) {
		return &refusal{http.StatusUnauthorized, "refused-signature", "the signature does not fit the webhook secret"}
	}
	if !json.Valid(hook.body) {
		return &refusal{http.StatusBadRequest, "refused-body", "the body is not JSON"}
	}
	return nil
}

// signed compares with every secret, in constant time: which one fits, and
// whether one does, takes as long.
func (in *Intake) signed(body, signature []byte) bool {
	fits := false
	for _, secret := range *in.secrets.Load() {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		if hmac.Equal(mac.Sum(nil), signature) {
			fits = true
		}
	}
	return fits
}

func parseSignature(header string) ([]byte, bool) {
	digits, ok := strings.CutPrefix(header, signaturePrefix)
	if !ok {
		return nil, false
	}
	signature, err := hex.DecodeString(digits)
	return signature, err == nil && len(signature) == sha256.Size
}

// one gives a header that is there once; "" where it is missing or doubled.
func one(r *http.Request, name string) string {
	if values := r.Header.Values(name); len(values) == 1 {
		return values[0]
	}
	return ""
}

func headersOf(r *http.Request) string {
	const most = 200
	kept := map[string]string{}
	for _, name := range keptHeaders {
		if value := r.Header.Get(name); value != "" {
			kept[name] = value[:min(len(value), most)]
		}
	}
	text, err := json.Marshal(kept)
	if err != nil {
		panic("a map of strings is always JSON: " + err.Error())
	}
	return string(text)
}

// lingering is how long a refused request may go on sending, so that its sender reads
// the answer.
const lingering = time.Second

func (in *Intake) refuse(w http.ResponseWriter, r *http.Request, hook *hook, refused *refusal) {
	in.count("", refused.label)
	zerolog.Ctx(r.Context()).Warn().Str("delivery", hook.id).Str("event", hook.event).Int("status", refused.status).
		Str("reason", refused.text).Msg("refused a webhook")
	// What is left of the body is not waited for.
	w.Header().Set("Connection", "close")
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(lingering))
	http.Error(w, refused.text, refused.status)
}
