package workflows

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v3"

	"plimsoll/config"
	"plimsoll/contracts"
)

// Bounds of a workflow file; a longer or deeper one is refused.
var Bounds = config.Bounds{Bytes: 512 << 10, Depth: 64, AliasNodes: 10_000, Documents: 1}

// maxFaults are kept of one file.
const maxFaults = 20

// maxEvents under on; GitHub has fewer.
const maxEvents = 64

// checkout is the action whose ref says which commit a job works with.
const checkout = "actions/checkout"

// deploymentActions make a deployment through GitHub's API, and the input that
// names its environment. Each was looked up in its own documentation.
var deploymentActions = map[string]string{
	"chrnorm/deployment-action": "environment", // https://github.com/chrnorm/deployment-action
	"bobheadxi/deployments":     "env",         // https://github.com/bobheadxi/deployments
}

// Parse reads a workflow. The error is [config.Errors] or a [*contracts.Problem]
// where the file is no workflow at all; lesser faults are kept with it.
//
// The bounds are checked on a tree of our own before actionlint reads the bytes,
// so that it never meets a file that is too long, too deep, or that aliases blow up.
func Parse(file string, data []byte) (*Workflow, error) {
	documents, err := config.ParseTree(file, data, Bounds)
	if err != nil {
		return nil, err
	}
	if len(documents) == 0 || documents[0].Kind != yaml.MappingNode {
		return nil, &contracts.Problem{Position: contracts.Position{File: file, Line: 1}, Message: "expected a mapping with on and jobs", Hint: "see the syntax of GitHub Actions workflows"}
	}
	root := documents[0]
	seen := map[*yaml.Node]bool{}
	if fault := notANumber(file, root, seen); fault != nil {
		return nil, fault
	}
	source, faults := actionlint.Parse(data)
	r := reader{file: file, conditions: map[string]actionlint.ExprNode{}}
	if source == nil {
		return nil, r.fault(faults[0])
	}
	if len(source.On) > maxEvents {
		return nil, &contracts.Problem{Position: contracts.Position{File: file, Line: 1}, Message: fmt.Sprintf("%d events under on, at most %d expected", len(source.On), maxEvents), Hint: "name each event once"}
	}
	w := r.workflow(source)
	w.root, w.data, w.Nodes = root, data, len(seen)
	for _, fault := range faults[:min(len(faults), maxFaults)] {
		w.Faults = append(w.Faults, *r.fault(fault))
	}
	if len(w.Jobs) == 0 || source.On == nil {
		if len(w.Faults) > 0 {
			return nil, &w.Faults[0]
		}
		return nil, &contracts.Problem{Position: contracts.Position{File: file, Line: 1}, Message: "a workflow without jobs", Hint: "see the syntax of GitHub Actions workflows"}
	}
	return w, nil
}

// notANumber refuses what is tagged as a number and is none (!!float nan):
// actionlint v1.7.12 panics on it where it expects minutes.
func notANumber(file string, n *yaml.Node, seen map[*yaml.Node]bool) *contracts.Problem {
	if seen[n] {
		return nil
	}
	seen[n] = true
	if n.Kind == yaml.ScalarNode && n.Tag == "!!float" {
		if value, err := strconv.ParseFloat(n.Value, 64); err == nil && math.IsNaN(value) {
			return &contracts.Problem{Position: contracts.Position{File: file, Line: n.Line, Column: n.Column}, Message: "a number that is none (nan)", Hint: "write a number"}
		}
	}
	for _, child := range n.Content {
		if fault := notANumber(file, child, seen); fault != nil {
			return fault
		}
	}
	return nil
}

type reader struct {
	file       string
	conditions map[string]actionlint.ExprNode // one text may stand at many places
}

func (r reader) at(pos *actionlint.Pos) contracts.Position {
	if pos == nil {
		return contracts.Position{File: r.file}
	}
	return contracts.Position{File: r.file, Line: pos.Line, Column: pos.Col}
}

