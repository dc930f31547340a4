package checks

import (
	"fmt"
	"slices"
	"strings"

	"plimsoll/checks/readiness"
)

// mostTogether bounds what the edits take of the text, in bytes: what was found, and
// why it matters, needs room as well.
const mostTogether = MaxTextBytes / 2

// fixCommand puts the edits into a checkout.
const fixCommand = "plimsoll check --readiness --fix"

// edits are what a report offers to be pasted, all at once.
type edits struct {
	// added mend what is new, all what is new and what was missing before.
	added, all []readiness.Edit
	// by the findings' own snippets, in what they are put in with others.
	by map[readiness.Snippet]readiness.Edit
}

func editsOf(added, old []readiness.Judged) edits {
	e := edits{added: readiness.Edits(added), by: map[readiness.Snippet]readiness.Edit{}}
	e.all = e.added
	if len(old) > 0 {
		e.all = readiness.Edits(slices.Concat(added, old))
	}
	for _, each := range slices.Concat(e.all, e.added) {
		for _, s := range each.Of {
			e.by[s] = each
		}
	}
	return e
}

// alone tells whether a snippet can be pasted as it is, with nothing to be merged.
func (e edits) alone(s readiness.Snippet) bool {
	whole, there := e.by[s]
	return !there || whole.Snippet == s
}

// older are the edits that mend what was missing before: those that are not among the
// added ones as they are.
func (e edits) older() (all []readiness.Edit) {
	for _, each := range e.all {
		if !slices.ContainsFunc(e.added, func(a readiness.Edit) bool { return a.Snippet == each.Snippet }) {
			all = append(all, each)
		}
	}
	return all
}

// again tells whether an edit is for the same lines as one of the added ones.
func (e edits) again(older readiness.Edit) bool {
	return slices.ContainsFunc(e.added, func(a readiness.Edit) bool {
		return a.File == older.File && a.After == older.After && a.Replaces == older.Replaces
	})
}

// togetherSections give everything that can be pasted, for each component at once, what
// was missing before folded.
func (v *readinessView) togetherSections() []string {
	older := v.edits.older()
	if len(v.edits.added)+len(older) == 0 {
		return nil
	}
	sections := []string{v.edits.pasteWords()}
	room := mostTogether
	for _, group := range v.groups(v.edits.added) {
		sections = append(sections, "## Everything at once: "+v.names(group[0].Components), editWords(group, &room))
	}
	if len(older) == 0 {
		return sections
	}
	inside := []string{}
	if slices.ContainsFunc(older, v.edits.again) {
		inside = append(inside, "What is for the same lines as something above takes its place.")
	}
	for _, group := range v.groups(older) {
		inside = append(inside, "**Everything at once:** "+v.names(group[0].Components), editWords(group, &room))
	}
	summary := "For what was missing before: "
	if len(v.edits.added) > 0 {
		summary = "And for what was missing before: "
	}
	return append(sections, "<details><summary>"+summary+count(len(older), "edit")+"</summary>\n\n"+paragraphs(inside...)+"\n</details>")
}

// pasteWords says how to put in what follows.
func (e edits) pasteWords() string {
	text := code(fixCommand) + " puts all of this into a checkout"
	if len(e.added) > 0 && len(e.older()) > 0 {
		text += " (with " + code("--base") + ", what is new)"
	}
	files := map[string]bool{}
	for _, each := range e.all {
		if files[each.File] {
			return text + ". By hand, begin in each file with what goes furthest down: lines are counted in the files as they are."
		}
		files[each.File] = true
	}
	return text + "."
}

// groups puts the edits of the same components together, in the order of the report;
// what several share follows what is the first one's alone.
func (v *readinessView) groups(all []readiness.Edit) [][]readiness.Edit {
	var groups [][]readiness.Edit
	for _, e := range all {
		i := slices.IndexFunc(groups, func(g []readiness.Edit) bool { return slices.Equal(g[0].Components, e.Components) })
		if i < 0 {
			i, groups = len(groups), append(groups, nil)
		}
		groups[i] = append(groups[i], e)
	}
	slices.SortStableFunc(groups, func(a, b []readiness.Edit) int {
		first, second := a[0].Components, b[0].Components
		if first[0] != second[0] {
			return v.place(first[0]) - v.place(second[0])
		}
		return len(first) - len(second)
	})
	return groups
}

// place is where a component stands in the report.
func (v *readinessView) place(component string) int {
	return slices.IndexFunc(v.Report.Components, func(c readiness.ComponentReport) bool { return c.Name == component })
}

func (v *readinessView) names(components []string) string {
	var names []string
	for _, name := range components {
		names = append(names, code(name))
	}
	return join(names, mostNames)
}

// editWords shows edits as long as there is room, and counts the others.
func editWords(all []readiness.Edit, room *int) string {
	var sections []string
	for i, e := range all {
		words := snippetWords(e.Snippet)
		if *room -= len(words); *room < 0 {
			sections = append(sections, fmt.Sprintf("%s left out here; %s puts in all of it.", count(len(all)-i, "more edit"), code(fixCommand)))
			break
		}
		sections = append(sections, words)
	}
	return strings.TrimRight(paragraphs(sections...), "\n")
}
