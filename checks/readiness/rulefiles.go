package readiness

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"plimsoll/checks/readiness/alerts"
	"plimsoll/config"
)

// ruleFile is a rule file of the repository, as it was read.
type ruleFile struct {
	alerts.File
	data   []byte
	faults []alerts.Fault
	// unread: it is there and can't be read.
	unread bool
}

// has tells whether the file has a fault of a kind.
func (f *ruleFile) has(kind alerts.Kind) bool {
	return slices.ContainsFunc(f.faults, func(fault alerts.Fault) bool { return fault.Kind == kind })
}

// partly tells whether there may be alerts in the file that were not seen.
func (f *ruleFile) partly() bool {
	return f.unread || f.has(alerts.Templated) || len(f.faults) > 0 && len(f.Groups) == 0
}

// ruleEndings are the endings of files that a pattern of rule files may mean. A file
// that is named in full is one whatever its ending.
var ruleEndings = []string{".yml", ".yaml", ".rules", ".json"}

// ruleFiles are the component's rule files (health.alerts), in the order of their
// paths.
func (c *component) ruleFiles(ctx context.Context) ([]*ruleFile, error) {
	var all []*ruleFile
	for _, file := range c.repo.files {
		if !c.declaresRules(file.Path) {
			continue
		}
		read, err := c.repo.ruleFile(ctx, file.Path)
		if err != nil {
			return nil, err
		}
		all = append(all, read)
	}
	return all, nil
}

// ruleFile reads a rule file once for all rules and components. A file that is templated or
// for another ruler is listed as unread.
func (r *repository) ruleFile(ctx context.Context, name string) (*ruleFile, error) {
	if read := r.ruleFiles[name]; read != nil {
		return read, nil
	}
	data, there, err := r.content(ctx, name)
	if err != nil {
		return nil, err
	}
	read := &ruleFile{File: alerts.File{Path: name}, unread: !there}
	if there {
		read.data = data
		read.File, read.faults = alerts.Parse(name, data)
	}
	for _, fault := range read.faults {
		if fault.Kind != alerts.Broken {
			r.cannotRead(Unread{Position: config.Position(fault.Position), Message: fault.Message, Hint: fault.Hint})
		}
	}
	if r.ruleFiles == nil {
		r.ruleFiles = map[string]*ruleFile{}
	}
	r.ruleFiles[name] = read
	return read, nil
}

// Bounds of looking for rule files that nobody declared.
const (
	mostLikelyRules = 30
	mostLikelyBytes = 512 << 10
)

// likelyRuleFile is the first file of the repository that looks like a rule file and
// has an alert that names the component; "" without one.
func (c *component) likelyRuleFile(ctx context.Context) (string, error) {
	if c.repo.likelyRules == nil {
		c.repo.likelyRules = sync.OnceValues(func() ([]alerts.File, error) { return c.repo.findRules(ctx) })
	}
	files, err := c.repo.likelyRules()
	if err != nil {
		return "", err
	}
	for _, file := range files {
		if slices.ContainsFunc(file.Alerts(), c.names) {
			return file.Path, nil
		}
	}
	return "", nil
}

// findRules reads the files whose paths look like those of rule files; those that have
// a fault are left out, as it may be that they are none.
func (r *repository) findRules(ctx context.Context) ([]alerts.File, error) {
	var all []alerts.File
	read := 0
	for _, file := range r.files {
		name := strings.ToLower(file.Path)
		ending := path.Ext(name)
		if ending != ".yml" && ending != ".yaml" && ending != ".rules" || file.Size > mostLikelyBytes || !deployable(file.Path) ||
			!strings.Contains(name, "alert") && !strings.Contains(name, "rule") {
			continue
		}
		if read++; read > mostLikelyRules {
			break
		}
		data, there, err := r.content(ctx, file.Path)
		if err != nil {
			return nil, err
		}
		if parsed, faults := alerts.Parse(file.Path, data); there && len(faults) == 0 {
			all = append(all, parsed)
		}
	}
	return all, nil
}

// forAlerts is what an alert may name of a component: its name, and the labels by which
// its verifications know its series.
func (c *component) forAlerts() alerts.Component {
	return alerts.Component{Name: string(c.Name), Labels: c.seriesLabels()}
}

// seriesLabels are the labels that the presets of the component's verifications match
// its series by, else nil. Of several the first environment by name decides, one of
// the production class before the others.
func (c *component) seriesLabels() map[string]string {
	for _, name := range append(production(c.Component), sortedNames(c.Environments)...) {
		if v := c.Environments[name].Verify; v != nil {
			for _, signal := range v.Signals {
				if len(signal.Match) > 0 {
					return signal.Match
				}
			}
		}
	}
	return nil
}

// names tells whether an alert names the component.
func (c *component) names(alert alerts.Rule) bool {
	_, ok := alert.Names(c.forAlerts())
	return ok
}

// concerns reports whether an alert belongs to the component: it names the component, or
// none of the repository's components. The latter are reported once: for the first
// evaluated component that declares the file.
func (c *component) concerns(alert alerts.Rule) bool {
	if c.names(alert) {
		return true
	}
	if slices.ContainsFunc(c.repo.components, func(other *component) bool { return other.names(alert) }) {
		return false
	}
	first := slices.IndexFunc(c.repo.components, func(other *component) bool {
		return InScope(other.Component) && other.declaresRules(alert.File)
	})
	return first >= 0 && c.repo.components[first] == c
}

// declaresRules tells whether a file is one of the component's rule files.
func (c *component) declaresRules(file string) bool {
	return c.Health != nil && slices.ContainsFunc(c.Health.Alerts, func(g config.Glob) bool {
		return g.Match(file) && (g.Literal() || slices.Contains(ruleEndings, strings.ToLower(path.Ext(file))))
	})
}

// ownAlerts are the alerts of the component's rule files that concern it.
func (c *component) ownAlerts(ctx context.Context) (own []ownAlert, files []*ruleFile, err error) {
	files, err = c.ruleFiles(ctx)
	if err != nil {
		return nil, nil, err
	}
	seen := map[string]int{}
	for _, file := range files {
		for _, alert := range file.Alerts() {
			if !c.concerns(alert) {
				continue
			}
			subject := fmt.Sprintf("alert %s of group %s", short(alert.Alert.Value), short(alert.Group))
			if seen[subject]++; seen[subject] > 1 {
				subject += " #" + strconv.Itoa(seen[subject])
			}
			own = append(own, ownAlert{alert, file, short(alert.Alert.Value), subject})
		}
	}
	return own, files, nil
}

// ownAlert is an alert with the file that it stands in and what it is called in
// findings; of several with one name in one group the later ones are numbered.
type ownAlert struct {
	alerts.Rule
	file          *ruleFile
	name, subject string
}

// couldNotSee names the files in which there may be alerts that were not seen.
func couldNotSee(files []*ruleFile) []string {
	var names []string
	for _, file := range files {
		if file.partly() {
			names = append(names, file.Path)
		}
	}
	return names
}
