package probe

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"plimsoll/config"
	"plimsoll/deploy"
)

// Journey is a probe that sends more than a path: one request, or several of which later ones
// use values of the answers to earlier ones.
type Journey struct {
	// Installation whose budget it takes from.
	Installation int64
	// Base is the environment's address; an outsider may have chosen it.
	Base string
	// Name is empty for one request that is no journey.
	Name string
	// Within bounds all of it; 0: the limit of one request.
	Within time.Duration
	Steps  []config.Step
	Rules  Rules
	Values Values
}

// Rules are what the operator lets a repository do.
type Rules struct {
	// Allowed are the hosts and ranges that may be probed.
	Allowed []config.Allowed
	// Post are those that may be sent a POST.
	Post []config.Origin
	// Secrets that may be sent, each to its own hosts.
	Secrets []config.ProbeSecret
}

// maxJourney bounds all requests of a journey.
const maxJourney = 30 * time.Second

// Journey makes the requests of a journey, until one fails. Like Probe it never waits. The
// slot of the host is held until the end: the first half of a journey must not be made twice
// because the second half has to wait.
func (p *Prober) Journey(ctx context.Context, j Journey) (deploy.ProbeResult, error) {
	result := deploy.ProbeResult{At: p.config.Now().UTC(), Journey: j.Name}
	r := &run{Journey: j, prober: p, guard: guard{j.Rules.Allowed}, answers: map[string]answer{}, left: p.config.Limits.Whole}
	if j.Within > 0 {
		r.left = min(j.Within, maxJourney)
	}
	host, refused := r.permitted(&result)
	if refused {
		return result, nil
	}
	freeHost, ok := p.hosts.take(hostSlot{j.Installation, host})
	if !ok {
		return deploy.ProbeResult{}, ErrBusy
	}
	defer freeHost()
	free, ok := p.installations.take(j.Installation)
	if !ok {
		return deploy.ProbeResult{}, ErrBusy
	}
	defer free()
	for _, step := range j.Steps {
		result = r.step(ctx, step, result)
		result.Steps++
		if !result.Passed() {
			break
		}
	}
	result.Took = r.took
	return result, nil
}

// run is a journey under way.
type run struct {
	Journey
	prober  *Prober
	guard   guard
	answers map[string]answer
	// left is what remains of the budget, took what the answers took.
	left, took time.Duration
	// hidden are the forms in which an answer may repeat a secret that was sent.
	hidden []string
}

// permitted reports what keeps a journey from being made, before anything is sent.
func (r *run) permitted(result *deploy.ProbeResult) (host string, refused bool) {
	for _, step := range r.Steps {
		r.begin(result, step)
		refuse := func(why deploy.ProbeRefusal) (string, bool) {
			result.Outcome, result.Refusal = deploy.ProbeRefused, why
			return "", true
		}
		t, refusal := first(r.Base, "/")
		if refusal == "" {
			refusal = r.guard.host(t)
		}
		if refusal == "" && step.Post != "" && !listed(r.Rules.Post, t) {
			refusal = deploy.RefusedPost
		}
		if refusal != "" {
			return refuse(refusal)
		}
		host = t.host
		for _, name := range secretsOf(step) {
			secret, ok := r.secret(name, t)
			if !ok {
				result.Missing = name
				return refuse(deploy.RefusedSecret)
			}
			r.hidden = append(r.hidden, forms(secret.Value.Reveal())...)
		}
	}
	return host, false
}

// begin says in a result which step it is about.
func (r *run) begin(result *deploy.ProbeResult, step config.Step) {
	result.Step, result.Method, result.Path = string(step.Name), step.Method(), step.Path()
	result.Within, result.WantStatus = step.Expect.Within.Value(), wantStatus(step.Expect.Status)
	result.Status, result.Size, result.AtLeast, result.Redirects = 0, 0, false, 0
}

func listed(origins []config.Origin, t target) bool {
	return slices.ContainsFunc(origins, func(o config.Origin) bool { return o.Matches(t.scheme, t.host, t.port) })
}

