package server_test

import (
	"strings"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// An account that lets the App read some repositories, then more, then fewer: what
// was once known of a consumer goes on counting, and says so.
func TestSelectionOfRepositories(t *testing.T) {
	w := &world{Testbed: testbedtest.Open(t, testbed.Options{DSN: storetest.SQLite(t), Queue: brisk()}), t: t}
	w.shop = w.repository("shop", map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": shopContract})
	w.web = w.repository("web", map[string]string{".github/plimsoll.yml": webFile})
	empty := w.GitHub.NewRepository("acme/empty", simulator.RepositoryOptions{Private: true})
	w.installation = w.GitHub.Install("acme", w.shop)
	w.Settle()
	w.expect(w.pull("alone", map[string]string{"openapi.yaml": without("price")}), "success")
	w.installation.Add(w.web, empty)
	w.Settle()
	w.expect(w.pull("both", map[string]string{"openapi.yaml": without("price")}), "failure", "1 consumer breaks: web")
	w.installation.Remove(w.web)
	w.Settle()
	w.expect(w.pull("fewer", map[string]string{"openapi.yaml": without("price")}), "action_required", "web", "can no longer be read")
	w.alive()
}

// On the default branch as well nothing that lies there stops the reading, and a
// repository file that is none keeps the last good version counting.
func TestHostileDefaultBranches(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"file is a link":         {".github/plimsoll.yml": simulator.SymbolicLink("../README.md")},
		"file is a submodule":    {".github/plimsoll.yml": simulator.Submodule(strings.Repeat("ab", 20))},
		"file of 33 MiB":         {".github/plimsoll.yml": strings.Repeat("#", 33<<20)},
		"aliases":                {".github/plimsoll.yml": bomb()},
		"evidence of 33 MiB":     {"kiota-lock.json": strings.Repeat(" ", 33<<20)},
		"owners of 33 MiB":       {"CODEOWNERS": strings.Repeat("#", 33<<20)},
		"thousands of evidences": manyPacts(3_000),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, testbed.Options{})
			w.web.CommitAs("ana", "main", "Hostile", files)
			w.Settle()
			w.expect(w.pull("change", map[string]string{"openapi.yaml": without("price")}), "failure", "1 consumer breaks: web")
			w.alive()
		})
	}
}

func manyPacts(n int) map[string]string {
	files := map[string]string{".github/plimsoll.yml": webFile + "        import: [\"pacts/**\"]\n"}
	for i := range n {
		files["pacts/"+strings.Repeat("x", i%50)+string(rune('a'+i%26))+strings.Repeat("y", i/50)+".json"] = "{}"
	}
	return files
}
