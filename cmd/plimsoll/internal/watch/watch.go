// Package watch runs `plimsoll verify`: the verification that a repository's file
// describes, from a terminal.
package watch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"plimsoll/checks/readiness"
	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/cmd/plimsoll/internal/checkout"
	"plimsoll/cmd/plimsoll/internal/flags"
	"plimsoll/cmd/plimsoll/internal/repofile"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/cmd/plimsoll/internal/verdict"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/server"
	"plimsoll/server/datasource"
	"plimsoll/server/probe"
)

// Watched is what `plimsoll verify` was asked to watch.
type Watched struct {
	component, environment               string
	commit, url, since, prometheus, file string
	allow                                []string
}

// Flags adds the flags that say what to watch.
func Flags(cmd *cobra.Command) *Watched {
	w := &Watched{}
	flags := cmd.Flags()
	flags.StringVar(&w.component, "component", "", "component (default: the only one in the repository's file)")
	flags.StringVar(&w.environment, "environment", "", "environment, as named in the repository's file")
	flags.StringVar(&w.commit, "commit", "", "deployed commit (default: HEAD)")
	flags.StringVar(&w.url, "url", "", "URL of the service (default: the environment's url in the file)")
	flags.StringVar(&w.since, "since", "", "time of the deployment, such as 5m or 2026-11-02T12:00:00Z (default: now)")
	flags.StringVar(&w.file, "file", ".", "repository file, or its folder")
	flags.StringArrayVar(&w.allow, "allow", nil, "host or address range that may be probed, such as *.acme.dev or 127.0.0.0/8 (repeatable)")
	flags.StringVar(&w.prometheus, "prometheus", "", "URL of a Prometheus, such as http://prometheus:9090 (default: the configuration's datasources)")
	return w
}

// Watch runs the verification.
func (w *Watched) Watch(ctx context.Context, t *terminal.Terminal, format, operator string) error {
	verification, err := w.verification(ctx, t)
	if err != nil {
		return err
	}
	allowed, servers, err := w.reach(t, operator, verification)
	if err != nil {
		return err
	}
	defer servers.Close()
	progress := &watchProgress{terminal: t}
	show := func(p deploy.Progress) { progress.show(report(p)) }
	show(deploy.Progress{VerificationRun: deploy.VerificationRun{Verification: verification}, Now: t.Now()})
	prober, signals, err := server.NewWatchSources(allowed, servers)
	if err != nil {
		return err
	}
	ended, err := deploy.Watch(ctx, verification, watchClock{t}, prober, signals, show)
	progress.clear()
	if err != nil {
		return err
	}
	deployed := report(ended)
	if format == "json" {
		err = t.WriteJSON(watchResult(deployed))
	} else {
		err = verdict.Write(t, deployed, format)
	}
	if err != nil {
		return err
	}
	return verdict.Status(deployed.Run.Verdict.Answer)
}

// watchClock is the terminal's clock.
type watchClock struct{ *terminal.Terminal }

// Now gives the time.
func (c watchClock) Now() time.Time { return c.Terminal.Now() }

// Wait returns at an instant, or when ctx ends.
func (c watchClock) Wait(ctx context.Context, until time.Time) error { return c.Sleep(ctx, until) }

// report is the progress of a watch as it is written for people.
func report(p deploy.Progress) deploytext.Deployed {
	return deploytext.Deployed{Repository: p.Repository, Run: p.VerificationRun, Samples: p.Samples, History: p.History, Signals: p.Evaluation, Now: p.Now}
}

// Result is what `plimsoll verify --format json` prints.
type Result struct {
	Schema       string              `json:"schema"`
	Answer       deploy.Answer       `json:"answer"`
	Title        string              `json:"title"`
	Details      []string            `json:"details"`
	Verification deploy.Verification `json:"verification"`
	Samples      []deploy.Sample     `json:"samples"`
	Verdict      *deploy.Verdict     `json:"verdict"`
}

func watchResult(deployed deploytext.Deployed) Result {
	return Result{
		Schema: "plimsoll.verify/v1", Answer: deployed.Run.Verdict.Answer, Title: deploytext.DeploymentTitle(deployed), Details: append([]string{}, deploytext.DeploymentPlain(deployed)...),
		Verification: deployed.Run.Verification, Samples: append([]deploy.Sample{}, deployed.Samples...), Verdict: deployed.Run.Verdict,
	}
}

