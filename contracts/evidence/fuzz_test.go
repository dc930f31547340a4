package evidence

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/config"
	"plimsoll/contracts"
)

// seeds gives the sample files that an importer takes by name.
func seeds(f *testing.F, i importer) {
	f.Helper()
	count := 0
	err := filepath.WalkDir(samples, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !i.path(filepath.ToSlash(name)) {
			return err
		}
		data, err := os.ReadFile(name)
		f.Add(data)
		count++
		return err
	})
	if err != nil || count == 0 {
		f.Fatal("no samples", err)
	}
}

// fuzzImporter asks of whatever an importer makes of some bytes: places inside
// the file, selectors and patterns that a person could have written into
// plimsoll.yml, and errors that may be shown.
func fuzzImporter(f *testing.F, i importer, file string) {
	seeds(f, i)
	f.Fuzz(func(t *testing.T, data []byte) {
		facts, err := i.read(file, data)
		if err != nil {
			if _, ok := errors.AsType[config.Errors](err); !ok {
				t.Fatalf("error %v (%T)", err, err)
			}
			return
		}
		lines := strings.Count(string(data), "\n") + 1
		position := func(p contracts.Position) {
			if p.File != file || p.Line < 1 || p.Line > lines || p.Column < 0 {
				t.Fatalf("place %v in a file of %d lines", p, lines)
			}
		}
		for _, fact := range facts {
			position(fact.usage.Evidence.Position)
			for _, use := range fact.usage.Operations {
				position(use.Evidence.Position)
				method, path, ok := strings.Cut(use.Selector, " ")
				if ok && (!strings.HasPrefix(path, "/") || strings.ContainsAny(path, " \t\n") || method == "") {
					t.Fatalf("selector %q", use.Selector)
				}
				for _, list := range []*[]contracts.Pattern{use.Reads, use.Sends} {
					if list == nil {
						continue
					}
					for _, p := range *list {
						position(p.Position)
						if strings.TrimSpace(p.Text) != p.Text || p.Text == "" || strings.ContainsAny(p.Text, "\n\r\x00") {
							t.Fatalf("pattern %q", p.Text)
						}
					}
				}
			}
		}
	})
}

func FuzzPact(f *testing.F)      { fuzzImporter(f, pactImporter, "pacts/a-b.json") }
func FuzzKiotaLock(f *testing.F) { fuzzImporter(f, kiotaLockImporter, "kiota-lock.json") }
func FuzzKiotaWorkspace(f *testing.F) {
	fuzzImporter(f, kiotaWorkspaceImporter, ".kiota/workspace.json")
}
func FuzzAPIManifest(f *testing.F) { fuzzImporter(f, apiManifestImporter, "apimanifest.json") }
func FuzzOpenAPIGenerator(f *testing.F) {
	fuzzImporter(f, openAPIGeneratorImporter, "openapitools.json")
}
func FuzzHeyAPI(f *testing.F)    { fuzzImporter(f, heyAPIImporter, "openapi-ts.config.ts") }
func FuzzBackstage(f *testing.F) { fuzzImporter(f, backstageImporter, "catalog-info.yaml") }

// Whatever stands in CODEOWNERS, looking up an owner ends.
func FuzzCodeowners(f *testing.F) {
	f.Add([]byte("* @a\n/docs/ @b @c\n*.js @d # x\napps/** @e\n\\#x @f\n"), "docs/a/b.js")
	f.Fuzz(func(t *testing.T, data []byte, path string) {
		if len(data) > 4096 || len(path) > 512 {
			return
		}
		for _, owner := range ParseCodeowners(data).Owners(path) {
			if strings.TrimSpace(owner) == "" {
				t.Errorf("an empty owner for %q", path)
			}
		}
	})
}
