package readinesstext

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"plimsoll/checks"
	"plimsoll/checks/readiness"
)

// mostTogether bounds what the edits take of the text, in bytes: what was found, and
// why it matters, needs room as well.
const mostTogether = checks.MaxTextBytes / 2

// fixCommand puts the edits into a checkout.
const fixCommand = "plimsoll check --readiness --fix"

// edits are what a report offers to be pasted, all at once.
type edits struct {
	// added fix what is new, all what is new and what was missing before.
	added, all []readiness.Edit
	// by the findings' own snippets, in what they are put in with others.
	by map[readiness.Snippet]readiness.Edit
}

func editsOf(added, old []readiness.Compared) edits {
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

// older are the edits that fix what was missing before: those that are not among the
// added ones as they are. again tells whether some are for the same lines as those.
func (e edits) older() (all []readiness.Edit, again bool) {
	added, places := map[readiness.Snippet]bool{}, map[readiness.Snippet]bool{}
	for _, each := range e.added {
		added[each.Snippet], places[linesOf(each)] = true, true
	}
	for _, each := range e.all {
		if !added[each.Snippet] {
			all = append(all, each)
			again = again || places[linesOf(each)]
		}
	}
	return all, again
}

// linesOf gives the lines that an edit is for.
func linesOf(e readiness.Edit) readiness.Snippet {
	return readiness.Snippet{File: e.File, After: e.After, Replaces: e.Replaces}
}

// togetherSections give everything that can be pasted, for each component at once, what
// was missing before folded.
func (v *readinessView) togetherSections() []string {
	older, again := v.edits.older()
	if len(v.edits.added)+len(older) == 0 {
		return nil
	}
	sections := []string{v.edits.pasteWords(len(older) > 0)}
	room := mostTogether
	for _, group := range v.groups(v.edits.added) {
		sections = append(sections, "## Everything at once: "+v.names(group[0].Components), editWords(group, &room))
	}
	if len(older) == 0 {
		return sections
	}
	inside := []string{}
	if again {
		inside = append(inside, "What is for the same lines as something above takes its place.")
	}
	for _, group := range v.groups(older) {
		inside = append(inside, "**Everything at once:** "+v.names(group[0].Components), editWords(group, &room))
	}
	summary := "For what was missing before: "
	if len(v.edits.added) > 0 {
		summary = "And for what was missing before: "
	}
	return append(sections, "<details><summary>"+summary+checks.Count(len(older), "edit")+"</summary>\n\n"+checks.Paragraphs(inside...)+"\n</details>")
}

// pasteWords says how to put in what follows.
func (e edits) pasteWords(older bool) string {
	text := checks.Code(fixCommand) + " puts all of this into a checkout"
	if len(e.added) > 0 && older {
		text += " (with " + checks.Code("--base") + ", what is new)"
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
	place := map[string]int{}
	for i, c := range v.Report.Components {
		place[c.Name] = i
	}
	var groups [][]readiness.Edit
	of := map[string]int{}
	for _, e := range all {
		names := strings.Join(e.Components, "\x00")
		i, known := of[names]
		if !known {
			i, groups = len(groups), append(groups, nil)
			of[names] = i
		}
		groups[i] = append(groups[i], e)
	}
	slices.SortStableFunc(groups, func(a, b []readiness.Edit) int {
		first, second := a[0].Components, b[0].Components
		return cmp.Or(cmp.Compare(place[first[0]], place[second[0]]), cmp.Compare(len(first), len(second)))
	})
	return groups
}

func (v *readinessView) names(components []string) string {
	var names []string
	for _, name := range components {
		names = append(names, checks.Code(name))
	}
	return checks.Join(names, checks.MostNames)
}

// editWords shows edits as long as there is room, and counts the others.
func editWords(all []readiness.Edit, room *int) string {
	var sections []string
	for i, e := range all {
		words := snippetWords(e.Snippet)
		if *room -= len(words); *room < 0 {
			sections = append(sections, fmt.Sprintf("%s left out here; %s puts in all of it.", checks.Count(len(all)-i, "more edit"), checks.Code(fixCommand)))
			break
		}
		sections = append(sections, words)
	}
	return strings.TrimRight(checks.Paragraphs(sections...), "\n")
}
