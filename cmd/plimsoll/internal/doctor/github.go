package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/server/github"
)

// Time limits of the checks at GitHub.
const (
	oneRequest  = 15 * time.Second
	manyPages   = time.Minute
	mostSkew    = 30 * time.Second // GitHub takes App tokens from a minute ahead at most
	serverFault = 500              // statuses from here on are GitHub's own faults
)

// hub is what is known of GitHub so far. Its checks are made one after the other.
type hub struct {
	*doctor
	config  github.Config
	clients *github.Clients // nil: the App's credentials are not usable
	// away: GitHub does not answer, so it is not asked again.
	away bool
	// skew is how far this machine's clock is ahead.
	skew time.Duration
	app  github.App // without an id: GitHub does not accept the key
}

// gitHub are the checks that need GitHub, in the order in which they need each other.
func (d *doctor) gitHub() []group {
	h := &hub{doctor: d, config: github.Config{
		WebURL: string(d.conf.GitHub.WebURL), V3URL: string(d.conf.GitHub.V3APIURL), AppID: d.conf.GitHub.App.IntegrationID,
		PrivateKey: []byte(d.conf.GitHub.App.PrivateKey.Reveal()), UserAgent: "plimsoll", Timeout: d.patient(oneRequest), Transport: d.Transport, Log: zerolog.Nop(),
	}.WithDefaults()}
	return []group{{[]step{
		{"GitHub", oneRequest, h.reachable},
		{"App", oneRequest, h.identity},
		{"permissions", manyPages, h.permissions},
		{"webhook", oneRequest, h.webhook},
		{"deliveries", oneRequest, h.deliveries},
	}}}
}

// reachable asks GitHub something that needs no credentials, and reads its clock.
func (h *hub) reachable(ctx context.Context) []Finding {
	if h.unusable("github.web_url", "github.v3_api_url") {
		h.away = true
		return needsConfiguration("GitHub", "")
	}
	api := strings.TrimSuffix(h.config.V3URL, "/")
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, api+"/rate_limit", nil)
	if err != nil {
		h.away = true
		return []Finding{{Check: "GitHub", State: Problem, Found: api + " is not an address.", Fix: "Correct github.v3_api_url."}}
	}
	request.Header.Set("User-Agent", h.config.UserAgent)
	request.Header.Set("Accept", "application/vnd.github+json")
	before := h.Now()
	response, err := h.config.Transport.RoundTrip(request)
	if err != nil {
		h.away = true
		return []Finding{
			{Check: "GitHub", State: Problem, Found: fmt.Sprintf("%s does not answer: %s.", api, reason(ctx, err)), Fix: "Check github.v3_api_url, name resolution, the proxy (HTTPS_PROXY) and the firewall of this machine."},
			{Check: "clock", State: NotChecked, Found: "GitHub does not answer."},
		}
	}
	defer func() { _ = response.Body.Close() }() // its header says enough
	after := h.Now()
	if response.StatusCode >= serverFault {
		h.away = true
		return []Finding{
			{Check: "GitHub", State: Problem, Found: fmt.Sprintf("%s answers %d.", api, response.StatusCode), Fix: "Wait, and see GitHub's status page. The server continues by itself when GitHub answers again."},
			{Check: "clock", State: NotChecked, Found: "GitHub does not answer."},
		}
	}
	return []Finding{{Check: "GitHub", State: OK, Found: api + " answers."}, h.clock(before, after, response.Header.Get("Date"))}
}

// clock compares this machine's clock, before a question and after it, with that of the answer.
func (h *hub) clock(before, after time.Time, header string) Finding {
	there, err := http.ParseTime(header)
	if err != nil {
		return Finding{Check: "clock", State: NotChecked, Found: "GitHub's answer has no time.", Fix: "Compare this machine's clock with another one."}
	}
	switch { // an answer that takes long does not make the clock wrong
	case there.Before(before):
		h.skew = before.Sub(there).Round(time.Second)
	case there.After(after):
		h.skew = after.Sub(there).Round(time.Second)
	}
	if h.skew.Abs() <= mostSkew {
		return Finding{Check: "clock", State: OK, Found: "It differs from GitHub's by less than 30 s."}
	}
	side := "ahead of"
	if h.skew < 0 {
		side = "behind"
	}
	return Finding{Check: "clock", State: Problem, Found: fmt.Sprintf("This machine's clock is %s %s GitHub's.", rounded(h.skew.Abs()), side),
		Fix: "Synchronise it (NTP). GitHub refuses the App's tokens while it is wrong."}
}

