package readiness

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"plimsoll/config"
)

// NoMetrics is why AL004 does not apply where nobody named a metric server: it is the
// operator's to name one, not the repository's.
const NoMetrics = "no metric server is named (`datasources` in the operator's file)"

// readsMetrics is AL004.
func readsMetrics(ctx context.Context, c *component) (Result, error) {
	own, files, err := c.ownAlerts(ctx)
	if err != nil {
		return Result{}, err
	}
	if len(own) == 0 && len(couldNotSee(files)) == 0 {
		return notApplicable(), nil // AL001 says so
	}
	needed, unclear := c.needed(own, files)
	if unseen := couldNotSee(files); len(unseen) > 0 {
		unclear = append(unclear, "could not read all alerts of: "+bounded(unseen, ", "))
	}
	var findings []Finding
	if len(needed.names) > 0 {
		if c.repo.Metrics == nil || !c.repo.Metrics.Named() {
			return Result{State: NotApplicable, Reason: NoMetrics}, nil
		}
		missing, reason, err := c.missing(ctx, needed.names)
		if err != nil {
			return Result{}, err
		}
		if reason != "" {
			return unknown(reason), nil
		}
		for _, name := range missing[:min(len(missing), mostFindings)] {
			by := needed.by[name]
			findings = append(findings, Finding{
				Subject:  fmt.Sprintf("%s, metric %s", by[0].subject, short(name)),
				Position: config.Position(cmp.Or(by[0].Expr.Position, by[0].Position)),
				Message:  fmt.Sprintf("%s %s %s, which %s not have", alertNames(by), map[bool]string{true: "reads", false: "read"}[len(by) == 1], short(name), c.serversDo()),
			})
		}
		findings = c.andMore(findings, len(missing)-len(findings), "metrics")
	}
	if len(findings) == 0 && len(unclear) > 0 {
		return unknown(bounded(unclear, "; ")), nil
	}
	return found(findings...), nil
}

// neededMetrics are the metrics that alerts read, sorted, with who reads them.
type neededMetrics struct {
	names []string
	by    map[string][]ownAlert
}

// needed gives the metrics that the alerts read and that no rule of the files records,
// and why some of them are unknown.
func (c *component) needed(own []ownAlert, files []*ruleFile) (needed neededMetrics, unclear []string) {
	recorded := map[string]bool{}
	for _, file := range files {
		for _, name := range file.Records() {
			recorded[name] = true
		}
	}
	needed.by = map[string][]ownAlert{}
	for _, alert := range own {
		switch {
		case alert.Language != "":
			unclear = append(unclear, fmt.Sprintf("the alert %s is written in %s", alert.name, alert.Language))
		case !alert.Parsed():
			unclear = append(unclear, fmt.Sprintf("the expression of the alert %s can't be read", alert.name))
		}
		for _, metric := range alert.Metrics() {
			switch {
			case metric.Pattern:
				unclear = append(unclear, fmt.Sprintf("the alert %s reads metrics by a pattern (%s)", alert.name, shown(metric.Name)))
			case !recorded[metric.Name]:
				needed.by[metric.Name] = append(needed.by[metric.Name], alert)
			}
		}
	}
	for name := range needed.by {
		needed.names = append(needed.names, name)
	}
	slices.Sort(needed.names)
	return needed, unclear
}

// missing asks the component's metric servers. A metric is missing where none of them
// has it. Reason is why it is not known: one could not be asked that might have it.
func (c *component) missing(ctx context.Context, names []string) (missing []string, reason string, err error) {
	missing = names
	for _, datasource := range c.datasources() {
		left, err := c.repo.Metrics.Missing(ctx, datasource, missing)
		if ctx.Err() != nil {
			return nil, "", ctx.Err()
		}
		if err != nil {
			reason = cmp.Or(reason, err.Error())
			continue
		}
		missing = left
	}
	if len(missing) == 0 {
		reason = ""
	}
	return missing, reason, nil
}

// datasources are the metric servers with Prometheus's API that the component's verifications
// name; "" is the default one.
func (c *component) datasources() []string {
	var names []string
	for _, environment := range sortedNames(c.Environments) {
		if v := c.Environments[environment].Verify; v != nil && v.Language.Foreign() == "" && !slices.Contains(names, string(v.Datasource)) {
			names = append(names, string(v.Datasource))
		}
	}
	if len(names) == 0 {
		names = []string{""}
	}
	return names
}

// serversDo begins what the metric servers do not have.
func (c *component) serversDo() string {
	names := c.datasources()
	for i, name := range names {
		names[i] = cmp.Or(name, "default")
	}
	if len(names) == 1 {
		return "the metric server " + names[0] + " does"
	}
	return "the metric servers " + strings.Join(names, " and ") + " do"
}
