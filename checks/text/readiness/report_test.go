package readinesstext

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"plimsoll/checks"
	"plimsoll/checks/markdowntest"
	"plimsoll/checks/readiness"
	"plimsoll/checks/text/texttest"
	"plimsoll/config"
)

// wholePages are the scenarios that are kept as whole pages: one that is cut. All others
// are compared section by section.
var wholePages = []string{"more-than-fits"}

func TestReadinessReportGolden(t *testing.T) {
	for name, r := range readinessScenarios() {
		t.Run(name, func(t *testing.T) {
			before := texttest.MustJSON(t, r)
			run := ReadinessReport(r)
			if slices.Contains(wholePages, name) {
				texttest.Golden(t, name+".golden.md", texttest.Page(run, checks.Comment{}))
			}
			if after := texttest.MustJSON(t, r); after != before {
				t.Error("writing the report has changed it")
			}
			texttest.WithinLimits(t, run)
			rest := run.Summary
			for _, section := range sections {
				text := strings.TrimSpace(section.text(newReadinessView(r)))
				if section.summary && text != "" && !strings.Contains(rest, text) {
					t.Errorf("the summary lacks the section %s:\n%s", section.name, run.Summary)
				} else if section.summary {
					rest = strings.Replace(rest, text, "", 1)
				}
			}
			if rest = strings.TrimSpace(rest); rest != "" {
				t.Errorf("the summary says more than its sections: %q", rest)
			}
			for what, md := range map[string]string{"summary": run.Summary, "text": run.Text} {
				if wrong := markdowntest.Inert(markdowntest.Unfenced(md)); len(wrong) > 0 {
					t.Errorf("%s: %v", what, wrong)
				}
				markdowntest.Render(t, md)
			}
		})
	}
}

func TestSections(t *testing.T) {
	for _, section := range sections {
		t.Run(section.name, func(t *testing.T) {
			texttest.Section(t, section.name, readinessScenarios(), func(r Readiness) string { return section.text(newReadinessView(r)) })
		})
	}
}

// sections of a report, and whether they are shown in the summary.
var sections = []struct {
	name    string
	summary bool
	text    func(v *readinessView) string
}{
	{"title", false, func(v *readinessView) string { return fmt.Sprintf("%s: %s", v.conclusion(), v.title()) }},
	{"file", true, func(v *readinessView) string { return v.file.Section() }},
	{"untouched", true, func(v *readinessView) string {
		if v.Touched {
			return ""
		}
		return v.untouched()
	}},
	{"blocking", true, compared((*readinessView).blockingSection)},
	{"added", true, compared((*readinessView).addedSection)},
	{"calm", true, compared((*readinessView).calm)},
	{"not-known", true, touched((*readinessView).notFound)},
	{"kept", true, compared((*readinessView).keptSection)},
	{"fixed", true, compared((*readinessView).fixedSection)},
	{"day-one", true, enrolling((*readinessView).dayOne)},
	{"standings", true, touched((*readinessView).standings)},
	{"next", true, enrolling((*readinessView).nextSection)},
	{"waivers", true, (*readinessView).waiverSection},
	{"old", true, compared((*readinessView).oldSection)},
	{"footer", true, (*readinessView).footer},
	{"paste", false, func(v *readinessView) string { return strings.Join(v.togetherSections(), "\n\n") }},
	{"findings", false, func(v *readinessView) string {
		_, found, _ := strings.Cut("\n"+v.text(), "\n### ")
		if found == "" {
			return ""
		}
		return "### " + found
	}},
	{"annotations", false, func(v *readinessView) string { return texttest.Annotations(v.run()) }},
}

// touched is a section that is shown where something was evaluated, evaluated one that is shown
// later than on day one, enrolling one of day one.
func touched(section func(*readinessView) string) func(*readinessView) string {
	return func(v *readinessView) string {
		if !v.Touched {
			return ""
		}
		return section(v)
	}
}

func compared(section func(*readinessView) string) func(*readinessView) string {
	return touched(func(v *readinessView) string {
		if v.Report.Enrolling {
			return ""
		}
		return section(v)
	})
}

