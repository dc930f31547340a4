package contracttext

import (
	"math/rand/v2"
	"strings"
	"testing"

	"plimsoll/checks"
	"plimsoll/checks/markdowntest"
	failuretext "plimsoll/checks/text/failure"
	"plimsoll/checks/text/texttest"
)

// TestHostileStringsStayInert puts made-up hostile strings wherever a repository
// has a say, and reads every text with a small reader of Markdown.
func TestHostileStringsStayInert(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	for range 400 {
		s := markdowntest.Evil(r)
		for what, md := range texts(hostile(s)) {
			if wrong := markdowntest.Inert(md); len(wrong) > 0 {
				t.Fatalf("%q makes in the %s: %s\n%s", s, what, strings.Join(wrong, "; "), md)
			}
		}
	}
}

// TestHostileStringsRender asks GitHub's own renderer: whatever a repository
// says, the page has the same tags in the same order as with a harmless word.
func TestHostileStringsRender(t *testing.T) {
	want := map[string]string{}
	for what, md := range texts(hostile("sku")) {
		want[what], _ = markdowntest.Skeleton(t, md)
	}
	r := rand.New(rand.NewPCG(13, 17))
	for range 40 {
		s := markdowntest.Evil(r)
		for what, md := range texts(hostile(s)) {
			tags, text := markdowntest.Skeleton(t, md)
			if tags != want[what] {
				t.Fatalf("%q changes the page of the %s\n%s\n%s", s, what, md, markdowntest.Render(t, md))
			}
			if found := markdowntest.Afterwards.FindString(text); found != "" {
				t.Fatalf("%q leaves %q in the %s\n%s", s, found, what, md)
			}
		}
	}
}

// texts are every Markdown text of a report.
func texts(r Report) map[string]string {
	run := ContractReport(r)
	comment := ContractComment(r)
	failed := failuretext.PermanentError(checks.ContractsRun, headSHA, 1, failuretext.Unreadable(r.FileProblems[0], r.FileProblems[0].Message))
	return map[string]string{
		"summary": run.Summary, "text": run.Text, "comment": comment.Body(comment.Owners),
		"explanation": failed.Summary,
	}
}

func FuzzHostileReport(f *testing.F) {
	for _, s := range markdowntest.Fragments {
		f.Add(s)
	}
	f.Add(strings.Join(markdowntest.Fragments, " "))
	f.Fuzz(func(t *testing.T, s string) {
		for what, md := range texts(hostile(s)) {
			if wrong := markdowntest.Inert(md); len(wrong) > 0 {
				t.Fatalf("%s: %s\n%s", what, strings.Join(wrong, "; "), md)
			}
		}
		run := ContractReport(hostile(s))
		texttest.WithinLimits(t, run)
		for _, a := range run.Annotations {
			if strings.ContainsAny(a.Message, "\x00\x1b\u202e") || strings.ContainsAny(a.Title, "\n\r") {
				t.Fatalf("an annotation holds what cannot be seen: %+v", a)
			}
		}
	})
}
