package simulator

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

type (
	annotationView struct {
		Level, Title, Message, Raw, Where, URL, Run, RunURL string
		Excerpt                                             []lineView
	}
	// lineView is a line of a diff or a file, or an annotation that stands below one.
	lineView struct {
		Class, ID, Old, New, Text string
		Single                    bool // a file: one column of numbers
		Annotation                *annotationView
	}
	fileView struct {
		Path, Previous, Status, URL string
		Additions, Deletions        int
		Lines                       []lineView
		Elsewhere                   []annotationView // on lines that the diff does not show
	}
)

func (s *Simulator) annotationView(run *checkRun, a annotation) annotationView {
	v := annotationView{
		Level: a.Level, Message: a.Message, Where: fmt.Sprintf("%s:%d", a.Path, a.StartLine), Run: run.name,
		RunURL: fmt.Sprintf("/%s/runs/%d", run.suite.repo.fullName(), run.id),
		URL:    fmt.Sprintf("/%s/blob/%s/%s#L%d", run.suite.repo.fullName(), run.suite.head, a.Path, a.StartLine),
	}
	if a.EndLine != a.StartLine {
		v.Where += fmt.Sprintf("-%d", a.EndLine)
		v.URL += fmt.Sprintf("-L%d", a.EndLine)
	}
	if a.Title != nil {
		v.Title = *a.Title
	}
	if a.RawDetails != nil {
		v.Raw = *a.RawDetails
	}
	return v
}

// excerptAround is how many lines an excerpt shows before and after.
const excerptAround = 2

