package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Merge gives the repository's file with what is left open filled in from its
// own `defaults:` and then from the organisation's, and with the organisation's
// policy under its own. Neither argument is changed; organisation may be nil.
//
// Keys are filled in one by one, environments by name; a list that stands in
// the component replaces the default's. What is weaker than the policy is set
// to the policy's floor, and reported.
func Merge(repository, organisation *Repository) (*Repository, Errors) {
	merged := *repository
	theirs := organisation
	if theirs == nil {
		theirs = &Repository{}
	}
	merged.Policy = tighten(theirs.Policy, repository.Policy)
	merged.Components = make([]Component, len(repository.Components))
	for i := range repository.Components {
		c := repository.Components[i]
		c.Provides, c.Environments = slices.Clone(c.Provides), maps.Clone(c.Environments)
		merged.Components[i] = underneath(underneath(c, repository.Defaults, false), theirs.Defaults, true)
	}
	return &merged, merged.enforce(theirs.Policy, repository.Policy)
}

// underneath fills in what a component leaves open. Rule settings of the defaults come first.
func underneath(c Component, defaults *Defaults, organisation bool) Component {
	if defaults == nil {
		return c
	}
	fill := Component{Owner: defaults.Owner, Release: defaults.Release, Health: defaults.Health, Environments: defaults.Environments}
	filled := fillIn(reflect.ValueOf(c), reflect.ValueOf(fill)).Interface().(Component)
	for i := range filled.Provides {
		if filled.Provides[i].OnBreak == "" {
			filled.Provides[i].OnBreak = defaults.OnBreak
		}
		if len(defaults.Rules) > 0 {
			rules := slices.Concat(defaults.Rules, filled.Provides[i].Rules)
			for j := range defaults.Rules {
				rules[j].Default, rules[j].Organisation = true, organisation
			}
			filled.Provides[i].Rules = rules
		}
	}
	return filled
}

// fillIn gives v with its zero parts taken from under. Structs are filled in
// key by key, maps name by name; everything else is taken whole. Texts and
// positions are one value, never mixed.
func fillIn(v, under reflect.Value) reflect.Value {
	if v.IsZero() && v.Type() != reflect.TypeFor[Position]() {
		return under
	}
	if _, ok := reflect.New(v.Type()).Interface().(text); ok || under.IsZero() {
		return v
	}
	switch v.Kind() {
	case reflect.Pointer:
		filled := reflect.New(v.Type().Elem())
		filled.Elem().Set(fillIn(v.Elem(), under.Elem()))
		return filled
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[Position]() {
			return v
		}
		filled := reflect.New(v.Type()).Elem()
		filled.Set(v)
		for _, f := range fieldsOf(v.Type()) {
			filled.FieldByIndex(f.Index).Set(fillIn(v.FieldByIndex(f.Index), under.FieldByIndex(f.Index)))
		}
		return filled
	case reflect.Map:
		filled := reflect.MakeMap(v.Type())
		for key, value := range under.Seq2() {
			filled.SetMapIndex(key, value)
		}
		for key, value := range v.Seq2() {
			if below := under.MapIndex(key); below.IsValid() {
				value = fillIn(value, below)
			}
			filled.SetMapIndex(key, value)
		}
		return filled
	}
	return v
}

// tighten gives the stricter of two policies, key by key; nil without any.
func tighten(floor, own *Policy) *Policy {
	switch {
	case floor == nil:
		return own
	case own == nil:
		return floor
	}
	p := *floor
	if own.OnBreak == Block {
		p.OnBreak = Block
	}
	if floor.Block != nil && own.Block != nil {
		p.Block = slices.Concat(floor.Block, own.Block)
		slices.Sort(p.Block)
		p.Block = slices.Compact(p.Block)
	} else {
		p.Block = nil // absent: all of them
	}
	if own.MaxWaiver > 0 && (p.MaxWaiver == 0 || own.MaxWaiver < p.MaxWaiver) {
		p.MaxWaiver = own.MaxWaiver
	}
	p.MinWatch = max(p.MinWatch, own.MinWatch)
	p.Gate = p.Gate || own.Gate
	p.Rules = slices.Concat(floor.Rules, own.Rules)
	if own.GateUnknown == Hold || p.GateUnknown == "" {
		p.GateUnknown = own.GateUnknown
	}
	return &p
}

