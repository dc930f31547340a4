package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// maxImports bounds the globs of one file: each is held against every path of
// the repository.
const maxImports = 100

// check looks at what single values can't know: names that must be unique or
// exist, values that exclude each other.
func (d *decoder) check(r *Repository) {
	components, apis, imports, rules := map[string]string{}, map[string]string{}, 0, 0
	for i, c := range r.Components {
		path := fmt.Sprintf("components[%d]", i)
		if c.Name == "" && len(r.Components) > 1 && !d.failed(path+".name") {
			d.faultAt(path, "a component needs a name where the file has more than one", "add name: followed by its name")
		}
		d.unique(components, string(c.Name), path+".name", "component")
		for j, p := range c.Provides {
			d.unique(apis, string(p.API), fmt.Sprintf("%s.provides[%d].api", path, j), "API")
			d.ruleSettings(p.Rules, fmt.Sprintf("%s.provides[%d].rules", path, j), &rules)
		}
		used := map[string]string{}
		for j, u := range c.Consumes {
			d.unique(used, string(u.API), fmt.Sprintf("%s.consumes[%d].api", path, j), "consumed API")
			if imports += len(u.Import); imports > maxImports && imports-len(u.Import) <= maxImports {
				d.faultAt(fmt.Sprintf("%s.consumes[%d].import", path, j), fmt.Sprintf("more than %d imports in one file", maxImports), "match several files with one glob")
			}
		}
		d.environments(c.Environments, path+".environments")
	}
	if r.Defaults != nil {
		d.environments(r.Defaults.Environments, "defaults.environments")
		d.ruleSettings(r.Defaults.Rules, "defaults.rules", &rules)
	}
}

// unique notes a name that has been used before.
func (d *decoder) unique(have map[string]string, name, path, what string) {
	if name == "" {
		return
	}
	folded := strings.ToLower(name)
	if first, ok := have[folded]; ok {
		d.faultAt(path, fmt.Sprintf("duplicate %s %s", what, quote(name)), fmt.Sprintf("the first is on line %d; merge both, or rename one", d.positions[first].Line))
		return
	}
	have[folded] = path
}

func (d *decoder) environments(all map[Name]Environment, path string) {
	names := slices.Sorted(maps.Keys(all))
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = string(name)
	}
	for _, name := range names {
		e, here := all[name], join(path, string(name))
		for i, earlier := range e.After {
			before := earlier.Environment
			at := fmt.Sprintf("%s.after[%d]", here, i)
			switch _, ok := all[before]; {
			case before == "", d.failed(at + ".environment"):
			case before == name:
				d.faultAt(at, quote(string(name))+" comes after itself", "name an environment that comes before it")
			case !ok:
				d.faultAt(at, "unknown environment "+quote(string(before)), nearestOr(string(before), words, "add "+string(before)+": {} under environments"))
			case slices.Contains(reach(all, before), name):
				d.faultAt(at, fmt.Sprintf("%q comes after %q, which comes after %q", name, before, name), "remove one of the two")
			}
		}
		if e.Verify != nil {
			d.verify(e.Verify, here+".verify")
		}
		if e.Rollback != nil {
			d.rollback(e.Rollback, here+".rollback")
		}
	}
}

// nearestOr hints at the nearest word; without one it gives the other hint.
func nearestOr(word string, words []string, otherwise string) string {
	if near := Nearest(word, words); near != "" {
		return "did you mean " + near + "?"
	}
	return otherwise
}

// reach gives the environments that must come before one, all the way.
func reach(all map[Name]Environment, from Name) []Name {
	var seen []Name
	for todo := []Name{from}; len(todo) > 0; {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, earlier := range all[name].After {
			before := earlier.Environment
			if !slices.Contains(seen, before) {
				seen = append(seen, before)
				todo = append(todo, before)
			}
		}
	}
	return seen
}

// Bounds of a verification.
const (
	minEvery = 5 * time.Second
	maxWatch = 24 * time.Hour
	// maxWithin is the budget of one probe.
	maxWithin = 10 * time.Second
)

