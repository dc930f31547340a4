package evidence

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// Draft is what was found in a repository that does not say so yet.
type Draft struct {
	// Components with what they provide and use, as [Collect] would register them.
	Components []contracts.Component
	// Text is a repository file that says the same, the evidence for each line as
	// comments.
	Text string
	// Problems with files that were looked at.
	Problems []contracts.Problem
}

// Bounds of looking for contracts.
const (
	maxContractCandidates = 500
	maxContractCandidate  = 16 << 20
)

// Discover finds what a repository provides and uses, whatever its own file
// says, and drafts that file.
func Discover(ctx context.Context, tree contracts.Tree, opts Options) (Draft, error) {
	files, err := tree.Files(ctx)
	if err != nil {
		return Draft{}, fmt.Errorf("discover: %w", err)
	}
	undeclared := subtree{tree: tree}
	var paths []string
	for _, f := range files {
		if _, isDeclaration := rootOf(f.Path); !isDeclaration && config.ValidPath(f.Path) {
			undeclared.files = append(undeclared.files, f)
			paths = append(paths, f.Path)
		}
	}
	opts.ConsumersOnly = true
	found, err := Collect(ctx, undeclared, opts)
	if err != nil {
		return Draft{}, err
	}
	d := drafter{tree: undeclared, name: cmp.Or(apiName(opts.Repository.Name), "service"), notes: map[string]string{}, problems: found.Problems}
	if err := d.contracts(ctx, found); err != nil {
		return Draft{}, err
	}
	for _, c := range found.Components {
		for _, use := range c.Consumes {
			d.consume(use)
		}
	}
	owners, err := readOwners(ctx, undeclared, paths)
	if err != nil {
		return Draft{}, fmt.Errorf("discover: %w", err)
	}
	for i := range d.components {
		d.components[i].Owner = owners.first(config.RepositoryFiles[0])
	}
	return Draft{Components: d.components, Text: d.text(), Problems: d.problems}, nil
}

type drafter struct {
	tree       subtree
	name       string
	components []contracts.Component
	notes      map[string]string // contract → why it is taken for one
	problems   []contracts.Problem
}

// consume adds a use to its component, together with another of the same API.
func (d *drafter) consume(use contracts.Consumed) {
	for _, c := range d.components {
		for _, p := range c.Provides {
			if p.Spec == use.Usage.Baseline.Path {
				use.API, use.Usage.Baseline.Path = p.API, "" // a client of the repository's own contract
			}
		}
	}
	into := d.component(use.Usage.Evidence.File)
	for i := range into.Consumes {
		if known := &into.Consumes[i]; strings.EqualFold(known.API, use.API) {
			known.Usage.Operations = append(known.Usage.Operations, use.Usage.Operations...)
			return
		}
	}
	into.Consumes = append(into.Consumes, use)
}

// manifests mark the folder of a component of its own.
var manifests = []string{
	"Dockerfile", "go.mod", "package.json", "pom.xml", "build.gradle", "build.gradle.kts", "Cargo.toml", "pyproject.toml",
	"requirements.txt", "composer.json", "Gemfile", "mix.exs", "catalog-info.yaml",
}

// component gives the component that a file belongs to: that of the innermost
// folder with a manifest, or the repository's.
func (d *drafter) component(file string) *contracts.Component {
	folder := path.Dir(file)
	for folder != "." && !slices.ContainsFunc(d.tree.files, func(f contracts.File) bool {
		return path.Dir(f.Path) == folder && (slices.Contains(manifests, path.Base(f.Path)) || path.Ext(f.Path) == ".csproj")
	}) {
		folder = path.Dir(folder)
	}
	name, position := d.name, ""
	if folder != "." {
		name, position = cmp.Or(apiName(path.Base(folder)), d.name), folder
	}
	for i := range d.components {
		if d.components[i].Path == position {
			return &d.components[i]
		}
	}
	for slices.ContainsFunc(d.components, func(c contracts.Component) bool { return c.Name == name }) {
		name += "-2"
	}
	d.components = append(d.components, contracts.Component{Name: name, Path: position, Release: "deployed"})
	return &d.components[len(d.components)-1]
}

var contractHead = regexp.MustCompile(`(?m)^\s*["']?(openapi|swagger)["']?\s*:\s*["']?([23]\.[0-9.]+)`)

