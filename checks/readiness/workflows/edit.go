package workflows

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"plimsoll/checks/readiness/extent"
)

// Edit puts lines into a workflow file.
type Edit struct {
	File string
	// After is the line behind which Text goes; Replaces is how many lines behind
	// it Text takes the place of.
	After, Replaces int
	// Text is whole lines, indented as they stand there.
	Text string
}

// OneAtATime is the edit that lets one of these deployments run at a time: a
// concurrency of the deploying job with a group that begins with prefix and names
// the environment. Nothing that runs is cancelled. ok is false where the job is
// written in a form that lines can't be put into.
func (d *Deployment) OneAtATime(prefix string) (edit Edit, ok bool) {
	body := d.body()
	if body == nil {
		return Edit{}, false
	}
	group := prefix
	switch {
	case d.Unsteady:
	case d.Job.Environment != nil:
		group += "-" + d.Job.Environment.Name
	case d.Listens:
		group += "-${{ github.event.deployment.environment }}"
	case len(d.Environments) == 1:
		group += "-" + d.Environments[0]
	}
	first := body.Content[0]
	edit = Edit{File: d.Workflow.File, After: first.Line - 1, Text: lines(first.Column, "concurrency:", "  group: "+plain(group), "  cancel-in-progress: false")}
	if key, value := entry(body, "concurrency"); key != nil {
		edit.After, edit.Replaces = key.Line-1, d.Workflow.extent().Last(value)-key.Line+1
	}
	return edit, true
}

// TakeCommit are the edits after which the one who starts the entry by hand says
// which commit is deployed: an input of workflow_dispatch where there is none of that
// name, and the ref of the checkout. ok is false where that takes a person: the deploying job is called, or
// never runs by hand, or checks nothing out, or lines can't be put there.
func (d *Deployment) TakeCommit(input string) (edits []Edit, ok bool) {
	if len(d.Callers) > 0 || !d.Dispatched || len(d.Sources) == 0 {
		return nil, false
	}
	ref, ok := d.Sources[0].take(input)
	if !ok || d.Sources[0].Workflow != d.Entry {
		return nil, false
	}
	if there, taken := d.Entry.Inputs[input]; taken {
		return []Edit{ref}, there.Type == "string"
	}
	asks, ok := d.Entry.ask(input)
	if !ok {
		return nil, false
	}
	return []Edit{asks, ref}, true
}

// body is the mapping of the deploying job where each key has lines of its own.
func (d *Deployment) body() *yaml.Node { return d.Workflow.job(d.Job) }

func (w *Workflow) job(job *Job) *yaml.Node {
	_, jobs := entry(w.root, "jobs")
	_, body := entry(jobs, job.ID)
	return block(body)
}

// ask is the edit that adds an input to workflow_dispatch, and the event where it is
// not there.
func (w *Workflow) ask(input string) (Edit, bool) {
	key, on := entry(w.root, "on")
	if key == nil {
		return Edit{}, false
	}
	wanted := []string{input + ":", "  description: Commit to deploy. Default, the one that the run is started on", "  type: string"}
	under := func(indent int, heads ...string) []string {
		for _, line := range wanted {
			heads = append(heads, strings.Repeat(" ", indent)+line)
		}
		return heads
	}
	edit := Edit{File: w.File, After: key.Line - 1, Replaces: w.extent().Last(on) - key.Line + 1}
	events := block(on)
	if events == nil {
		// One word, or a list of words: written anew as a mapping.
		text := []string{"on:"}
		switch {
		case on.Kind == yaml.ScalarNode && on.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0:
			if on.Value != "workflow_dispatch" {
				text = append(text, "  "+plain(on.Value)+":")
			}
		case on.Kind == yaml.SequenceNode:
			for _, each := range on.Content {
				if each.Kind != yaml.ScalarNode {
					return Edit{}, false
				}
				if each.Value != "workflow_dispatch" {
					text = append(text, "  "+plain(each.Value)+":")
				}
			}
		default:
			return Edit{}, false
		}
		edit.Text = lines(key.Column, under(6, append(text, "  workflow_dispatch:", "    inputs:")...)...)
		return edit, edit.Replaces > 0
	}
	first := events.Content[0]
	dispatch, settings := entry(events, "workflow_dispatch")
	switch {
	case dispatch == nil:
		edit.After, edit.Replaces = w.extent().Last(events), 0
		edit.Text = lines(first.Column, under(4, "workflow_dispatch:", "  inputs:")...)
	case len(settings.Content) == 0 && settings.Kind != yaml.AliasNode:
		edit.After, edit.Replaces = dispatch.Line-1, w.extent().Last(settings)-dispatch.Line+1
		edit.Text = lines(first.Column, under(4, "workflow_dispatch:", "  inputs:")...)
	default:
		_, inputs := entry(settings, "inputs")
		if inputs = block(inputs); inputs == nil || block(settings) == nil {
			return Edit{}, false
		}
		edit.After, edit.Replaces = inputs.Content[0].Line-1, 0
		edit.Text = lines(inputs.Content[0].Column, under(0)...)
	}
	return edit, true
}

