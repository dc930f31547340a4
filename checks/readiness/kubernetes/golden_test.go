package kubernetes

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the expected results anew")

const wantFile = "want"

// TestRead reads the archives of testdata and compares with what stands below
// "-- want --" in them.
func TestRead(t *testing.T) {
	cases, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(cases) < 20 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, name := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files := archive(string(data))
			want := files[wantFile]
			delete(files, wantFile)
			got := dump(read(t, files))
			if *update {
				body, _, _ := strings.Cut(string(data), "-- "+wantFile+" --\n")
				if err := os.WriteFile(name, []byte(body+"-- "+wantFile+" --\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