// verification is what is fixed before the first look.
func (w *Watched) verification(ctx context.Context, t *terminal.Terminal) (deploy.Verification, error) {
	if w.environment == "" {
		return deploy.Verification{}, errors.New("--environment is required (or use --replay ID)")
	}
	repository := contracts.RepositoryRef{Name: "repository"}
	if name, err := checkout.Repository(ctx, t.Env, ""); err == nil {
		repository.Owner, repository.Name, _ = strings.Cut(name, "/")
	}
	name, component, environment, err := w.declared(repository.Name)
	if err != nil {
		return deploy.Verification{}, err
	}
	began := t.Now()
	if w.since != "" {
		if began, err = flags.Since(w.since, began); err != nil {
			return deploy.Verification{}, err
		}
		if began.After(t.Now()) {
			return deploy.Verification{}, fmt.Errorf("--since %s: this is in the future", w.since)
		}
	}
	v := deploy.Verification{
		Repository: repository, Target: deploy.Target{Component: component, Environment: name, Production: environment.Production != nil && *environment.Production},
		Began: began.UTC(), URL: cmp.Or(w.url, string(environment.URL)), Plan: deploy.NewPlan(environment),
	}
	if v.Commit, err = checkout.Commit(ctx, w.commit); err != nil {
		return v, err
	}
	if len(v.Plan.Probes) == 0 {
		return v, nil
	}
	at, err := url.Parse(v.URL)
	if v.URL == "" {
		return v, fmt.Errorf("--url is required: the file has no url for %s in %s", component, name)
	}
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return v, errors.New("--url: expected a URL such as https://orders.acme.dev")
	}
	return v, nil
}

// declared finds what the repository's file says of the environment.
func (w *Watched) declared(repository string) (name, component string, environment config.Environment, err error) {
	fail := func(err error) (string, string, config.Environment, error) { return "", "", config.Environment{}, err }
	var notes config.Errors
	path, err := repofile.Find(w.file, &notes)
	if err != nil {
		return fail(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return fail(err)
	}
	file, err := config.ParseRepository(path, data)
	if err != nil {
		return fail(err)
	}
	file, _ = config.Merge(file, nil)
	file = readiness.Named(file, repository)
	var names []string
	for _, c := range file.Components {
		names = append(names, string(c.Name))
		if string(c.Name) != w.component && (w.component != "" || len(file.Components) > 1) {
			continue
		}
		for declared, e := range c.Environments {
			if !strings.EqualFold(string(declared), w.environment) {
				continue
			}
			if e.Verify == nil {
				return fail(fmt.Errorf("%s: no verify for %s in %s (plimsoll check --readiness suggests the lines)", path, c.Name, declared))
			}
			return string(declared), string(c.Name), e, nil
		}
		return fail(fmt.Errorf("%s: %s has no environment %s", path, c.Name, w.environment))
	}
	if w.component == "" {
		return fail(fmt.Errorf("--component is required: %s declares %s", path, strings.Join(names, ", ")))
	}
	return fail(fmt.Errorf("%s: no component %s; it declares %s", path, w.component, strings.Join(names, ", ")))
}

// reach is what probes may do and which metric servers there are.
func (w *Watched) reach(t *terminal.Terminal, operator string, v deploy.Verification) (probe.Rules, *server.MetricServers, error) {
	var allowed probe.Rules
	var servers []config.Datasource
	fail := func(err error) (probe.Rules, *server.MetricServers, error) { return probe.Rules{}, nil, err }
	if operator != "" {
		conf, err := config.LoadWithoutApp(operator, t.Env)
		if err != nil {
			return fail(err)
		}
		allowed = probe.Rules{Allowed: conf.Probes.Allow, Post: conf.Probes.Post, Secrets: secretsFor(conf.Probes.Secrets, v.Repository)}
		servers = conf.Datasources
	}
	for _, text := range w.allow {
		one, err := config.ParseAllowed(text)
		if err != nil {
			return fail(fmt.Errorf("--allow: %w", err))
		}
		allowed.Allowed = append(allowed.Allowed, one)
	}
	plan := v.Plan
	if len(plan.Probes) > 0 && len(allowed.Allowed) == 0 {
		return fail(errors.New("give --allow HOST (or an address range), or --config with probes.allow, to say what may be probed"))
	}
	if w.prometheus != "" {
		servers = []config.Datasource{{Name: config.Name(cmp.Or(plan.Datasource, datasource.Default)), Prometheus: config.URL(w.prometheus)}}
	}
	if len(plan.Signals) > 0 && len(servers) == 0 {
		return fail(errors.New("give --prometheus URL, or --config with datasources, to name the metric server"))
	}
	opened, err := server.OpenMetricServers(servers, t.Now)
	return allowed, opened, err
}

// secretsFor lists the secrets that a repository can name, by what the operator's file says
// of its account. Those of the App's owner by default are left out: the owner is unknown here.
func secretsFor(secrets []config.ProbeSecret, repository contracts.RepositoryRef) (available []config.ProbeSecret) {
	for _, secret := range secrets {
		account := slices.ContainsFunc(secret.Accounts, func(a config.Account) bool {
			return a == config.EveryAccount || strings.EqualFold(string(a), repository.Owner)
		})
		named := len(secret.Repositories) == 0 || slices.ContainsFunc(secret.Repositories, func(p config.RepositoryPattern) bool {
			return strings.EqualFold(string(p.Account()), repository.Owner) && p.MatchName(repository.Name)
		})
		if account && named {
			available = append(available, secret)
		}
	}
	return available
}
