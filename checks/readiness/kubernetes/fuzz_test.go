package kubernetes

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/checks/readiness/kustomize/kustomizetest"
)

// FuzzRead reads any archive of files: it ends, never panics, and every place that
// it names is in a file of the archive.
func FuzzRead(f *testing.F) {
	cases, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range cases {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		body, _, _ := strings.Cut(string(data), "-- "+wantFile+" --\n")
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, text string) {
		files := archive(text)
		m, err := Read(context.Background(), files, kustomizetest.InProcess{}, files.paths())
		if err != nil {
			t.Fatal(err)
		}
		inside := func(file string, line int) {
			content, ok := files[file]
			if !ok && !strings.HasSuffix(file, "Chart.yaml") {
				t.Errorf("%q is no file of the archive", file)
			}
			if line > strings.Count(content, "\n")+1 {
				t.Errorf("%s has no line %d", file, line)
			}
		}
		for _, w := range m.Workloads {
			inside(w.Position.File, w.Position.Line)
			for _, c := range w.Containers {
				inside(c.Position.File, c.Position.Line)
				for _, p := range []*Probe{c.Readiness, c.Liveness, c.Startup} {
					if p != nil {
						inside(p.Position.File, p.Position.Line)
						if p.Timeout < 1 || p.Period < 1 || p.Port.Number < 0 || p.Port.Number > 65535 {
							t.Errorf("probe %+v", *p)
						}
					}
				}
			}
		}
		for _, u := range m.Unread {
			inside(u.Position.File, u.Position.Line)
			if u.Message == "" {
				t.Error("unread without a reason")
			}
		}
	})
}