// rounded gives a duration as precisely as it matters.
func rounded(d time.Duration) string {
	if d < 2*time.Minute {
		return fmt.Sprintf("%d s", int64(d.Seconds()))
	}
	return fmt.Sprintf("%d min", int64(d.Round(time.Minute).Minutes()))
}

// identity asks GitHub who the App is, with the App's own key.
func (h *hub) identity(ctx context.Context) []Finding {
	one := func(state State, found, fix string) []Finding {
		return []Finding{{Check: "App", State: state, Found: found, Fix: fix}}
	}
	switch {
	case h.unusable("github.app.integration_id", "github.app.private_key"):
		return needsConfiguration("App", "")
	case h.away:
		return one(NotChecked, "GitHub does not answer.", "")
	}
	clients, err := github.New(h.config)
	if err != nil {
		return one(Problem, fmt.Sprintf("The App's key can't be used: %v.", err), "Make a new private key on the App's page, and put it into github.app.private_key.")
	}
	app, err := clients.App(ctx)
	if err != nil {
		return []Finding{h.refused(ctx, err)}
	}
	h.clients, h.app = clients, app
	return one(OK, fmt.Sprintf("GitHub accepts the key of App %d (%s, owned by %s).", app.ID, app.Slug, app.Owner), "")
}

// refused says why GitHub does not take the App's token. It answers 404 for an App that does
// not exist, and 401 for a signature that does not fit the App or a time that it does not take.
func (h *hub) refused(ctx context.Context, err error) Finding {
	f := Finding{Check: "App", State: Problem}
	id := h.conf.GitHub.App.IntegrationID
	answer, ok := errors.AsType[*github.Error](err)
	switch {
	case github.Classify(err) == github.ClassRateLimited:
		return failed(ctx, "App", err)[0]
	case !ok || answer.Status == 0 || answer.Status >= serverFault:
		f.State, f.Found, f.Fix = NotChecked, "GitHub gave no answer: "+reason(ctx, err)+".", "Run the command again."
	case h.skew.Abs() > mostSkew && answer.Status == http.StatusUnauthorized:
		f.Found = fmt.Sprintf("GitHub refuses the App's token (401), as it does while the clock is wrong: %s.", answer.Message)
		f.Fix = "Set the clock, then run the command again."
	case answer.Status == http.StatusNotFound || strings.Contains(strings.ToLower(answer.Message), "issuer"):
		f.Found = fmt.Sprintf("GitHub knows no App %d (%d).", id, answer.Status)
		f.Fix = "Set github.app.integration_id to the App ID on the App's page, and check github.web_url."
	case answer.Status == http.StatusUnauthorized:
		f.Found = fmt.Sprintf("The key is not one of App %d: GitHub refuses its signature (401).", id)
		f.Fix = "Compare github.app.integration_id with the App's page, or make a new private key there for github.app.private_key."
	default:
		f.Found, f.Fix = fmt.Sprintf("GitHub refuses the App: %s.", answer.Brief()), "See the App's page on GitHub."
	}
	return f
}

// without gives the finding of a check that needs the App; ok is false where it is not known.
func (h *hub) without(check string) (findings []Finding, ok bool) {
	if h.clients != nil {
		return nil, true
	}
	found := "It needs the App's id and key."
	if h.away {
		found = "GitHub does not answer."
	}
	return []Finding{{Check: check, State: NotChecked, Found: found}}, false
}

// failed is the finding of a check that GitHub did not answer.
func failed(ctx context.Context, check string, err error) []Finding {
	if limited, ok := errors.AsType[*github.RateLimited](err); ok {
		return []Finding{{Check: check, State: NotChecked, Found: "GitHub's rate limit for the App is reached.", Fix: "Run the command again after " + limited.Until.UTC().Format(time.RFC3339) + "."}}
	}
	return []Finding{{Check: check, State: NotChecked, Found: "GitHub gave no answer: " + reason(ctx, err) + ".", Fix: "Run the command again."}}
}

// reason is why something failed, in one line.
func reason(ctx context.Context, err error) string {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "it takes too long"
	case ctx.Err() != nil:
		return "it was interrupted"
	}
	var lines []string
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); !slices.Contains(lines, line) { // one for each address, often the same
			lines = append(lines, line)
		}
	}
	return strings.TrimSuffix(strings.Join(lines, " "), ".")
}