// secret finds a secret that may be sent to a target.
func (r *run) secret(name string, t target) (config.ProbeSecret, bool) {
	i := slices.IndexFunc(r.Rules.Secrets, func(s config.ProbeSecret) bool { return string(s.Name) == name && listed(s.Hosts, t) })
	if i < 0 {
		return config.ProbeSecret{}, false
	}
	return r.Rules.Secrets[i], true
}

// step makes one request of the journey, with its redirects, and evaluates the answer.
func (r *run) step(ctx context.Context, step config.Step, result deploy.ProbeResult) deploy.ProbeResult {
	r.begin(&result, step)
	t, m, lack := r.request(step)
	switch {
	case lack.refusal != "":
		result.Outcome, result.Refusal, result.Missing = deploy.ProbeRefused, lack.refusal, lack.placeholder
		return result
	case lack.problem != "":
		result.Outcome, result.Missing, result.Problem = deploy.ProbeValue, lack.placeholder, lack.problem
		return result
	}
	budget := min(r.left, r.prober.config.Limits.Whole)
	began := time.Now()
	defer func() { r.left -= time.Since(began) }()
	for left := budget; ; {
		if left <= 0 {
			result.Outcome = deploy.ProbeSlow
			return result
		}
		a, end := r.prober.ask(ctx, m, t, r.guard, left)
		if end != "" {
			result.Outcome = end
			if end == deploy.ProbeRefused {
				result.Refusal = deploy.RefusedAddress
			}
			return result
		}
		left -= a.took
		r.took += a.took
		if a.location == "" || result.Redirects >= min(step.Redirects, maxRedirects) || m.method == http.MethodPost {
			a.read, a.body = len(a.body), r.hide(a.body)
			r.answers[string(step.Name)] = a
			result.Took = budget - left
			return r.shown(evaluate(result, step.Expect, r.expected, a))
		}
		result.Redirects++
		next, refusal := t.redirected(a.location)
		if refusal == "" && (next.scheme != t.scheme || next.host != t.host || next.port != t.port) {
			refusal = deploy.RefusedElsewhere
		}
		if refusal != "" {
			result.Outcome, result.Refusal = deploy.ProbeRefused, refusal
			return result
		}
		t = next
	}
}

// shown takes the values out of a result: an answer may repeat what was sent to it, in a form
// that is not recognised.
func (r *run) shown(result deploy.ProbeResult) deploy.ProbeResult {
	for i := range result.Fields {
		result.Fields[i].Found = ""
	}
	return result
}

// lack is why a request can't be made.
type lack struct {
	placeholder string
	problem     deploy.ValueProblem
	refusal     deploy.ProbeRefusal
}

// request fills in what a step sends, and says where it goes.
func (r *run) request(step config.Step) (t target, m message, why lack) {
	f := filler{run: r}
	path := f.path(step.Path())
	if f.lack != (lack{}) {
		return t, m, f.lack
	}
	t, refusal := first(r.Base, path)
	if refusal != "" {
		return t, m, lack{refusal: refusal}
	}
	f.target = t
	m = message{method: step.Method(), header: http.Header{}}
	for _, name := range slices.Sorted(maps.Keys(step.Headers)) {
		m.header.Set(name, f.header(string(step.Headers[name])))
	}
	for _, text := range step.Expect.Text {
		f.expected(config.Literal{Text: string(text)})
	}
	for _, field := range slices.Sorted(maps.Keys(step.Expect.JSON)) {
		f.expected(step.Expect.JSON[field])
	}
	if step.Body != nil {
		var kind string
		m.body, kind = f.body(*step.Body)
		m.header.Set("Content-Type", kind)
	}
	return t, m, f.lack
}

// expected fills in an expected value. One that is a placeholder alone is of the type that its
// value has.
func (r *run) expected(declared config.Literal) config.Literal {
	f := filler{run: r}
	return f.expected(declared)
}

// FromJourney gives the journey for a declared probe.
func FromJourney(p config.Probe) Journey {
	return Journey{Name: string(p.Name), Within: p.Within.Value(), Steps: p.Requests()}
}
