package readinesstext

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"plimsoll/checks"
	"plimsoll/checks/readiness"
	contracttext "plimsoll/checks/text/contracts"
	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/contracts"
)

// Readiness is everything that the readiness check knows about one pull request (or merge
// group), as plain values.
type Readiness struct {
	// WebURL is GitHub's address for people: "https://github.com".
	WebURL string

	Repository contracts.RepositoryRef
	// Number of the pull request; 0 for a merge group.
	Number int
	// Fork: the head lives in another repository. Its files are linked through
	// this one, where GitHub keeps them too.
	Fork bool
	// BaseSHA is the commit that the head was compared with (the merge base),
	// BaseRef the branch. Without a HeadSHA it is no commit that is evaluated, but a folder.
	BaseSHA, BaseRef, HeadSHA string
	// ChangedFiles are the paths that the pull request changes and that its head holds.
	ChangedFiles []string

	// Report is what the change does to the readiness of the components.
	Report readiness.Report
	// FileProblems are what is wrong with the repository file at the head;
	// FileBroken: it could not be used at all.
	FileProblems []contracts.Problem
	FileBroken   bool
	// Kept names the components for which the base branch's declaration counts, because
	// the head no longer declares them, or declares less, while their files still exist.
	Kept []string
	// Contents are the files at the head that the fixes are for: nil for one that does not
	// exist. The fixes of a file that is not among them are not in the patch.
	Contents map[string][]byte
	// FileGone: the head has no repository file, so that all are kept.
	FileGone bool
	// Touched: the pull request changes a file that readiness reads. Otherwise nothing
	// was evaluated, and the report holds the waivers alone.
	Touched bool
	// Now is when it is evaluated: how long waivers have left is measured with it.
	Now time.Time
	// Promises are what deployments of the components can show.
	Promises []deploytext.Promised
	// Actions are the buttons that the server answers.
	Actions []checks.Action
}

// ReadinessReport writes the check run plimsoll/readiness. The conclusion is failure on a
// new gap that blocks and on an invalid repository file. It is neutral on new gaps that do
// not block and on what could not be checked or read, and success otherwise. On the day on
// which a repository enrols, nothing blocks.
func ReadinessReport(r Readiness) checks.CheckRun { return newReadinessView(r).run() }

func (v *readinessView) run() checks.CheckRun {
	run := checks.CheckRun{
		Name:       checks.ReadinessRun,
		HeadSHA:    v.HeadSHA,
		ExternalID: checks.ExternalID(v.Number),

		Conclusion:  v.conclusion(),
		Title:       v.title(),
		Summary:     v.summary(),
		Text:        v.text(),
		Annotations: v.annotations(),
		Actions:     v.Actions,
	}
	return run.Fitted()
}

// nothingTouched is the title where nothing was evaluated.
const nothingTouched = "No file changed that readiness checks"

// ReadinessNotEnrolled is the readiness check of a repository without a repository
// file, for those who asked for one.
func ReadinessNotEnrolled(head string, number int) checks.CheckRun {
	return checks.CheckRun{
		Name: checks.ReadinessRun, HeadSHA: head, ExternalID: checks.ExternalID(number), Conclusion: checks.Success,
		Title: "Not enrolled: nothing was checked",
		Summary: "There is no `.github/plimsoll.yml` here or on the default branch, so Plimsoll does not know what runs in production.\n\n" +
			"`plimsoll discover` in a checkout prints a draft of the file. The pull request that adds it shows the gaps, and none of them blocks.\n",
	}
}

// readinessView is a readiness report made ready for showing.
type readinessView struct {
	Readiness
	web  checks.Web
	file contracttext.FileProblems
	// blocking, added and old are the findings that are not waived, in the report's order.
	blocking, added, old []readiness.Compared
	edits                edits
	waived, fixed        int
	// newlyWaived are those of the waived ones that the base did not have.
	newlyWaived int
	unknown     []unknownResult
	kept, apply int
	components  map[string]readiness.ComponentReport
}

// unknownResult is a rule that could not be checked.
type unknownResult struct {
	readiness.Result
	component string
}