func enrolling(section func(*readinessView) string) func(*readinessView) string {
	return touched(func(v *readinessView) string {
		if !v.Report.Enrolling {
			return ""
		}
		return section(v)
	})
}

func TestReadinessNotices(t *testing.T) {
	texttest.Golden(t, "notice-not-enrolled.golden.md", texttest.Page(ReadinessNotEnrolled(headCommit, 17), checks.Comment{}))
}

func TestReadinessConclusion(t *testing.T) {
	broken := readinessFileBroken()
	brokenOnDayOne := dayOne()
	brokenOnDayOne.FileBroken, brokenOnDayOne.FileProblems = true, broken.FileProblems
	unread := readinessOf(oldGap("orders", 3))
	unread.Report.Unread = []readiness.Unread{{Position: config.Position{File: "a.yaml"}, Message: "not YAML"}}
	declared := readinessOf(kept("orders", 3))
	declared.FileProblems = broken.FileProblems
	all := waivers()
	all.Report.Components[0] = lacks(kept("orders", 3), all.Report.Components[0].Findings[2])
	for _, c := range []struct {
		name string
		r    Readiness
		want checks.Conclusion
	}{
		{"something new blocks", newComponentBlocks(), checks.Failure},
		{"the file is broken", broken, checks.Failure},
		{"the file is broken on day one", brokenOnDayOne, checks.Failure},
		{"new, and not blocking", newDoesNotBlock(), checks.Neutral},
		{"not known", metricsUnreachable(), checks.Neutral},
		{"unread", unread, checks.Neutral},
		{"problems in the file", declared, checks.Neutral},
		{"day one", dayOne(), checks.Neutral},
		{"old only", readinessOf(oldGap("orders", 3)), checks.Success},
		{"waived only", all, checks.Success},
		{"all kept", readinessOf(kept("orders", 3)), checks.Success},
		{"nothing to judge", noComponent(), checks.Success},
		{"nothing touched", untouched(), checks.Success},
	} {
		if got := ReadinessReport(c.r).Conclusion; got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// Each list of the summary shows as many as it may, and says how many more there are.
func TestReadinessListsAreBounded(t *testing.T) {
	waived := func(n int) Readiness {
		c := kept("orders", 3)
		for range n {
			c.Waivers = append(c.Waivers, readiness.WaiverReport{Waiver: waiver("runbook", "why", "2027-03-31"), State: readiness.InForce})
		}
		return readinessOf(c)
	}
	findings := func(n int, compared func(readiness.Finding) readiness.Compared) Readiness {
		c := kept("orders", 3)
		for i := range n {
			c = lacks(c, compared(noProbes(i+1)))
		}
		return readinessOf(c)
	}
	components := func(n int) Readiness {
		var all []readiness.ComponentReport
		for i := range n {
			all = append(all, kept(fmt.Sprintf("c%d", i), i+1))
		}
		return readinessOf(all...)
	}
	unread := func(n int) Readiness {
		r := readinessOf(kept("orders", 3))
		for i := range n {
			r.Report.Unread = append(r.Report.Unread, readiness.Unread{Position: config.Position{File: fmt.Sprintf("f%d.yaml", i)}, Message: "not YAML"})
		}
		return r
	}
	undecidedOnes := func(n int) Readiness {
		var all []readiness.ComponentReport
		for i := range n {
			all = append(all, undecided(kept(fmt.Sprintf("c%d", i), i+1), "AL004", "unreachable"))
		}
		return readinessOf(all...)
	}
	fixes := func(n int) Readiness {
		var all []readiness.ComponentReport
		for i := range n {
			c := kept(fmt.Sprintf("c%d", i), i+1)
			c.Fixed = []readiness.Finding{noProbes(3), noProbes(9)}
			all = append(all, c)
		}
		return readinessOf(all...)
	}
	for _, c := range []struct {
		name   string
		of     func(int) Readiness
		most   int
		rest   string
		inside string
	}{
		{"blocking", func(n int) Readiness { return findings(n, blocks) }, mostGaps, "- 1 more in the details.", "- ❌"},
		{"added", func(n int) Readiness {
			return findings(n, func(f readiness.Finding) readiness.Compared { return readiness.Compared{Finding: f, New: true} })
		}, mostGaps, "- 1 more in the details.", "- ⚠️"},
		{"old", func(n int) Readiness { return findings(n, old) }, mostOld, "- 1 more in the details.", "- **Workload"},
		{"waivers", waived, mostWaivers, "- 1 more waiver.", "- `runbook`"},
		{"components", components, mostTable, "- 1 more component.", "- `c"},
		{"unread", unread, mostUnknown, "- 1 more file.", ": not YAML."},
		{"not known", undecidedOnes, mostUnknown, "- 1 more rule.", "Alert metrics (`AL004`)"},
		{"fixed", fixes, mostFixed, " and 1 more.", "Workload without its probes (`HC003`)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			at, over := ReadinessReport(c.of(c.most)).Summary, ReadinessReport(c.of(c.most+1)).Summary
			if strings.Contains(at, c.rest) || strings.Count(at, c.inside) != c.most {
				t.Errorf("%d: %d are shown\n%s", c.most, strings.Count(at, c.inside), at)
			}
			if !strings.Contains(over, c.rest) || strings.Count(over, c.inside) != c.most {
				t.Errorf("%d: %d are shown and %q is not said\n%s", c.most+1, strings.Count(over, c.inside), c.rest, over)
			}
		})
	}
}

// What does not fit is cut between findings' lines, counted, and said where to see.
func TestReadinessTextFitsAndSaysWhatIsLeftOut(t *testing.T) {
	r := manyGaps(700, 3)
	run := ReadinessReport(r)
	texttest.WithinLimits(t, run)
	// Of 20 that the summary lists, the details give the reason of the first.
	shown := strings.Count(run.Text, "### ")
	if want := fmt.Sprintf("*%d more findings left out to stay within GitHub's limit.* `plimsoll check --readiness` prints all of it.", 4200-shown-19); !strings.Contains(run.Text, want) {
		t.Errorf("%d shown, and not said: %q\n%s", shown, want, run.Text[len(run.Text)-300:])
	}
	if len(run.Annotations) != checks.MaxAllAnnotations {
		t.Errorf("%d annotations, want %d", len(run.Annotations), checks.MaxAllAnnotations)
	}
	snippet := readiness.Snippet{File: "a.yml", Text: strings.Repeat("x", longestSnippet)}
	if got := snippetWords(snippet); !strings.Contains(got, "```yaml\nxxx") {
		t.Errorf("a snippet of %d bytes is not shown: %.200s", longestSnippet, got)
	}
	snippet.Text += "x"
	if got := snippetWords(snippet); strings.Contains(got, "```") || !strings.Contains(got, "too long to be shown") {
		t.Errorf("a snippet of %d bytes: %.200s", longestSnippet+1, got)
	}
}

func TestReadinessAnnotations(t *testing.T) {
	r := newComponentBlocks() // .github/plimsoll.yml and deploy/orders.yaml are changed
	r.Report.Components[1] = lacks(r.Report.Components[1], blocks(noProbes(22)))
	got := map[string]string{}
	for _, a := range ReadinessReport(r).Annotations {
		got[a.Title] = fmt.Sprintf("%s:%d %s", a.Path, a.StartLine, a.Level)
	}
	want := map[string]string{
		"No runbook (RB001)":                  ".github/plimsoll.yml:10 failure",
		"Production is not verified (VF001)":  ".github/plimsoll.yml:16 failure",
		"Invalid rule file (AL002)":           ".github/plimsoll.yml:10 failure", // ops/alerts.yml is not changed
		"Workload without its probes (HC003)": "deploy/orders.yaml:22 failure",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	r.ChangedFiles = []string{"README.md"}
	if all := ReadinessReport(r).Annotations; len(all) != 0 {
		t.Errorf("annotations on files that are not changed: %+v", all)
	}
	if all := ReadinessReport(keptComponents()).Annotations; len(all) != 1 || all[0].Path != "deploy/orders.yaml" {
		t.Errorf("a kept component: %+v", all)
	}
	elsewhere := keptComponents() // the line of a kept component is the base branch's
	elsewhere.ChangedFiles = []string{repositoryFile}
	if all := ReadinessReport(elsewhere).Annotations; len(all) != 1 || all[0].Path != repositoryFile || all[0].StartLine != 1 {
		t.Errorf("a kept component, its manifest not changed: %+v", all)
	}
	if all := ReadinessReport(readinessOf(oldGap("orders", 3))).Annotations; len(all) != 0 {
		t.Errorf("old findings are annotated: %+v", all)
	}
	for _, a := range ReadinessReport(dayOne()).Annotations {
		if a.Level != checks.Notice {
			t.Errorf("day one is not calm: %+v", a)
		}
	}
}

func readinessTexts(r Readiness) map[string]string {
	run := ReadinessReport(r)
	day := r
	day.Report.Enrolling = true
	enrolling := ReadinessReport(day)
	return map[string]string{"summary": run.Summary, "text": run.Text, "day one": enrolling.Summary, "day one's text": enrolling.Text}
}

func TestHostileReadinessStaysInert(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 23))
	for range 400 {
		s := markdowntest.Evil(r)
		patched := readinessOf(lacks(kept("orders", 3), blocks(noProbes(22))))
		for file := range patched.Contents {
			patched.Contents[file] = []byte(strings.Repeat(s+"\n", 30))
		}
		for _, r := range []Readiness{hostileReadiness(s), patched} {
			for what, md := range readinessTexts(r) {
				if wrong := markdowntest.Inert(markdowntest.Unfenced(md)); len(wrong) > 0 {
					t.Fatalf("%q makes in the %s: %s\n%s", s, what, strings.Join(wrong, "; "), md)
				}
			}
		}
	}
}