func (d *decoder) verify(v *Verify, path string) {
	d.between(v.For.Value(), time.Second, maxWatch, path+".for")
	d.between(v.Every.Value(), minEvery, maxWatch, path+".every")
	d.between(v.Baseline.Value(), time.Minute, 30*maxWatch, path+".baseline")
	if v.For > 0 && v.Every > v.For {
		d.faultAt(path+".every", fmt.Sprintf("every (%s) is longer than for (%s)", short(v.Every.Value()), short(v.For.Value())), "make every shorter, so that at least one sample is taken")
	}
	for i, p := range v.Probes {
		d.probe(p, fmt.Sprintf("%s.probes[%d]", path, i))
	}
	for i, s := range v.Signals {
		at := fmt.Sprintf("%s.signals[%d]", path, i)
		d.signal(s, at)
		if s.Preset != "" && v.Language.Foreign() != "" {
			d.faultAt(at+".preset", "a preset needs a metric server with Prometheus's API, and the language is "+string(v.Language), "declare bad and total queries of your own")
		}
	}
}

// short gives a duration without the parts that are 0.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// between checks a duration that is given.
func (d *decoder) between(value, least, most time.Duration, path string) {
	if _, given := d.positions[path]; given && !d.failed(path) && (value < least || value > most) {
		d.faultAt(path, fmt.Sprintf("expected %s to %s, found %s", short(least), short(most), short(value)), "")
	}
}

func (d *decoder) given(path string) bool {
	_, ok := d.positions[path]
	return ok
}

var labelName = newShape(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (d *decoder) signal(s Signal, path string) {
	preset, query, bad, total := d.given(path+".preset"), d.given(path+".query"), d.given(path+".bad"), d.given(path+".total")
	switch {
	case preset:
		for _, key := range []string{"query", "bad", "total", "better", "name"} {
			if at := path + "." + key; d.given(at) {
				d.faultAt(at, key+" can't be combined with preset", "make it a signal of its own, or remove "+key)
			}
		}
		if len(s.Match) == 0 && !d.failed(path+".match") {
			d.faultAt(path, "a preset needs match; otherwise it would watch every service", "add match: {job: orders}, with a label that only this component's series have")
		}
	case query && (bad || total):
		d.faultAt(path+".query", "query can't be combined with bad and total", "write two signals")
	case bad != total:
		d.faultAt(path, "a share needs both bad and total", "add the other one: bad counts what went wrong, total counts all of it")
	case !query && !bad:
		d.faultAt(path, "a signal needs preset, query, or bad and total", "add preset: http, or name, query and better")
	default:
		if !d.given(path + ".name") {
			d.faultAt(path, "a query needs name", "add name: followed by its name in reports")
		}
		if at := path + ".better"; query && !d.given(at) {
			d.faultAt(path, "a query needs better", "add better: up or better: down, the direction that is good")
		} else if bad && d.given(at) {
			d.faultAt(at, "better can't be combined with bad", "remove it: less of bad is better")
		}
		if at := path + ".objective"; query && d.given(at) {
			d.faultAt(at, "objective can't be combined with query", "count with bad and total, or remove it")
		}
		if at := path + ".match"; d.given(at) {
			d.faultAt(at, "match can't be combined with query", "write the labels into the query")
		}
	}
	if at := path + ".version_label"; d.given(at) && !preset {
		d.faultAt(at, "version_label needs preset", "make it a signal of the preset http, or remove version_label")
	}
	for _, label := range slices.Sorted(maps.Keys(s.Match)) {
		if !labelName.MatchString(label) {
			d.faultAt(join(path+".match", label), "expected the name of a label, found "+quote(label), "letters, digits and underscore, no digit first")
		}
	}
}

func (d *decoder) rollback(r *Rollback, path string) {
	switch {
	case r.Workflow != "" && r.By == "":
		r.By = ByWorkflow
	case r.Workflow != "" && r.By != ByWorkflow:
		d.faultAt(path+".workflow", "workflow can't be combined with by: "+string(r.By), "write by: workflow, or remove the workflow")
	case r.Workflow == "" && r.By == ByWorkflow && !d.given(path+".workflow"):
		d.faultAt(path+".by", "by: workflow needs the name of the workflow", "add workflow: rollback.yml")
	}
}