func newReadinessView(r Readiness) *readinessView {
	v := &readinessView{
		Readiness: r, web: checks.Web{Base: r.WebURL},
		blocking: r.Report.Blocking(), added: r.Report.Added(), old: r.Report.Old(),
		components: map[string]readiness.ComponentReport{},
	}
	v.file = contracttext.FileProblems{
		WebURL: r.WebURL, Repository: r.Repository, HeadSHA: r.HeadSHA, Problems: r.FileProblems, Broken: r.FileBroken,
	}
	v.edits = editsOf(slices.Concat(v.blocking, v.added), v.old, v.Contents)
	v.kept, v.apply = r.Report.Count()
	for _, c := range r.Report.Components {
		v.components[c.Name] = c
		v.fixed += len(c.Fixed)
		for _, f := range c.Findings {
			if f.Waiver != nil {
				v.waived++
				if f.New {
					v.newlyWaived++
				}
			}
		}
		for _, result := range c.Results {
			if result.State == readiness.Unknown {
				v.unknown = append(v.unknown, unknownResult{result, c.Name})
			}
		}
	}
	return v
}

func (v *readinessView) conclusion() checks.Conclusion {
	switch {
	case v.FileBroken, len(v.blocking) > 0:
		return checks.Failure
	case len(v.added) > 0, len(v.unknown) > 0, len(v.Report.Unread) > 0, len(v.FileProblems) > 0:
		return checks.Neutral
	}
	return checks.Success
}

// title says the one thing that matters, without Markdown.
func (v *readinessView) title() string {
	switch {
	case v.FileBroken:
		return v.file.Headline()
	case !v.Touched:
		return nothingTouched
	case len(v.Report.Components) == 0:
		return "No component runs in production or provides an API"
	case v.Report.Enrolling:
		return "Day one: " + v.inPlace() + over(len(v.Report.Components))
	case len(v.blocking) > 0:
		return v.blockingWords(checks.InPlain)
	case len(v.added) > 0:
		return checks.Count(len(v.added), "new gap") + ", not blocking (" + v.inPlace() + ")"
	case len(v.unknown) > 0:
		return "Could not check " + checks.Count(len(v.unknown), "rule") + " (" + v.inPlace() + ")"
	case len(v.Report.Unread) > 0:
		return "Could not read " + checks.Count(len(v.Report.Unread), "file") + " (" + v.inPlace() + ")"
	case len(v.FileProblems) > 0:
		return checks.Count(len(v.FileProblems), "problem") + " in the repository file"
	case v.newlyWaived > 0:
		return checks.Count(v.newlyWaived, "new gap") + ", waived (" + v.inPlace() + ")"
	case v.fixed > 0:
		return checks.Count(v.fixed, "gap") + " fixed, no new gaps (" + v.inPlace() + ")"
	case v.kept == v.apply:
		return "All requirements are met (" + fmt.Sprintf("%d of %d", v.kept, v.apply) + ")"
	}
	return "No new gaps (" + v.inPlace() + ")"
}

// blockingWords gives "3 new gaps block: orders and billing", with as many names as fit.
func (v *readinessView) blockingWords(p checks.RenderContext) string {
	var names []string
	for _, f := range v.blocking {
		if name := checks.Escape(checks.Clip(f.Component, 40), p); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	text := checks.Count(len(v.blocking), "new gap") + " block" + checks.Singular(len(v.blocking))
	for most := 3; most > 0; most-- {
		if named := text + ": " + checks.Join(names, most); utf8.RuneCountInString(named) <= checks.MaxTitle {
			return named
		}
	}
	return text
}

// subject is what is evaluated: "pull request", "merge group" or "folder".
func (v *readinessView) subject() string {
	if v.HeadSHA == "" {
		return "folder"
	}
	return checks.SubjectWords(v.Number)
}

// inPlace gives "14 of 17 in place, 1 waived".
func (v *readinessView) inPlace() string {
	text := fmt.Sprintf("%d of %d in place", v.kept, v.apply)
	if v.waived > 0 {
		text += fmt.Sprintf(", %d waived", v.waived)
	}
	return text
}

// over gives ", over 2 components" where there are several.
func over(components int) string {
	if components < 2 {
		return ""
	}
	return ", over " + checks.Count(components, "component")
}
