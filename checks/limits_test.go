package checks

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFitKeepsWhatFits(t *testing.T) {
	for _, max := range []int{MaxSummaryBytes, MaxTextBytes, MaxComment, MaxAnnotationBytes} {
		at := strings.Repeat("ä\n", max/3)
		at += strings.Repeat("x", max-len(at))
		if got := Fit(at, Limit{Max: max}); got != at {
			t.Errorf("%d bytes under a limit of %d: cut to %d", len(at), max, len(got))
		}
		over := at + "x"
		got := Fit(over, Limit{Max: max, rest: "See there."})
		if len(got) > max {
			t.Errorf("%d bytes under a limit of %d: still %d", len(over), max, len(got))
		}
		if !utf8.ValidString(got) {
			t.Errorf("limit %d: cut inside a character", max)
		}
		if !strings.Contains(got, "left out to stay within GitHub's limit.* See there.") {
			t.Errorf("limit %d: does not say what was left out: %q", max, got[len(got)-200:])
		}
		if len(got) < max-200 {
			t.Errorf("limit %d: only %d bytes kept", max, len(got))
		}
	}
}

func TestFitCutsLinesByCharacters(t *testing.T) {
	for _, max := range []int{MaxTitle, MaxAnnotationTitle, MaxActionLabel, MaxActionDescription, MaxStatusDescription} {
		at := strings.Repeat("ö", max)
		if got := Fit(at, Limit{Max: max, Characters: true}); got != at {
			t.Errorf("limit %d: %d characters were cut", max, max)
		}
		got := Fit(at+"ö", Limit{Max: max, Characters: true})
		if n := utf8.RuneCountInString(got); n != max || !strings.HasSuffix(got, "…") {
			t.Errorf("limit %d: %d characters became %d: %q", max, max+1, n, got)
		}
	}
}

func TestFitSaysHowMuch(t *testing.T) {
	text := strings.Repeat("a line of text\n", 100)
	got := Fit(text, Limit{Max: 500, rest: "See there."})
	kept := strings.Count(got, "a line of text")
	want := fmt.Sprintf("*%d lines (2 kB) left out", 100-kept)
	if !strings.Contains(got, want) {
		t.Errorf("kept %d lines and does not say %q:\n%s", kept, want, got)
	}
	text = strings.Repeat("### A change\n\nIts details.\n\n", 100)
	got = Fit(text, Limit{Max: 500, section: "change"})
	kept = strings.Count(got, "###")
	if want = fmt.Sprintf("*%d more changes left out", 100-kept); !strings.Contains(got, want) {
		t.Errorf("kept %d changes and does not say %q:\n%s", kept, want, got)
	}
}

// TestFitClosesWhatIsOpen cuts one text at every length: no fence and no details
// may stay open, no table lose its head's rule, no character be cut.
func TestFitClosesWhatIsOpen(t *testing.T) {
	text := "Erste Zeile mit größe.\n\n" +
		"| A | B |\n|---|---|\n| ä | 1 |\n| ö | 2 |\n\n" +
		"<details><summary>Vier</summary>\n\n- eins\n- zwei\n\n<details><summary>Innen</summary>\n\n- drei\n\n</details>\n\n</details>\n\n" +
		"```yaml\nspec: größe\n| not | a table |\n|---|---|\n```\n\n" +
		"````text\n```\n````\n\n" + strings.Repeat("- Schluß\n", 30)
	for max := range len(text) {
		got := Fit(text, Limit{Max: max, rest: "See there."})
		if len(got) > max {
			t.Fatalf("limit %d: %d bytes", max, len(got))
		}
		if !utf8.ValidString(got) {
			t.Fatalf("limit %d: cut inside a character: %q", max, got)
		}
		if max < 120 {
			continue // not even the last line fits
		}
		if strings.Count(got, "<details>") != strings.Count(got, "</details>") {
			t.Fatalf("limit %d: details are left open:\n%s", max, got)
		}
		var open openBlocks
		for line := range strings.Lines(got) {
			open.read(line)
		}
		if open.fence != "" {
			t.Fatalf("limit %d: a fence is left open:\n%s", max, got)
		}
		if strings.Contains(got, "| A | B |") && !strings.Contains(got, "| A | B |\n|---|---|\n") {
			t.Fatalf("limit %d: a table without its rule:\n%s", max, got)
		}
		if !strings.Contains(got, "left out") {
			t.Fatalf("limit %d: nothing is said of the cut:\n%s", max, got)
		}
	}
}

