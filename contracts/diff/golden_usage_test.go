package diff

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	yaml "go.yaml.in/yaml/v3"

	"plimsoll/contracts"
)

// expectation is what the comments of usage.yaml ask for.
type expectation struct {
	changes  []string
	verdicts []consumerVerdict
	errors   bool // a contract can't be read
}

var (
	changesLine = regexp.MustCompile(`(?m)^# changes: (.+)$`)
	expectLine  = regexp.MustCompile(`(?m)^- component: (\S+) +# expect: (breaks|may-break|unknown|unaffected)( with a registration error)?$`)
)

func readExpectation(t *testing.T, file string) expectation {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var e expectation
	m := changesLine.FindSubmatch(data)
	if m == nil {
		t.Fatalf("%s: no line \"# changes: …\"", file)
	}
	switch text := string(m[1]); text {
	case "none":
	case "an error":
		e.errors = true
	default:
		e.changes = strings.Split(text, ", ")
		slices.Sort(e.changes)
	}
	for _, m := range expectLine.FindAllSubmatch(data, -1) {
		e.verdicts = append(e.verdicts, consumerVerdict{component: string(m[1]), verdict: string(m[2]), faulty: len(m[3]) > 0})
	}
	if n := strings.Count("\n"+string(data), "\n- component:"); n != len(e.verdicts) {
		t.Fatalf("%s: %d consumers, %d of them with \"# expect: …\"", file, n, len(e.verdicts))
	}
	return e
}

// faults tells what differs from the expectation.
func (r *goldenRun) faults(e expectation) []string {
	var list []string
	if e.errors {
		if len(r.changes) > 0 || r.text == "" || strings.HasPrefix(r.text, "nothing") {
			list = append(list, "both contracts were read; an error was expected")
		}
		return list
	}
	if !slices.Equal(r.changes, e.changes) {
		list = append(list, fmt.Sprintf("changes are %q, expected %q", r.changes, e.changes))
	}
	for i, want := range e.verdicts {
		if i < len(r.verdicts) && r.verdicts[i] != want {
			list = append(list, fmt.Sprintf("the verdict is %+v, expected %+v", r.verdicts[i], want))
		}
	}
	if len(r.verdicts) != len(e.verdicts) {
		list = append(list, fmt.Sprintf("%d consumers were judged, expected %d", len(r.verdicts), len(e.verdicts)))
	}
	for _, rule := range r.twins {
		list = append(list, "two changes of "+rule+" share a fingerprint")
	}
	return list
}

// goldenConsumers reads usage.yaml: the consumes part of a repository file, one
// entry per consumer.
func goldenConsumers(t *testing.T, file string) []contracts.Consumer {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var entries []struct {
		Component  string
		Via        string
		Catalogue  bool
		Env        string
		Operations []struct {
			Op     yaml.Node
			Reads  *[]yaml.Node
			Sends  *[]yaml.Node
			Status []string
			Values map[string][]string
		}
	}
	var lines []yaml.Node
	if err := yaml.Unmarshal(data, &entries); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, &lines); err != nil {
		t.Fatal(err)
	}
	at := func(n *yaml.Node) contracts.Position {
		return contracts.Position{File: "usage.yaml", Line: n.Line, Column: n.Column}
	}
	var consumers []contracts.Consumer
	for i, e := range entries {
		c := contracts.Consumer{Component: e.Component, Environment: e.Env, Usage: contracts.Usage{Via: e.Via, Catalogue: e.Catalogue,
			Evidence: contracts.Evidence{Kind: contracts.EvidenceDeclared, Position: at(&lines[i])}}}
		for _, o := range e.Operations {
			use := contracts.OperationUse{Selector: o.Op.Value, Status: o.Status, Evidence: contracts.Evidence{Kind: contracts.EvidenceDeclared, Position: at(&o.Op)}}
			patterns := func(list *[]yaml.Node) *[]contracts.Pattern {
				if list == nil {
					return nil
				}
				out := make([]contracts.Pattern, 0, len(*list))
				for k := range *list {
					n := &(*list)[k]
					out = append(out, contracts.Pattern{Text: n.Value, Position: at(n), Values: o.Values[n.Value]})
				}
				return &out
			}
			use.Reads, use.Sends = patterns(o.Reads), patterns(o.Sends)
			c.Usage.Operations = append(c.Usage.Operations, use)
		}
		consumers = append(consumers, c)
	}
	return consumers
}