// enforce sets what is weaker than the policy to its floor, and reports each.
func (r *Repository) enforce(floor, own *Policy) Errors {
	var reported Errors
	note := func(at Position, path, message, hint string) {
		reported = append(reported, &Error{File: r.File, Line: at.Line, Column: at.Column, Path: path, Message: message, Hint: hint})
	}
	p := r.Policy
	if p == nil {
		return nil
	}
	if floor != nil && own != nil && floor.OnBreak == Block && own.OnBreak == Warn {
		note(own.At, "policy.on_break", "warn is weaker than the organisation's policy, so block applies", "remove this key")
	}
	if floor != nil && own != nil && floor.GateUnknown == Hold && own.GateUnknown == Allow {
		note(own.At, "policy.gate_unknown", "allow is weaker than the organisation's policy, so hold applies", "remove this key")
	}
	for i := range r.Components {
		c := &r.Components[i]
		path := fmt.Sprintf("components[%d]", i)
		for j := range c.Provides {
			p.refuse(c.Provides[j].Rules, fmt.Sprintf("%s.provides[%d].rules", path, j), note)
			if provided := &c.Provides[j]; p.OnBreak == Block && provided.OnBreak == Warn {
				provided.OnBreak = Block
				note(provided.At, fmt.Sprintf("%s.provides[%d].on_break", path, j), "warn is weaker than the policy, so block applies", "remove this key")
			}
		}
		for name, e := range c.Environments {
			if !e.IsProduction(name) {
				continue
			}
			here := join(path+".environments", string(name))
			if p.Gate {
				if e.Gate != nil && !*e.Gate {
					note(e.At, here+".gate", "false is weaker than the policy, so true applies", "remove this key")
				}
				e.Gate = &p.Gate
			}
			if v := e.Verify; v != nil && v.For > 0 && v.For < p.MinWatch {
				longer := *v
				longer.For = p.MinWatch
				e.Verify = &longer
				note(v.At, here+".verify.for", fmt.Sprintf("%s is shorter than the policy's min_watch, so %s applies", short(v.For.Value()), short(p.MinWatch.Value())), "write "+short(p.MinWatch.Value())+" or more")
			}
			c.Environments[name] = e
		}
	}
	return reported
}

// IsProduction says whether an environment is of the production class as far as
// the file alone can tell.
func (e Environment) IsProduction(name Name) bool {
	if e.Production != nil {
		return *e.Production
	}
	return strings.HasPrefix(strings.ToLower(string(name)), "prod")
}

// TooLong says whether a waiver reaches further ahead than the policy lets it.
func (p *Policy) TooLong(w Waiver, now time.Time) bool {
	return p != nil && p.MaxWaiver > 0 && w.Until.After(now.Add(p.MaxWaiver.Value()))
}

// refuse reports the entries of a repository that the policy makes void.
func (p *Policy) refuse(rules []RuleSetting, path string, note func(at Position, path, message, hint string)) {
	for _, s := range rules {
		for _, fixed := range p.Rules {
			if s.Organisation || !fixed.Rule.Covers(string(s.Rule)) || !s.Ignore && s.Level.rank() >= fixed.Level.rank() {
				continue
			}
			what := "level: " + string(s.Level) + " has no effect below the policy's " + string(fixed.Level)
			if s.Ignore {
				what = "ignore has no effect"
			}
			note(s.At, path, what+": the policy fixes "+string(s.Rule), "remove this entry, or ask the owners of the policy")
			break
		}
	}
}
