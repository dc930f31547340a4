package deploy

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"unicode"

	"plimsoll/contracts"
)

// transientInstance separates transient deployments from permanent ones in an environment
// of the same name.
const transientInstance = "transient"

// Match says which of a repository's components a deployment brings where. The first
// of these that says something decides:
//
//   - the payload names components, or a path;
//   - the environment is called as some components declare one: those;
//   - its name holds the names of components, as whole words ("orders-production",
//     "production (orders)"): those;
//   - it begins with the name of a declared environment ("production-eu"): those
//     that declare it, and the rest is the instance;
//   - otherwise the components that declare no environments and are not released.
//
// What goes away by itself (a review app) is never of the production class.
func Match(components []contracts.Component, d Deployment) []Target {
	p := readPayload(d.Payload)
	name := cmp.Or(p.environment, d.Environment)
	chosen := choose(components, p, name)
	rest := without(words(name), chosen)
	var targets []Target
	for _, component := range chosen {
		target := Target{Component: component.Name}
		target.Environment, target.Instance = locate(component, name, rest)
		target.Instance = cmp.Or(p.instance, target.Instance)
		target.Production = isProduction(component, target.Environment, d)
		if d.Transient {
			if target.Production || declares(component, target.Environment) {
				target.Instance = strings.TrimPrefix(target.Instance+"-"+transientInstance, "-")
			}
			target.Production = false
		}
		targets = append(targets, target)
	}
	return targets
}

func choose(components []contracts.Component, p payload, name string) []contracts.Component {
	if len(p.components) > 0 {
		return those(components, func(c contracts.Component) bool {
			return slices.ContainsFunc(p.components, func(n string) bool { return strings.EqualFold(n, c.Name) })
		})
	}
	if p.path != "" {
		return below(components, p.path)
	}
	if found := those(components, func(c contracts.Component) bool { return declares(c, name) }); found != nil {
		return found
	}
	if found := named(components, words(name)); found != nil {
		return found
	}
	if found := those(components, func(c contracts.Component) bool { return declaredStart(c, words(name)) != "" }); found != nil {
		return found
	}
	return those(components, func(c contracts.Component) bool { return len(c.Environments) == 0 && c.Release != Released })
}

// Released is the way of a component of which many versions live on (its Release).
const Released = "released"

func those(components []contracts.Component, wanted func(contracts.Component) bool) (found []contracts.Component) {
	for _, c := range components {
		if wanted(c) {
			found = append(found, c)
		}
	}
	return found
}

// below returns the components that lie at a path or below it, else the nearest one
// that holds it.
func below(components []contracts.Component, at string) []contracts.Component {
	at = folder(at)
	if found := those(components, func(c contracts.Component) bool { return within(folder(c.Path), at) }); found != nil {
		return found
	}
	longest := -1
	for _, c := range components {
		if target := folder(c.Path); within(at, target) {
			longest = max(longest, len(target))
		}
	}
	return those(components, func(c contracts.Component) bool {
		target := folder(c.Path)
		return within(at, target) && len(target) == longest
	})
}

// folder is a path without slashes at its ends; "" is the whole repository.
func folder(p string) string { return strings.Trim(path.Clean("/"+p), "/") }

func within(p, folder string) bool {
	return folder == "" || p == folder || strings.HasPrefix(p, folder+"/")
}

// named returns the components whose names a name contains. A name within another one does
// not count: "orders-worker-production" is not of "orders" if there is an "orders-worker".
func named(components []contracts.Component, name []string) []contracts.Component {
	type span struct{ from, to int }
	spans := make([]span, len(components))
	for i, c := range components {
		spans[i].from, spans[i].to = find(name, words(c.Name))
	}
	var found []contracts.Component
	for i, c := range components {
		own := spans[i]
		if own.from == own.to || slices.ContainsFunc(spans, func(s span) bool { return s.from <= own.from && own.to <= s.to && s.to-s.from > own.to-own.from }) {
			continue
		}
		found = append(found, c)
	}
	return found
}

// locate says what a component calls the environment of a name, and which instance
// of it is meant. rest are the name's words without those that name components.
func locate(component contracts.Component, name string, rest []string) (environment, instance string) {
	for _, e := range component.Environments {
		if strings.EqualFold(e.Name, name) {
			return e.Name, ""
		}
	}
	if environment := declaredStart(component, rest); environment != "" {
		return environment, strings.Join(rest[len(words(environment)):], "-")
	}
	if len(rest) == 0 || len(rest) == len(words(name)) {
		return name, ""
	}
	return strings.Join(rest, "-"), ""
}

func declares(component contracts.Component, environment string) bool {
	return slices.ContainsFunc(component.Environments, func(e contracts.Environment) bool { return strings.EqualFold(e.Name, environment) })
}

// declaredStart is the environment of a component that a name begins with, the longest if
// there are several.
func declaredStart(component contracts.Component, name []string) string {
	best := ""
	for _, e := range component.Environments {
		own := words(e.Name)
		if len(own) > len(words(best)) && len(own) <= len(name) && slices.Equal(own, name[:len(own)]) {
			best = e.Name
		}
	}
	return best
}

// isProduction returns the class by what is declared, otherwise by what GitHub knows,
// otherwise by the name.
func isProduction(component contracts.Component, environment string, d Deployment) bool {
	for _, e := range component.Environments {
		if strings.EqualFold(e.Name, environment) && e.Production != nil {
			return *e.Production
		}
	}
	return d.Production || strings.HasPrefix(strings.ToLower(environment), "prod")
}

// words are the parts of a name between characters that are neither letters nor digits.
func words(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// find returns where part is in all; from == to: nowhere.
func find(all, part []string) (from, to int) {
	for i := 0; len(part) > 0 && i+len(part) <= len(all); i++ {
		if slices.Equal(all[i:i+len(part)], part) {
			return i, i + len(part)
		}
	}
	return 0, 0
}

// without takes the names of components out of a name.
func without(name []string, components []contracts.Component) []string {
	rest := slices.Clone(name)
	for _, c := range components {
		from, to := find(rest, words(c.Name))
		rest = slices.Delete(rest, from, to)
	}
	return rest
}