// excerpt gives the lines that an annotation stands on, with some around them; nothing
// where the file or the line is not there, as GitHub shows it.
func (s *Simulator) excerpt(r *Repository, at plumbing.Hash, a annotation) []lineView {
	content, ok := r.contentAt(at, a.Path)
	if !ok {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	if a.StartLine > len(lines) {
		return nil
	}
	var out []lineView
	for n := max(1, a.StartLine-excerptAround); n <= min(len(lines), a.EndLine+excerptAround, a.StartLine+20); n++ {
		class := ""
		if n >= a.StartLine && n <= a.EndLine {
			class = "lit"
		}
		out = append(out, lineView{Class: class, New: strconv.Itoa(n), Text: lines[n-1], Single: true})
	}
	return out
}

func (r *Repository) contentAt(at plumbing.Hash, path string) ([]byte, bool) {
	tree := r.git.tree(r.git.treeOf(at))
	if tree == nil {
		return nil, false
	}
	found, err := tree.FindEntry(path)
	if err != nil || !found.Mode.IsFile() {
		return nil, false
	}
	content, err := r.git.blob(found.Hash)
	return content, err == nil
}

var hunk = regexp.MustCompile(`^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@`)

// fileViews shows the diff of each file, with the annotations of the newest check
// runs below the lines that they are on.
func (s *Simulator) fileViews(r *Repository, head plumbing.Hash, files []fileChange, annotated bool) []fileView {
	remarks := map[string][]annotationView{} // by path
	ends := map[string][]int{}
	if annotated {
		for _, run := range r.runsAt(head, true) {
			for _, a := range run.annotations {
				remarks[a.Path] = append(remarks[a.Path], s.annotationView(run, a))
				ends[a.Path] = append(ends[a.Path], a.EndLine)
			}
		}
	}
	var list []fileView
	for _, f := range files {
		v := fileView{
			Path: f.path, Previous: f.previous, Status: f.status, Additions: f.additions, Deletions: f.deletions,
			URL: fmt.Sprintf("/%s/blob/%s/%s", r.fullName(), head, f.path),
		}
		placed := map[int]bool{}
		for _, line := range diffLines(f.patch) {
			v.Lines = append(v.Lines, line)
			if line.New == "" || line.Class == "hunk" {
				continue
			}
			for i, end := range ends[f.path] {
				if strconv.Itoa(end) == line.New && !placed[i] {
					placed[i] = true
					v.Lines = append(v.Lines, lineView{Annotation: &remarks[f.path][i]})
				}
			}
		}
		for i, remark := range remarks[f.path] {
			if !placed[i] {
				v.Elsewhere = append(v.Elsewhere, remark)
			}
		}
		delete(remarks, f.path)
		list = append(list, v)
	}
	for _, path := range slices.Sorted(maps.Keys(remarks)) { // on files that did not change
		list = append(list, fileView{Path: path, Status: "not changed", URL: fmt.Sprintf("/%s/blob/%s/%s", r.fullName(), head, path), Elsewhere: remarks[path]})
	}
	return list
}

// diffLines numbers the lines of a patch.
func diffLines(patch string) []lineView {
	if patch == "" {
		return nil
	}
	var list []lineView
	before, after := 0, 0
	for _, line := range strings.Split(patch, "\n") {
		v := lineView{Text: line}
		switch {
		case strings.HasPrefix(line, "@@"):
			if m := hunk.FindStringSubmatch(line); m != nil {
				before, after = number(m[1], 1), number(m[2], 1)
			}
			v.Class = "hunk"
		case strings.HasPrefix(line, "+"):
			v.Class, v.New = "add", strconv.Itoa(after)
			after++
		case strings.HasPrefix(line, "-"):
			v.Class, v.Old = "cut", strconv.Itoa(before)
			before++
		case strings.HasPrefix(line, `\`):
		default:
			v.Old, v.New = strconv.Itoa(before), strconv.Itoa(after)
			before++
			after++
		}
		list = append(list, v)
	}
	return list
}

// shownLines is how many lines of a file a page shows.
const shownLines = 20_000

func (s *Simulator) filePage(r *Repository, kind, at, path string) (string, any) {
	commit, ok := r.resolve(at)
	if !ok {
		return "", nil
	}
	content, ok := r.contentAt(commit, path)
	if !ok {
		return "", nil
	}
	if kind == "raw" {
		return "text/plain; charset=utf-8", content
	}
	var lines []lineView
	for i, line := range strings.Split(strings.TrimSuffix(string(content), "\n"), "\n") {
		if i == shownLines {
			break
		}
		n := strconv.Itoa(i + 1)
		lines = append(lines, lineView{ID: "L" + n, New: n, Text: line, Single: true})
	}
	return "blob", struct {
		chrome
		Repository repositoryView
		Commit     commitView
		Path, Raw  string
		Lines      []lineView
	}{s.chrome(path + " · " + r.fullName()), s.repositoryView(r), s.commitView(r, commit), path, fmt.Sprintf("/%s/raw/%s/%s", r.fullName(), commit, path), lines}
}

// tarball packs the files of a commit as GitHub does, below one folder.
func (r *Repository) tarball(at plumbing.Hash) []byte {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	archive := tar.NewWriter(zip)
	files := r.git.files(r.git.treeOf(at))
	folder := fmt.Sprintf("%s-%s-%s/", r.owner.login, r.name, at.String()[:7])
	for _, path := range slices.Sorted(maps.Keys(files)) {
		content, err := r.git.blob(files[path].hash)
		if err != nil {
			continue // a submodule has no content
		}
		header := &tar.Header{Name: folder + path, Mode: 0o644, Size: int64(len(content)), ModTime: r.git.mustCommit(at).Committer.When}
		if err := archive.WriteHeader(header); err != nil {
			panic(fmt.Sprintf("simulator: pack %s: %v", path, err))
		}
		if _, err := archive.Write(content); err != nil {
			panic(fmt.Sprintf("simulator: pack %s: %v", path, err))
		}
	}
	if err := archive.Close(); err != nil {
		panic(fmt.Sprintf("simulator: pack: %v", err))
	}
	if err := zip.Close(); err != nil {
		panic(fmt.Sprintf("simulator: pack: %v", err))
	}
	return packed.Bytes()
}