// TestHostileReadinessRenders asks GitHub's own renderer: whatever a repository says,
// the page has the same tags in the same order as with a harmless word.
func TestHostileReadinessRenders(t *testing.T) {
	want := map[string]string{}
	for what, md := range readinessTexts(hostileReadiness("sku")) {
		want[what], _ = markdowntest.Skeleton(t, md)
	}
	r := rand.New(rand.NewPCG(29, 31))
	for range 40 {
		s := strings.ReplaceAll(markdowntest.Evil(r), "`", "") // pairs of them make code spans in our own sentences
		for what, md := range readinessTexts(hostileReadiness(s)) {
			tags, _ := markdowntest.Skeleton(t, md)
			_, text := markdowntest.Skeleton(t, markdowntest.Unfenced(md)) // GitHub looks into no block of code
			if tags != want[what] {
				t.Fatalf("%q changes the page of the %s\n%s\n%s", s, what, md, markdowntest.Render(t, md))
			}
			if found := markdowntest.Afterwards.FindString(text); found != "" {
				t.Fatalf("%q leaves %q in the %s\n%s", s, found, what, md)
			}
		}
	}
}

func FuzzHostileReadiness(f *testing.F) {
	for _, s := range markdowntest.Fragments {
		f.Add(s)
	}
	f.Add(strings.Join(markdowntest.Fragments, " "))
	f.Fuzz(func(t *testing.T, s string) {
		for what, md := range readinessTexts(hostileReadiness(s)) {
			if wrong := markdowntest.Inert(markdowntest.Unfenced(md)); len(wrong) > 0 {
				t.Fatalf("%s: %s\n%s", what, strings.Join(wrong, "; "), md)
			}
		}
		run := ReadinessReport(hostileReadiness(s))
		texttest.WithinLimits(t, run)
		for _, a := range run.Annotations {
			if strings.ContainsAny(a.Message, "\x00\x1b\u202e") || strings.ContainsAny(a.Title, "\n\r") {
				t.Fatalf("an annotation holds what cannot be seen: %+v", a)
			}
		}
	})
}
