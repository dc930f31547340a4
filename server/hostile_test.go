package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"plimsoll/server/queue"
	"plimsoll/server/simulator"
	"plimsoll/server/testbed"
)

// alive fails the test where a job died: nothing that a repository holds may end one.
func (w *world) alive() {
	w.t.Helper()
	stats, err := w.Server.Queue().Stats(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	if stats.Of(queue.Dead) == 0 {
		return
	}
	for _, i := range []*simulator.Installation{w.installation} {
		jobs, err := w.Server.Queue().Dead(w.t.Context(), i.ID(), 5)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, job := range jobs {
			w.t.Errorf("job %s %s died: %s", job.Kind, job.Key, job.LastError)
		}
	}
}

// What a pull request brings into the repository ends in one check run that says
// what is wrong, where, and no job dies of it.
func TestHostilePullRequests(t *testing.T) {
	providing := func(spec string) string { return strings.Replace(shopFile, "spec: openapi.yaml", "spec: "+spec, 1) }
	ring := strings.Replace(shopContract, "type: object", "$ref: ring.yaml", 1)
	tests := map[string]struct {
		files      map[string]string
		conclusion string
		texts      []string
	}{
		"aliases in the repository file": {map[string]string{".github/plimsoll.yml": bomb()}, "failure", []string{".github/plimsoll.yml:", "alias"}},
		"aliases in a contract":          {map[string]string{"openapi.yaml": shopContract + "x-bomb:\n" + indent(bomb())}, "failure", []string{"openapi.yaml:", "aliases"}},
		"10,001 aliases":                 {map[string]string{".github/plimsoll.yml": "version: 1\nx: &a [1]\ny: [" + strings.Repeat("*a, ", 10_001) + "]\n"}, "failure", []string{".github/plimsoll.yml:"}},
		"repository file of 513 KiB":     {map[string]string{".github/plimsoll.yml": shopFile + "#" + strings.Repeat("x", 513<<10)}, "failure", []string{".github/plimsoll.yml", "the limit is 524288"}},
		"contract of 33 MiB":             {map[string]string{"openapi.yaml": shopContract + "#" + strings.Repeat("x", 33<<20) + "\n"}, "failure", []string{"openapi.yaml", "bytes, the most that is read"}},
		"files that refer in a ring":     {map[string]string{"openapi.yaml": ring, "ring.yaml": "$ref: ring2.yaml\n", "ring2.yaml": "$ref: ring.yaml\n"}, "", nil},
		"300 files":                      {chain(300), "failure", []string{"200 files"}},
		"deep repository file":           {map[string]string{".github/plimsoll.yml": "version: 1\ncomponents: " + strings.Repeat("[", 5_000) + strings.Repeat("]", 5_000) + "\n"}, "failure", []string{".github/plimsoll.yml"}},
		"deep contract":                  {map[string]string{"openapi.yaml": shopContract + "x-deep: " + strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000) + "\n"}, "", nil},
		"deep JSON contract":             {map[string]string{"openapi.yaml": `{"openapi":"3.0.3","x":` + strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000) + "}"}, "failure", []string{"openapi.yaml", "deep"}},
		"NUL in the repository file":     {map[string]string{".github/plimsoll.yml": "version: 1\n\x00components: []\n"}, "failure", []string{".github/plimsoll.yml"}},
		"NUL in a contract":              {map[string]string{"openapi.yaml": strings.Replace(shopContract, "Shop", "Sh\x00op", 1)}, "", nil},
		"invalid UTF-8":                  {map[string]string{"openapi.yaml": strings.Replace(shopContract, "title: Shop", "title: \"Sh\xff\xfe\"", 1)}, "", nil},
		"invalid UTF-8 in a name":        {map[string]string{".github/plimsoll.yml": strings.Replace(shopFile, "name: shop", "name: \"sh\xffop\"", 1)}, "failure", []string{".github/plimsoll.yml"}},
		"binary contract":                {map[string]string{"openapi.yaml": "\x7fELF\x02\x01\x01\x00\x00\x00\x00"}, "failure", []string{"openapi.yaml"}},
		"empty contract":                 {map[string]string{"openapi.yaml": ""}, "failure", []string{"openapi.yaml"}},
		"empty repository file":          {map[string]string{".github/plimsoll.yml": ""}, "failure", []string{".github/plimsoll.yml"}},
		"BOM and CRLF":                   {map[string]string{".github/plimsoll.yml": "\ufeff" + strings.ReplaceAll(shopFile, "\n", "\r\n"), "openapi.yaml": "\ufeff" + strings.ReplaceAll(without("price"), "\n", "\r\n")}, "failure", []string{"1 consumer breaks: web"}},
		"spec outside":                   {map[string]string{".github/plimsoll.yml": providing("../../etc/passwd")}, "failure", []string{".github/plimsoll.yml:7:15"}},
		"spec absolute":                  {map[string]string{".github/plimsoll.yml": providing("/etc/passwd")}, "failure", []string{".github/plimsoll.yml:7:15"}},
		"spec is a folder":               {map[string]string{".github/plimsoll.yml": providing("api"), "api/openapi.yaml": shopContract}, "failure", []string{"api"}},
		"contract becomes a link":        {map[string]string{"openapi.yaml": simulator.SymbolicLink("../../etc/passwd")}, "failure", []string{"openapi.yaml"}},
		"contract becomes a submodule":   {map[string]string{"openapi.yaml": simulator.Submodule(strings.Repeat("ab", 20))}, "failure", []string{"openapi.yaml", "submodule"}},
		"new spec is a link":             {map[string]string{".github/plimsoll.yml": providing("link.yaml"), "link.yaml": simulator.SymbolicLink("openapi.yaml")}, "failure", []string{"link.yaml"}},
		"new spec is a submodule":        {map[string]string{".github/plimsoll.yml": providing("sub"), "sub": simulator.Submodule(strings.Repeat("ab", 20))}, "failure", []string{"sub"}},
		"repository file is a link":      {map[string]string{".github/plimsoll.yml": simulator.SymbolicLink("../README.md")}, "failure", []string{".github/plimsoll.yml"}},
		"repository file is a submodule": {map[string]string{".github/plimsoll.yml": simulator.Submodule(strings.Repeat("ab", 20))}, "failure", []string{".github/plimsoll.yml"}},
		"a submodule beside":             {map[string]string{"vendor/x": simulator.Submodule(strings.Repeat("ab", 20))}, "success", nil},
		"evidence is a submodule":        {map[string]string{"kiota-lock.json": simulator.Submodule(strings.Repeat("ab", 20))}, "", nil},
		"owners are a submodule":         {map[string]string{"CODEOWNERS": simulator.Submodule(strings.Repeat("ab", 20))}, "", nil},
		"contract refers to a submodule": {map[string]string{"openapi.yaml": strings.Replace(shopContract, "type: object", "$ref: sub/x.yaml", 1), "sub": simulator.Submodule(strings.Repeat("ab", 20))}, "failure", []string{"openapi.yaml:15"}},
		"mode alone":                     {map[string]string{"openapi.yaml": simulator.Executable(shopContract)}, "success", nil},
		"two components of one name":     {map[string]string{".github/plimsoll.yml": shopFile + "  - name: shop\n    owner: \"@acme/shop\"\n"}, "failure", []string{".github/plimsoll.yml:8"}},
		"two APIs of one name":           {map[string]string{".github/plimsoll.yml": shopFile + "      - api: shop\n        spec: README.md\n"}, "failure", []string{".github/plimsoll.yml:8:14"}},
		"name of Markdown and lines":     {map[string]string{".github/plimsoll.yml": strings.Replace(shopFile, "name: shop", `name: "@everyone\n# [x](https://evil.example) <b>\u202e\u200b"`, 1)}, "failure", []string{".github/plimsoll.yml:3"}},
		"owners of 4 MB":                 {map[string]string{"CODEOWNERS": strings.Repeat("*.go @acme/somebody\n", 200_000), "openapi.yaml": without("color")}, "success", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, testbed.Options{Queue: brisk()})
			pull := w.pull("hostile", test.files)
			w.alive()
			if checks := pull.Checks(onContracts); test.conclusion == "" && len(checks) == 1 {
				t.Logf("%s: %s", checks[0].Conclusion, checks[0].Title)
				w.expect(pull, checks[0].Conclusion)
				return
			}
			w.expect(pull, test.conclusion, test.texts...)
			if page := w.GitHub.Render(pull); strings.Contains(strings.ToLower(page), "delivery") {
				t.Errorf("the repository's own fault is told as ours:\n%s", page)
			}
		})
	}
}

// bomb is a YAML document whose aliases make a billion values.
func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 9 {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i+1, i+1, strings.Join(slices.Repeat([]string{fmt.Sprintf("*a%d", i)}, 10), ", "))
	}
	return b.String()
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  ") + "\n"
}

// chain is a contract whose files refer to each other in a row.
func chain(n int) map[string]string {
	files := map[string]string{"openapi.yaml": strings.Replace(shopContract, "type: object", "$ref: f0.yaml", 1)}
	for i := range n {
		files[fmt.Sprintf("f%d.yaml", i)] = fmt.Sprintf("type: object\nproperties: {next: {$ref: f%d.yaml}}\n", i+1)
	}
	files[fmt.Sprintf("f%d.yaml", n)] = "type: string\n"
	return files
}
