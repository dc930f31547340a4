package alerts

import (
	"cmp"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"plimsoll/config"
	"plimsoll/contracts"
)

// Bounds of a rule file. The largest rendered mixins in use have about 300 KB.
const (
	maxBytes     = 4 << 20
	maxDocuments = 500
	maxRules     = 20_000
	maxFaults    = 100
)

var bounds = config.Bounds{Bytes: maxBytes, Depth: 64, AliasNodes: 10_000, Nodes: 500_000, Documents: maxDocuments}

// File is what a rule file holds, as far as it could be read.
type File struct {
	Path   string
	Groups []Group
	// Resource: the groups stand in Kubernetes resources.
	Resource bool
}

// Group is a group of rules that are evaluated one after the other.
type Group struct {
	contracts.Position
	Name Text
	// Labels are given to every rule of the group (Prometheus 3).
	Labels []Pair
	Rules  []Rule
}

// Rule is an alert or a recording rule.
type Rule struct {
	contracts.Position
	// Alert or Record is the rule's name; the other one is empty.
	Alert, Record Text
	// Group is the name of the rule's group.
	Group string
	Expr  Text
	// For and KeepFiringFor as written; empty: not given.
	For, KeepFiringFor Text
	// Labels of the rule, and behind them those of its group that it does not have.
	Labels      []Pair
	Annotations []Pair
	// Language of Expr: empty for PromQL; LogQL is for Loki.
	Language Language

	parsed *expression
	node   *yaml.Node
}

// Language is a query language other than PromQL.
type Language string

// LogQL is Loki's language.
const LogQL Language = "LogQL"

// Text is a scalar of the file; the zero Text is not given.
type Text struct {
	contracts.Position
	Value string
}

// Pair is a key with its value; the position is the key's.
type Pair struct {
	contracts.Position
	Key   string
	Value Text
}

// Alerts gives the alerts of all groups, in the order of the file.
func (f File) Alerts() []Rule {
	var alerts []Rule
	for _, g := range f.Groups {
		for _, r := range g.Rules {
			if r.Alert.Value != "" {
				alerts = append(alerts, r)
			}
		}
	}
	return alerts
}

// Records gives the names of the metrics that recording rules of the file make.
func (f File) Records() []string {
	var names []string
	for _, g := range f.Groups {
		for _, r := range g.Rules {
			if r.Record.Value != "" {
				names = append(names, r.Record.Value)
			}
		}
	}
	return names
}

// Kind says what a fault means.
type Kind string

// The kinds of faults.
const (
	// Broken: Prometheus refuses the file, or the cluster the resource.
	Broken Kind = "broken"
	// Templated: a template that has to be rendered before it can be evaluated.
	Templated Kind = "templated"
	// Foreign: written for another ruler than Prometheus, and perhaps right there.
	Foreign Kind = "foreign"
)

// Fault is one thing wrong with a rule file: where, what was found and expected, and
// what to do.
type Fault struct {
	contracts.Problem
	Kind Kind
}

// String gives "file:line:column: message (hint)".
func (f Fault) String() string { return f.Problem.Error() }

// faults collects what is wrong with one file, up to a bound.
type faults struct {
	all  []Fault
	more int
}

func (f *faults) add(kind Kind, at contracts.Position, message, hint string) {
	if len(f.all) >= maxFaults {
		f.more++
		return
	}
	f.all = append(f.all, Fault{Kind: kind, Problem: contracts.Problem{Position: at, Message: message, Hint: hint}})
}

// result gives the faults in the order of the file, each once (an alias repeats what
// is wrong with its anchor), and at the end how many more there are.
func (f *faults) result(file string) []Fault {
	slices.SortStableFunc(f.all, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	f.all = slices.Compact(f.all)
	if f.more > 0 {
		f.all = append(f.all, Fault{Kind: f.all[0].Kind, Problem: contracts.Problem{
			Position: contracts.Position{File: file},
			Message:  fmt.Sprintf("%d more faults are not shown", f.more), Hint: "fix these first"}})
	}
	return f.all
}

// position of a node.
func position(file string, n *yaml.Node) contracts.Position {
	return contracts.Position{File: file, Line: n.Line, Column: n.Column}
}

// Parsed tells whether the rule's expression could be read.
func (r Rule) Parsed() bool { return r.parsed != nil }