func TestFitOneEndlessLine(t *testing.T) {
	got := Fit(strings.Repeat("x", 100_000), Limit{Max: MaxTextBytes, rest: "See there."})
	if len(got) > MaxTextBytes || !strings.Contains(got, "left out") {
		t.Errorf("%d bytes, %q", len(got), got)
	}
}

func TestFitIsStable(t *testing.T) {
	text := strings.Repeat("- a line\n", 20_000)
	once := Fit(text, Limit{Max: MaxTextBytes, rest: "See there."})
	if twice := Fit(once, Limit{Max: MaxTextBytes, rest: "See there."}); twice != once {
		t.Error("a fitted text is changed again")
	}
}

func TestRunIsFitted(t *testing.T) {
	long := strings.Repeat("ß", 70_000)
	run := CheckRun{Title: long, Summary: long, Text: long}
	for i := range MaxAllAnnotations + 10 {
		run.Annotations = append(run.Annotations, Annotation{Path: "a.yaml", StartLine: i, StartColumn: 3, EndColumn: 3, Title: long, Message: long})
	}
	run.Annotations[0].Path = ""       // GitHub refuses the whole request for one of these
	run.Annotations[1].EndLine = 9     // over several lines: no columns
	run.Annotations[2].Message = ""    // GitHub refuses it
	run.Annotations[3].StartColumn = 5 // behind its end
	for range MaxActions + 1 {
		run.Actions = append(run.Actions, Action{Label: long, Description: long, Identifier: "x"})
	}
	got := run.Fitted()
	fits(t, got)
	if n := utf8.RuneCountInString(got.Title); n > MaxTitle {
		t.Errorf("title: %d characters", n)
	}
	for i, a := range got.Annotations {
		if utf8.RuneCountInString(a.Title) > MaxAnnotationTitle || len(a.Message) > MaxAnnotationBytes || a.Message == "" || a.Path == "" {
			t.Errorf("annotation %d is over a limit", i)
		}
		if a.StartLine < 1 || a.EndLine < a.StartLine || a.StartLine != a.EndLine && a.StartColumn != 0 || a.StartColumn > a.EndColumn {
			t.Errorf("annotation %d: lines %d to %d, columns %d to %d", i, a.StartLine, a.EndLine, a.StartColumn, a.EndColumn)
		}
	}
	for _, a := range got.Actions {
		if utf8.RuneCountInString(a.Label) > MaxActionLabel || utf8.RuneCountInString(a.Description) > MaxActionDescription {
			t.Error("an action is over a limit")
		}
	}
	if r := RecheckAction(); len(r.Label) > MaxActionLabel || len(r.Description) > MaxActionDescription || len(r.Identifier) > MaxActionIdentifier {
		t.Error("the button Re-check is over a limit")
	}
}

func FuzzFit(f *testing.F) {
	f.Add("a\nb\n", 10)
	f.Add("| a |\n|---|\n| b |\n", 130)
	f.Add("```\na\n```\n<details>\n", 140)
	f.Fuzz(func(t *testing.T, s string, max int) {
		if max < 0 || max > 1<<16 {
			return
		}
		got := Fit(s, Limit{Max: max, rest: "See there."})
		if len(got) > max && len(got) > 0 {
			t.Fatalf("%d bytes under a limit of %d", len(got), max)
		}
		if !utf8.ValidString(got) {
			t.Fatal("not UTF-8")
		}
	})
}