// contracts finds OpenAPI documents that are no copies of somebody else's.
func (d *drafter) contracts(ctx context.Context, found contracts.Registration) error {
	copies := map[string]string{} // contract → the file that names it as a client's
	for _, c := range found.Components {
		for _, use := range c.Consumes {
			copies[use.Usage.Baseline.Path] = use.Usage.Evidence.File
		}
	}
	looked := 0
	for _, f := range d.tree.files {
		extension := path.Ext(f.Path)
		if extension != ".yaml" && extension != ".yml" && extension != ".json" || !ours(f.Path) ||
			strings.Contains("/"+f.Path, "/.kiota/") || f.Size > maxContractCandidate || looked == maxContractCandidates {
			continue
		}
		looked++
		data, err := d.tree.ReadFile(ctx, f.Path)
		if err != nil {
			return fmt.Errorf("discover: %w", err)
		}
		m := contractHead.FindSubmatchIndex(data)
		if m == nil || !bytes.Contains(data, []byte("paths")) && !bytes.Contains(data, []byte("webhooks")) {
			continue
		}
		if _, err := openapi.Load(ctx, d.tree, f.Path, openapi.LoadOptions{}); err != nil {
			if reported := ProblemsOf(err); len(reported) > 0 {
				d.problems = append(d.problems, reported...)
				continue
			}
			return err
		}
		note := fmt.Sprintf("line %d: %s %s", 1+bytes.Count(data[:m[2]], []byte("\n")), data[m[2]:m[3]], data[m[4]:m[5]])
		if from := copies[f.Path]; from != "" {
			note += "; " + from + " makes a client of it: remove this if it is a copy of another repository's"
		}
		d.notes[f.Path] = note
		d.provide(f.Path)
	}
	return nil
}

// provide adds a contract to its component, under a name of its own.
func (d *drafter) provide(file string) {
	c := d.component(file)
	name := cmp.Or(specName(file), c.Name)
	if path.Dir(file) == "." || generic[apiName(strings.TrimSuffix(path.Base(file), path.Ext(file)))] {
		name = c.Name
	}
	for slices.ContainsFunc(d.components, func(c contracts.Component) bool {
		return slices.ContainsFunc(c.Provides, func(p contracts.Provided) bool { return p.API == name })
	}) {
		name += "-2"
	}
	c.Provides = append(c.Provides, contracts.Provided{API: name, Spec: file, Position: contracts.Position{File: file}})
}

// text writes the draft.
func (d *drafter) text() string {
	var out strings.Builder
	line := func(indent int, text, comment string) {
		text = strings.Repeat("  ", indent) + text
		if comment != "" {
			text = fmt.Sprintf("%-46s # %s", text, oneLine(comment))
		}
		out.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	out.WriteString("# A draft by `plimsoll discover`: read it, then keep it as .github/plimsoll.yml\nversion: 1\n")
	if len(d.components) == 0 {
		line(0, "components:", "no contract and no client was found; say what this repository provides and uses")
		line(1, "- name: "+scalar(d.name), "")
		return out.String()
	}
	line(0, "components:", "")
	for _, c := range d.components {
		line(1, "- name: "+scalar(c.Name), "")
		if c.Path != "" {
			line(2, "path: "+scalar(c.Path), "the innermost folder with a manifest")
		}
		if c.Owner != "" {
			line(2, "# owner: "+scalar(c.Owner), "CODEOWNERS says so: needs no line here")
		}
		if len(c.Provides) > 0 {
			line(2, "provides:", "")
		}
		for _, p := range c.Provides {
			line(3, "- api: "+scalar(p.API), "")
			line(4, "spec: "+scalar(p.Spec), d.notes[p.Spec])
		}
		if len(c.Consumes) > 0 {
			line(2, "consumes:", "")
		}
		for _, use := range c.Consumes {
			d.use(line, use)
		}
	}
	return out.String()
}

// use writes one consumed API: the files to import, or how to list what is used.
func (d *drafter) use(line func(int, string, string), use contracts.Consumed) {
	line(3, "- api: "+scalar(use.API), fmt.Sprintf("%s: %s", use.Usage.Evidence.Position, use.Usage.Evidence.Kind))
	if use.Usage.Via != "" {
		line(4, "via: "+scalar(use.Usage.Via), "")
	}
	if use.Usage.Baseline.Path != "" {
		line(4, "baseline: "+scalar(use.Usage.Baseline.Path), "the copy that the client was generated from")
	}
	counts := map[string]int{}
	var files []string
	for _, operation := range use.Usage.Operations {
		if operation.Selector == everySelector && operation.Evidence == use.Usage.Evidence {
			continue
		}
		if counts[operation.Evidence.File]++; counts[operation.Evidence.File] == 1 {
			files = append(files, operation.Evidence.File)
		}
	}
	if len(files) == 0 {
		line(4, "# operations:", "nothing here lists them: every operation is assumed until you do, such as")
		line(4, "#   - op: GET /things/{id}", "")
		line(4, "#     reads: [id, name]", "")
		return
	}
	line(4, "import:", "narrows the use to what these files list")
	for _, file := range files {
		noun := " operations"
		if counts[file] == 1 {
			noun = " operation"
		}
		line(5, "- "+scalar(file), strconv.Itoa(counts[file])+noun)
	}
}

var plainScalar = regexp.MustCompile(`^[A-Za-z_.][A-Za-z0-9_./-]*$`)

// scalar writes a text so that YAML reads the same text.
func scalar(text string) string {
	if plainScalar.MatchString(text) && !slices.Contains([]string{"true", "false", "null", "yes", "no", "on", "off", ".nan", ".inf"}, strings.ToLower(text)) {
		return text
	}
	return strconv.Quote(text)
}

// oneLine keeps a comment on its line.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, text)
}
