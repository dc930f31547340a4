package workflows

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Each file of testdata holds workflows (behind lines "-- path --", .github/workflows/
// left out) and, behind "-- expected --", what they deploy.
func TestSurvey(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d cases, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			input, want, _ := strings.Cut(string(data), "-- expected --\n")
			got := surveyed(t, input)
			if *update {
				if err := os.WriteFile(file, []byte(input+"-- expected --\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func surveyed(t *testing.T, input string) string {
	t.Helper()
	var out strings.Builder
	var all []*Workflow
	for part := range strings.SplitSeq("\n"+input, "\n-- ") {
		name, text, found := strings.Cut(part, " --\n")
		if !found {
			continue
		}
		w, err := Parse(Folder+"/"+name, []byte(text))
		if err != nil {
			fmt.Fprintf(&out, "error: %v\n", err)
			continue
		}
		for _, fault := range w.Faults {
			fmt.Fprintf(&out, "fault: %v\n", &fault)
		}
		all = append(all, w)
	}
	survey := NewSet("acme/orders", all).Survey()
	for _, d := range survey.Deployments {
		fmt.Fprintf(&out, "%s", strings.TrimPrefix(d.Entry.File, Folder+"/"))
		for _, caller := range d.Callers {
			fmt.Fprintf(&out, " job %s →", caller.ID)
		}
		if d.Workflow != d.Entry {
			fmt.Fprintf(&out, " %s", strings.TrimPrefix(d.Workflow.File, Folder+"/"))
		}
		fmt.Fprintf(&out, " job %s (line %d) deploys to %s", d.Job.ID, d.At.Line, strings.Join(d.Environments, ", "))
		if d.Open {
			out.WriteString(" (or any)")
		}
		if d.Concurrency != nil {
			fmt.Fprintf(&out, "; one at a time: %s (%s:%d)", d.Concurrency.Group, filepath.Base(d.Concurrency.At.File), d.Concurrency.At.Line)
		}
		if d.Differs != nil {
			fmt.Fprintf(&out, "; group differs: %s (line %d)", d.Differs.Group, d.Differs.At.Line)
		}
		if d.Commit != nil {
			fmt.Fprintf(&out, "; commit from input %s (line %d)", d.Commit.Name, d.Commit.At.Line)
		}
		if d.Uses != nil {
			fmt.Fprintf(&out, "; input %s goes into line %d", d.Uses.Input.Name, d.Uses.At.Line)
		}
		if d.Listens {
			out.WriteString("; listens")
		}
		out.WriteString("\n")
	}
	for _, call := range survey.Elsewhere {
		fmt.Fprintf(&out, "elsewhere: %s (line %d)\n", call.Uses, call.At.Line)
	}
	if survey.Cut {
		out.WriteString("cut\n")
	}
	return out.String()
}
