package evidence

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plimsoll/contracts"
)

var update = flag.Bool("update", false, "write the golden files anew")

const samples = "../../testdata/evidence"

// Every folder of samples is a repository; expected.txt is what Collect makes of it.
func TestCollectGolden(t *testing.T) {
	files, err := filepath.Glob(samples + "/*/expected.txt")
	if err != nil || len(files) < 8 {
		t.Fatalf("samples: %v %v", files, err)
	}
	for _, file := range files {
		folder := filepath.Dir(file)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			tree, err := Dir(folder)
			if err != nil {
				t.Fatal(err)
			}
			defer tree.Close()
			registration, err := Collect(t.Context(), tree, Options{Repository: contracts.RepositoryRef{Owner: "acme", Name: filepath.Base(folder)}})
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join(folder, "expected.txt"), show(registration))
			draft, err := Discover(t.Context(), tree, Options{Repository: contracts.RepositoryRef{Owner: "acme", Name: filepath.Base(folder)}})
			if err != nil {
				t.Fatal(err)
			}
			checkDraft(t, folder, draft)
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs. Got:\n%s\nexpected:\n%s", file, got, want)
	}
}

// show writes a registration so that people can read it.
func show(r contracts.Registration) string {
	var out strings.Builder
	fmt.Fprintf(&out, "enrolled %v broken %v\n", r.Enrolled, r.Broken)
	for _, p := range r.Problems {
		fmt.Fprintf(&out, "problem %s\n", p.Error())
	}
	for _, c := range r.Components {
		fmt.Fprintf(&out, "component %s path=%q owner=%q release=%s\n", c.Name, c.Path, c.Owner, c.Release)
		for _, p := range c.Provides {
			files := []string{}
			for file := range p.Files {
				files = append(files, file)
			}
			slices.Sort(files)
			fmt.Fprintf(&out, "  provides %s spec=%s files=%v problem=%v @%s\n", p.API, p.Spec, files, p.Problem, p.Position)
		}
		for _, use := range c.Consumes {
			u := use.Usage
			fmt.Fprintf(&out, "  consumes %s via=%q baseline=%+v catalogue=%v %s @%s\n", use.API, u.Via, u.Baseline, u.Catalogue, u.Evidence.Kind, u.Evidence.Position)
			for _, o := range u.Operations {
				fmt.Fprintf(&out, "    %s status=%v %s @%s\n", o.Selector, o.Status, o.Evidence.Kind, o.Evidence.Position)
				showPatterns(&out, "reads", o.Reads)
				showPatterns(&out, "sends", o.Sends)
			}
		}
	}
	return out.String()
}

func showPatterns(out *strings.Builder, what string, list *[]contracts.Pattern) {
	if list == nil {
		return
	}
	fmt.Fprintf(out, "      %s", what)
	if len(*list) == 0 {
		out.WriteString(" nothing")
	}
	for _, p := range *list {
		fmt.Fprintf(out, " %s@%d", p.Text, p.Position.Line)
		if p.Values != nil {
			fmt.Fprintf(out, "=%q", p.Values)
		}
	}
	out.WriteString("\n")
}
