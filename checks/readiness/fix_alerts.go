package readiness

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"plimsoll/checks/readiness/alerts"
	"plimsoll/config"
)

// newAlert are the edits after which an alert names the component: the declaration of
// the likely file, in which one does; a rule file of its own where the declared patterns let one be, a group more in the file that they name,
// or a file and its declaration.
func (c *component) newAlert(files []*ruleFile, likely string) []Snippet {
	if likely != "" {
		if declared := c.declareItem("- "+likely, "health", "alerts"); !declared.Loose {
			return []Snippet{declared}
		}
	}
	fix := c.newRunbookIfMissing()
	resource := slices.ContainsFunc(files, func(f *ruleFile) bool { return f.Resource })
	if c.Health != nil {
		for _, glob := range c.Health.Alerts {
			if file := c.fileFor(glob); file != "" && !c.repo.paths[file] {
				return append(fix, Snippet{File: file, Text: c.ruleFileText(resource)})
			}
		}
	}
	for _, file := range files {
		if edit, ok := file.AppendGroup(file.data, c.groupText()); ok {
			return append(fix, edited(file.Path, edit))
		}
	}
	file := fmt.Sprintf("ops/alerts/%s.yml", c.Name)
	declared := c.declareItem(fmt.Sprintf("- %s", file), "health", "alerts")
	if c.repo.paths[file] {
		return append(fix, declared)
	}
	return append(fix, Snippet{File: file, Text: c.ruleFileText(resource)}, declared)
}

// fileFor is a file that a pattern matches and that could be the component's; "" where
// none is found.
func (c *component) fileFor(glob config.Glob) string {
	if glob.Literal() {
		return string(glob)
	}
	name := strings.NewReplacer("**/", "", "**", string(c.Name), "*", string(c.Name)).Replace(string(glob))
	if before, rest, ok := strings.Cut(name, "{"); ok {
		inner, after, _ := strings.Cut(rest, "}")
		first, _, _ := strings.Cut(inner, ",")
		name = before + first + after
	}
	ending := strings.LastIndexByte(name, '.')
	if !glob.Match(name) || ending < 0 || !slices.Contains(ruleEndings, strings.ToLower(name[ending:])) || !config.ValidPath(name) {
		return ""
	}
	return name
}

// ruleFileText is a whole rule file with an alert for the component.
func (c *component) ruleFileText(resource bool) string {
	if resource {
		name := strings.ToLower(strings.ReplaceAll(string(c.Name), "_", "-"))
		return fmt.Sprintf("apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: %q\nspec:\n  groups:\n", strings.TrimRight(name, ".-")) + indented(c.groupText(), 4)
	}
	return "groups:\n" + indented(c.groupText(), 2)
}

// groupText is a group with an alert on the share of requests that fail, by the labels
// that the component's verifications know its series by.
func (c *component) groupText() string {
	match := c.seriesLabels()
	if match == nil {
		match = map[string]string{"job": string(c.Name)}
	}
	var all []string
	for _, label := range slices.Sorted(maps.Keys(match)) {
		all = append(all, label+"="+strconv.Quote(match[label]))
	}
	selector := strings.Join(all, ",")
	return fmt.Sprintf(`- name: %q
  rules:
    - alert: %s
      # more than 5 %% of the requests fail
      expr: |
        sum(rate(http_requests_total{%s,code=~"5.."}[5m]))
          / sum(rate(http_requests_total{%s}[5m])) > 0.05
      for: 10m
      labels:
        severity: critical
      annotations:
        summary: "{{ $value | humanizePercentage }} of the requests fail"
        runbook_url: %q
`, string(c.Name), camel(string(c.Name))+"HighErrorRate", selector, selector, c.runbookLink())
}

// camel writes a name as alerts are written: order-service is OrderService.
func camel(name string) string {
	var out strings.Builder
	up := true
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			up = true
			continue
		case up:
			r = unicode.ToUpper(r)
		}
		up = false
		out.WriteRune(r)
	}
	return out.String()
}

// runbookLink is what an alert of the component should link to: its declared runbook,
// or the one that is there or should be written.
func (c *component) runbookLink() string {
	if c.Health != nil && c.Health.Runbook != "" {
		return string(c.Health.Runbook)
	}
	return c.likelyRunbook()
}

// newRunbookIfMissing is the runbook that runbookLink leads to, where it is a file that
// is not there.
func (c *component) newRunbookIfMissing() []Snippet {
	if link := c.runbookLink(); !strings.Contains(link, "://") && !c.repo.paths[link] {
		return []Snippet{c.newRunbook(link)}
	}
	return nil
}

func edited(file string, edit alerts.Edit) Snippet {
	return Snippet{File: file, After: edit.After, Replaces: edit.Replaces, Text: edit.Text}
}

// counted says how many alerts there are in files.
func counted(files []*ruleFile) string {
	n := 0
	for _, file := range files {
		n += len(file.Alerts())
	}
	if n == 1 {
		return "1 alert"
	}
	return fmt.Sprintf("%d alerts", n)
}

// mostNames bounds how many names a sentence lists.
const mostNames = 3

func fileNames(files []*ruleFile) string {
	var names []string
	for _, file := range files {
		names = append(names, file.Path)
	}
	return listed(names)
}

func globs(all []config.Glob) string {
	var names []string
	for _, glob := range all {
		names = append(names, string(glob))
	}
	return listed(names)
}

// alertNames begins a sentence with the alerts.
func alertNames(by []ownAlert) string {
	var names []string
	for _, alert := range by {
		if !slices.Contains(names, alert.name) && len(names) <= mostNames {
			names = append(names, alert.name)
		}
	}
	if len(by) == 1 {
		return "the alert " + names[0]
	}
	return "the alerts " + listed(names)
}

// listed joins names, up to a bound.
func listed(names []string) string { return bounded(names, ", ") }

// bounded joins texts, up to a bound.
func bounded(texts []string, by string) string {
	if more := len(texts) - mostNames; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(texts[:mostNames], by), more)
	}
	return strings.Join(texts, by)
}

// short is a name that an outsider chose, cut.
func short(name string) string {
	const most = 100
	if len(name) <= most {
		return name
	}
	return strings.ToValidUTF8(name[:most], "") + "…"
}

// shown is an outsider's text in a sentence: in quotes, escaped, short.
func shown(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strconv.Quote(text)
}