// take is the edit that has a checkout take the input, and what it took before where
// the input is empty.
func (s *Source) take(input string) (Edit, bool) {
	step := s.step()
	if step == nil {
		return Edit{}, false
	}
	uses, action := entry(step, "uses")
	edit := Edit{File: s.Workflow.File, After: s.Workflow.extent().Last(action)}
	with, given := entry(step, "with")
	if with == nil {
		edit.Text = lines(uses.Column, "with:", fmt.Sprintf("  ref: ${{ inputs.%s || github.sha }}", input))
		return edit, true
	}
	if given = block(given); given == nil {
		return Edit{}, false
	}
	first := given.Content[0]
	ref, old := entry(given, "ref")
	if ref == nil {
		edit.After = first.Line - 1
		edit.Text = lines(first.Column, fmt.Sprintf("ref: ${{ inputs.%s || github.sha }}", input))
		return edit, true
	}
	before, ok := operand(s.Checkout.Ref)
	edit.After, edit.Replaces = ref.Line-1, s.Workflow.extent().Last(old)-ref.Line+1
	edit.Text = lines(first.Column, "ref: "+plain(fmt.Sprintf("${{ inputs.%s || %s }}", input, before)))
	return edit, ok && old.Kind == yaml.ScalarNode && old.Line == ref.Line
}

// step is the mapping of the checkout's step where each key has lines of its own.
func (s *Source) step() *yaml.Node {
	body := s.Workflow.job(s.Job)
	_, steps := entry(body, "steps")
	if steps == nil || steps.Kind != yaml.SequenceNode || steps.Style&yaml.FlowStyle != 0 {
		return nil
	}
	for _, step := range steps.Content {
		if uses, action := entry(step, "uses"); uses != nil && action.Line == s.Checkout.At.Line {
			return block(step)
		}
	}
	return nil
}

// operand writes a ref as a part of an expression.
func operand(ref string) (string, bool) {
	all := pieces(ref)
	switch {
	case len(all) != 1 || strings.ContainsAny(ref, "\n\r"):
		return "github.sha", ref == ""
	case all[0].node == nil:
		return "'" + strings.ReplaceAll(ref, "'", "''") + "'", true
	}
	inner := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(ref), "${{"), "}}"))
	if property(all[0].node) != nil {
		return inner, true
	}
	return "(" + inner + ")", true
}

// entry finds a key of a mapping and its value; nil, nil without it.
func entry(n *yaml.Node, key string) (name, value *yaml.Node) {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

// block gives a mapping that is not empty and not written in braces, an alias
// followed; nil for anything else.
func block(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n == nil || n.Kind != yaml.MappingNode || n.Style&yaml.FlowStyle != 0 || len(n.Content) == 0 {
		return nil
	}
	return n
}

// extent knows which lines the workflow's nodes stand on.
func (w *Workflow) extent() *extent.File {
	if w.lines == nil {
		w.lines = extent.New(w.data, w.root)
	}
	return w.lines
}

// lines writes lines that begin at a column.
func lines(column int, all ...string) string {
	var out strings.Builder
	for _, line := range all {
		out.WriteString(strings.Repeat(" ", max(column-1, 0)) + line + "\n")
	}
	return out.String()
}

// plain writes a text as a YAML value, in quotes where it needs them.
func plain(text string) string {
	if strings.Contains(text, ": ") || strings.Contains(text, " #") || strings.HasSuffix(text, ":") || strings.TrimSpace(text) != text || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r > '~' }) || text == "" || strings.ContainsAny(text[:1], "!&*?|>%@`\"'#,[]{}-:") {
		return strconv.Quote(text)
	}
	return text
}
