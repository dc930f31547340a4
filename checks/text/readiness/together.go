package readinesstext

import (
	"fmt"
	"slices"
	"strings"

	"plimsoll/checks"
	"plimsoll/checks/readiness"
	"plimsoll/checks/readiness/patch"
)

// mostTogether bounds how much of the text the fixes take, in bytes: the gaps need room
// as well.
const mostTogether = checks.MaxTextBytes / 2

// fixCommand applies the fixes to a checkout.
const fixCommand = "plimsoll check --readiness --fix"

// edits are the fixes that a report offers.
type edits struct {
	// added is a patch for `git apply` that fixes the new gaps, all one that fixes the
	// existing ones too; each is empty if there is nothing to fix.
	added, all string
	// byHand are the edits that are in no patch.
	byHand []readiness.Edit
	// by the findings' own snippets, the edit that contains them.
	by map[readiness.Snippet]readiness.Edit
}

func editsOf(added, old []readiness.Compared, contents map[string][]byte) edits {
	e := edits{by: map[readiness.Snippet]readiness.Edit{}}
	ofAdded, all := readiness.Edits(added), readiness.Edits(slices.Concat(added, old))
	contents = asShown(all, contents)
	e.added, _ = patch.Of(ofAdded, contents)
	e.all, e.byHand = patch.Of(all, contents)
	if e.all == e.added {
		e.all = ""
	}
	for _, each := range slices.Concat(all, ofAdded) {
		for _, s := range each.Of {
			e.by[s] = each
		}
	}
	return e
}

// asShown leaves out the files of which a page can't show every character: a patch of
// them would not apply.
func asShown(all []readiness.Edit, contents map[string][]byte) map[string][]byte {
	shown := map[string][]byte{}
	for file, content := range contents {
		if checks.PlainBlock(string(content)) == string(content) {
			shown[file] = content
		}
	}
	for _, e := range all {
		if checks.PlainBlock(e.Text) != e.Text {
			delete(shown, e.File)
		}
	}
	return shown
}

// alone reports whether a snippet can be pasted as it is, with nothing to be merged.
func (e edits) alone(s readiness.Snippet) bool {
	whole, there := e.by[s]
	return !there || whole.Snippet == s
}

// togetherSections give the fixes of all gaps at once: patches, and what has to be pasted.
func (v *readinessView) togetherSections() (sections []string) {
	room := mostTogether
	for _, each := range []struct{ heading, text string }{
		{"Patch for the new gaps", v.edits.added}, {v.everything(), v.edits.all},
	} {
		switch {
		case each.text == "":
		case len(each.text) > room:
			sections = append(sections, each.heading+": too long to be shown. "+checks.Code(fixCommand)+" fixes a checkout.")
		default:
			room -= len(each.text)
			sections = append(sections, checks.Details(each.heading, "Save this as "+checks.Code("fix.patch")+" and run "+checks.Code("git apply fix.patch")+
				", or run "+checks.Code(fixCommand)+" in a checkout. Review the result: ports, paths and thresholds are guesses.\n\n"+checks.Fenced("diff", each.text)))
		}
	}
	if len(v.edits.byHand) > 0 {
		sections = append(sections, checks.Details(checks.Count(len(v.edits.byHand), "fix")+" to paste", "Work from the bottom of each file up.\n\n"+editWords(v.edits.byHand, &room)))
	}
	return sections
}

// everything is the heading of the patch for new and existing gaps.
func (v *readinessView) everything() string {
	if v.edits.added == "" {
		return "Patch for the existing gaps"
	}
	return "Patch for all gaps, new and existing"
}

// editWords shows edits as long as there is room, and counts the others.
func editWords(all []readiness.Edit, room *int) string {
	var sections []string
	for i, e := range all {
		words := snippetWords(e.Snippet)
		if *room -= len(words); *room < 0 {
			sections = append(sections, fmt.Sprintf("%s left out here. %s applies all of them.", checks.Count(len(all)-i, "more fix"), checks.Code(fixCommand)))
			break
		}
		sections = append(sections, words)
	}
	return strings.TrimRight(checks.Paragraphs(sections...), "\n")
}