func (r reader) fault(err *actionlint.Error) *contracts.Problem {
	message := strings.Join(strings.Fields(err.Message), " ")
	if runes := []rune(message); len(runes) > 300 {
		message = string(runes[:300]) + "…"
	}
	return &contracts.Problem{Position: contracts.Position{File: r.file, Line: max(err.Line, 0), Column: max(err.Column, 0)}, Message: "not a valid workflow: " + message, Hint: "actionlint says more"}
}

func value(s *actionlint.String) string {
	if s == nil {
		return ""
	}
	return s.Value
}

func values(all []*actionlint.String) []string {
	var texts []string
	for _, each := range all {
		texts = append(texts, value(each))
	}
	return texts
}

func (r reader) workflow(source *actionlint.Workflow) *Workflow {
	w := &Workflow{File: r.file, Name: value(source.Name), Concurrency: r.concurrency(source.Concurrency), env: source.Env, byID: map[string]*Job{}}
	for _, event := range source.On {
		w.Events = append(w.Events, r.event(w, event))
	}
	for id, job := range source.Jobs {
		each := r.job(job)
		w.byID[id] = each
		w.Jobs = append(w.Jobs, each)
	}
	slices.SortFunc(w.Jobs, func(a, b *Job) int {
		return cmp.Or(cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Column, b.At.Column))
	})
	return w
}

func (r reader) event(w *Workflow, event actionlint.Event) Event {
	result := Event{Name: event.EventName(), At: contracts.Position{File: r.file}}
	switch e := event.(type) {
	case *actionlint.WebhookEvent:
		result.At, result.Types = r.at(e.Pos), values(e.Types)
		if e.Paths != nil {
			result.Paths = values(e.Paths.Values)
		}
	case *actionlint.RepositoryDispatchEvent:
		result.At, result.Types = r.at(e.Pos), values(e.Types)
	case *actionlint.WorkflowDispatchEvent:
		result.At = r.at(e.Pos)
		w.Inputs = map[string]Input{}
		for name, input := range e.Inputs {
			w.Inputs[name] = Input{At: r.at(input.Name.Pos), Name: value(input.Name), Type: dispatchTypes[input.Type], Options: values(input.Options), Default: value(input.Default)}
		}
	case *actionlint.WorkflowCallEvent:
		result.At = r.at(e.Pos)
		w.CallInputs = map[string]Input{}
		for _, input := range e.Inputs {
			w.CallInputs[input.ID] = Input{At: r.at(input.Name.Pos), Name: value(input.Name), Type: callTypes[input.Type], Default: value(input.Default)}
		}
	case *actionlint.ScheduledEvent:
		result.At = r.at(e.Pos)
	}
	return result
}

var dispatchTypes = map[actionlint.WorkflowDispatchEventInputType]string{
	actionlint.WorkflowDispatchEventInputTypeNone:        "string",
	actionlint.WorkflowDispatchEventInputTypeString:      "string",
	actionlint.WorkflowDispatchEventInputTypeNumber:      "number",
	actionlint.WorkflowDispatchEventInputTypeBoolean:     "boolean",
	actionlint.WorkflowDispatchEventInputTypeChoice:      "choice",
	actionlint.WorkflowDispatchEventInputTypeEnvironment: "environment",
}

var callTypes = map[actionlint.WorkflowCallEventInputType]string{
	actionlint.WorkflowCallEventInputTypeBoolean: "boolean",
	actionlint.WorkflowCallEventInputTypeNumber:  "number",
	actionlint.WorkflowCallEventInputTypeString:  "string",
}

func (r reader) concurrency(c *actionlint.Concurrency) *Concurrency {
	if c == nil || value(c.Group) == "" {
		return nil
	}
	return &Concurrency{At: r.at(c.Pos), Group: c.Group.Value, Cancel: c.CancelInProgress != nil && c.CancelInProgress.Value}
}
