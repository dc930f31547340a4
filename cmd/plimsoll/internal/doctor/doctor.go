// Package doctor checks a server's configuration and what it depends on: GitHub, the database,
// metric servers, hosts that may be probed, and
// destinations of notifications.
//
// It only reads. It must not need a server that runs, and no finding may hold a secret.
package doctor

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/config"
	"plimsoll/handlers/registry"
	"plimsoll/server/probe"
)

// State is what came of a check.
type State string

// The states.
const (
	OK         State = "ok"
	Problem    State = "problem"
	NotChecked State = "not checked"
)

// Finding is what one check found.
type Finding struct {
	Check string `json:"check"`
	// Subject is what was checked, where a check is made of several: an account, a metric
	// server, a host.
	Subject string `json:"subject,omitempty"`
	State   State  `json:"state"`
	Found   string `json:"found"`
	// Fix says what to do; empty if there is nothing to do.
	Fix string `json:"fix,omitempty"`
}

// Report is what `plimsoll doctor --format json` prints.
type Report struct {
	Schema string    `json:"schema"`
	Checks []Finding `json:"checks"`
}

// Count gives the number of findings in a state.
func (r Report) Count(state State) (n int) {
	for _, f := range r.Checks {
		if f.State == state {
			n++
		}
	}
	return n
}

// Answer is the exit status: no with a problem, unknown if something could not be checked.
func (r Report) Answer() terminal.Answer {
	switch {
	case r.Count(Problem) > 0:
		return terminal.No
	case r.Count(NotChecked) > 0:
		return terminal.Unknown
	}
	return terminal.Fine
}

// Options say what is checked, and with what. File, Env, Asks, HookPath and Now are needed.
type Options struct {
	// File is the operator's file, "" for the environment alone.
	File string
	Env  func(string) string
	// Asks is what the App has to be granted.
	Asks registry.Asks
	// HookPath is where the server takes webhooks.
	HookPath string
	Now      func() time.Time
	// Transport is the way to GitHub; nil: the network.
	Transport http.RoundTripper
	// Resolver finds the addresses of hosts; nil: the system's.
	Resolver probe.Resolver
	// Patience multiplies every time limit, for machines that are slow; 0: 1.
	Patience int
	// Began is called when the checks that are under way change, and Found with each finding,
	// in the order of the report. nil: nothing is called.
	Began func(underWay []string)
	Found func(Finding)
}

// Run makes every check. One that fails or takes too long stops none of the others, except those
// that need its result.
func Run(ctx context.Context, o Options) Report {
	conf, wrong := config.ExamineServer(o.File, o.Env)
	d := &doctor{Options: o, conf: conf, wrong: wrong}
	groups := []group{{steps: []step{{"configuration", time.Minute, d.configuration}}}}
	if conf != nil {
		groups = slices.Concat(groups, d.gitHub(), d.database(), d.metricServers(), d.probes(), d.notifications())
	} else {
		groups[0].steps = append(groups[0].steps, step{"the rest", time.Minute, func(context.Context) (findings []Finding) {
			for _, check := range []string{"GitHub", "database", "metric servers", "probes", "notifications"} {
				findings = append(findings, needsConfiguration(check, "")...)
			}
			return findings
		}})
	}
	for _, g := range groups {
		for i := range g.steps {
			g.steps[i].within = d.patient(g.steps[i].within)
		}
	}
	report := Report{Schema: "plimsoll.doctor/v1", Checks: []Finding{}}
	hidden := secretsOf(conf)
	run(ctx, groups, o.Began, func(f Finding) {
		f.Found, f.Fix = hidden.scrub(f.Found), hidden.scrub(f.Fix)
		report.Checks = append(report.Checks, f)
		if o.Found != nil {
			o.Found(f)
		}
	})
	return report
}

// doctor is one run.
type doctor struct {
	Options
	conf  *config.Server // nil: the file can't be read
	wrong config.Errors
}

// patient is a time limit with the patience that was asked for.
func (d *doctor) patient(limit time.Duration) time.Duration {
	return limit * time.Duration(max(d.Patience, 1))
}

// resolver finds the addresses of hosts.
func (d *doctor) resolver() probe.Resolver {
	if d.Resolver == nil {
		return net.DefaultResolver
	}
	return d.Resolver
}

// unusable reports whether keys at or below a path have errors.
func (d *doctor) unusable(paths ...string) bool {
	return slices.ContainsFunc(d.wrong, func(e *config.Error) bool {
		return slices.ContainsFunc(paths, func(path string) bool { return strings.HasPrefix(e.Path, path) })
	})
}

// needsConfiguration is the finding of a check whose settings have errors.
func needsConfiguration(check, subject string) []Finding {
	return []Finding{{Check: check, Subject: subject, State: NotChecked, Found: "Its settings have errors.", Fix: "Fix the configuration first."}}
}

// configuration reports everything that is wrong with the operator's file.
func (d *doctor) configuration(context.Context) []Finding {
	if len(d.wrong) == 0 {
		found := d.File + " has no errors."
		if d.File == "" {
			found = "The environment variables have no errors. No file was named."
		}
		return []Finding{{Check: "configuration", State: OK, Found: found}}
	}
	var findings []Finding
	_, noApp, _ := config.LoadForSetup(d.File, d.Env) // what else is wrong is listed below
	if noApp {
		findings = append(findings, Finding{Check: "configuration", State: Problem, Found: "Neither the file nor the environment names an App.",
			Fix: "Run plimsoll serve: it opens a page that registers one. Or set github.app, as docs/server.md says."})
	}
	for _, e := range d.wrong {
		if noApp && strings.HasPrefix(e.Path, "github.app.") {
			continue
		}
		without := *e
		without.Hint = ""
		findings = append(findings, Finding{Check: "configuration", State: Problem, Found: without.Error(), Fix: sentence(cmp.Or(e.Hint, "correct the file there"))})
	}
	return findings
}

// sentence makes a hint a sentence.
func sentence(hint string) string {
	if hint == "" {
		return ""
	}
	first := hint[:1]
	if name, _, _ := strings.Cut(hint, " "); !strings.ContainsAny(name, "._") { // a key stays as it is written
		first = strings.ToUpper(first)
	}
	text := first + hint[1:]
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}
