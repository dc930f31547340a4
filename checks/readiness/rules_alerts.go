package readiness

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"plimsoll/checks/readiness/alerts"
	"plimsoll/config"
	"plimsoll/contracts"
)

// hasAlert is AL001.
func hasAlert(ctx context.Context, c *component) (Result, error) {
	files, err := c.ruleFiles(ctx)
	if err != nil {
		return Result{}, err
	}
	for _, file := range files {
		if slices.ContainsFunc(file.Alerts(), c.names) {
			return passed(), nil
		}
	}
	if unseen := couldNotSee(files); len(unseen) > 0 {
		return unknown(fmt.Sprintf("no alert names %s in what could be read; not all could be of: %s", c.Name, bounded(unseen, ", "))), nil
	}
	likely := ""
	if len(files) == 0 {
		if likely, err = c.likelyRuleFile(ctx); err != nil {
			return Result{}, err
		}
	}
	finding := Finding{Position: c.position("health", "alerts"), Fix: c.newAlert(files, likely)}
	switch {
	case c.Health == nil || len(c.Health.Alerts) == 0:
		finding.Message = "no rule files are declared; expected `health.alerts`, with one that has an alert for " + string(c.Name)
	case len(files) == 0:
		finding.Message = fmt.Sprintf("no rule file of this repository matches `health.alerts` (%s)", globs(c.Health.Alerts))
	default:
		finding.Message = fmt.Sprintf("%s in %s, and none names %s by a matcher, a label or its name", counted(files), fileNames(files), c.Name)
	}
	if likely != "" {
		finding.Message += "; there is one in " + likely
	}
	return found(finding), nil
}

// loadsRules is AL002.
func loadsRules(ctx context.Context, c *component) (Result, error) {
	files, err := c.ruleFiles(ctx)
	if err != nil || len(files) == 0 {
		return notApplicable(), err // AL001 says so
	}
	var findings []Finding
	var reasons []string
	for _, file := range files {
		var broken []alerts.Fault
		for _, fault := range file.faults {
			if fault.Kind == alerts.Broken {
				broken = append(broken, fault)
			}
		}
		switch {
		case len(broken) > 0:
			findings = append(findings, Finding{
				Subject:  "rule file " + file.Path,
				Position: config.Position(broken[0].Position),
				Message:  "Prometheus rejects it: " + inWords(broken),
			})
		case file.unread:
			reasons = append(reasons, file.Path+" can't be read")
		case len(file.faults) > 0:
			reasons = append(reasons, file.faults[0].String())
		}
	}
	if len(findings) == 0 && len(reasons) > 0 {
		return unknown(bounded(reasons, "; ")), nil
	}
	return found(findings...), nil
}

// mostTold is how many faults of one rule file are reported.
const mostNamed = 5

// inWords names the faults of a file in one sentence, the places of those behind the
// first as lines.
func inWords(faults []alerts.Fault) string {
	var all []string
	for i, fault := range faults {
		if i == mostNamed {
			all = append(all, fmt.Sprintf("and %d more", len(faults)-mostNamed))
			break
		}
		text := fault.Message
		if fault.Hint != "" {
			text += " (" + fault.Hint + ")"
		}
		if i > 0 && fault.Line > 0 {
			text = fmt.Sprintf("line %d: %s", fault.Line, text)
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

// equipsAlerts is AL003.
func equipsAlerts(ctx context.Context, c *component) (Result, error) {
	own, files, err := c.ownAlerts(ctx)
	if err != nil {
		return Result{}, err
	}
	var findings []Finding
	more := 0
	for _, alert := range own {
		finding := c.equips(alert)
		switch {
		case finding == nil:
		case len(findings) < mostFindings:
			findings = append(findings, *finding)
		default:
			more++
		}
	}
	findings = c.andMore(findings, more, "alerts")
	switch unseen := couldNotSee(files); {
	case len(findings) == 0 && len(unseen) > 0:
		return unknown("could not read all alerts of: " + bounded(unseen, ", ")), nil
	case len(own) == 0:
		return notApplicable(), nil // AL001 says so
	}
	return found(findings...), nil
}

// mostFindings bounds what is found of one rule and one component; a last finding
// counts the others.
const mostFindings = 200

func (c *component) andMore(findings []Finding, more int, of string) []Finding {
	if more <= 0 {
		return findings
	}
	return append(findings, Finding{Subject: "more " + of, Position: c.position("health", "alerts"), Message: fmt.Sprintf("%d more %s are not shown; fix these first", more, of)})
}

// equips evaluates one alert: it waits, has a severity, and a runbook link that leads
// somewhere. Nil: all is there.
func (c *component) equips(alert ownAlert) *Finding {
	var lacks alerts.Lacks
	var missing []string
	if !alert.Waits() {
		missing, lacks.For = append(missing, "no `for` (how long the condition must hold)"), "5m"
	}
	if _, ok := alert.Severity(); !ok {
		missing, lacks.Severity = append(missing, "no label `severity`"), "warning"
	}
	finding := &Finding{Subject: alert.subject, Position: config.Position(cmp.Or(alert.Alert.Position, alert.Position))}
	link, linked := alert.Runbook(alerts.Repository{Owner: c.repo.Owner, Name: c.repo.Name})
	switch {
	case !linked:
		missing, lacks.Runbook = append(missing, "no runbook link (annotation `runbook_url`)"), c.runbookLink()
		finding.Fix = c.newRunbookIfMissing()
	case link.NoLink:
		missing = append(missing, fmt.Sprintf("an invalid runbook link (%s: %s)", link.Key, shown(link.Value.Value)))
		finding.Position = config.Position(link.Position)
		if edit, ok := alert.Replace(link.Pair, c.runbookLink()); ok {
			finding.Fix = append(c.newRunbookIfMissing(), edited(alert.file.Path, edit))
		}
	case len(link.Paths) > 0 && !slices.ContainsFunc(link.Paths, c.repo.holds):
		missing = append(missing, fmt.Sprintf("a runbook link to %s, which is not in this repository", link.Paths[0]))
		finding.Position = config.Position(link.Position)
		if strings.HasSuffix(link.Paths[0], ".md") {
			finding.Fix = []Snippet{c.newRunbook(link.Paths[0])}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	finding.Message = fmt.Sprintf("the alert %s has %s", alert.name, joined(missing))
	if lacks != (alerts.Lacks{}) {
		edits, ok := alert.Add(lacks)
		if !ok {
			finding.Fix = nil
		}
		for _, edit := range edits {
			finding.Fix = append(finding.Fix, edited(alert.file.Path, edit))
		}
	}
	return finding
}

// joined joins parts of a sentence by commas, the last one by "and".
func joined(parts []string) string {
	if last := len(parts) - 1; last > 0 {
		return strings.Join(parts[:last], ", ") + " and " + parts[last]
	}
	return strings.Join(parts, "")
}

// holds tells whether a path is a file of the repository, or a folder with one.
func (r *repository) holds(name string) bool {
	return r.paths[name] || slices.ContainsFunc(r.files, func(f contracts.File) bool { return strings.HasPrefix(f.Path, name+"/") })
}
