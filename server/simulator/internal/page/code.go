package page

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"plimsoll/server/simulator/internal/git"
	"plimsoll/server/simulator/internal/model"
)

type (
	annotationView struct {
		Level, Title, Message, Raw, Where, URL, Run, RunURL string
		Excerpt                                             []lineView
	}
	// lineView is a line of a diff or a file, or an annotation below one.
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

func (s *Pages) annotationView(run *model.CheckRun, a model.Annotation) annotationView {
	v := annotationView{
		Level: a.Level, Message: a.Message, Where: fmt.Sprintf("%s:%d", a.Path, a.StartLine), Run: run.Name,
		RunURL: fmt.Sprintf("/%s/runs/%d", run.Suite.Repo.FullName(), run.ID),
		URL:    fmt.Sprintf("/%s/blob/%s/%s#L%d", run.Suite.Repo.FullName(), run.Suite.Head, a.Path, a.StartLine),
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

// excerpt returns the lines of an annotation with some around them, or nothing
// if the file or the line is not there, as GitHub does.
func (s *Pages) excerpt(r *model.Repository, at plumbing.Hash, a model.Annotation) []lineView {
	content, ok := r.Git.ContentAt(at, a.Path)
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

var hunk = regexp.MustCompile(`^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@`)

// fileViews shows the diff of each file, with the annotations of the newest check
// runs below the lines that they are on.
func (s *Pages) fileViews(r *model.Repository, head plumbing.Hash, files []git.FileChange) []fileView {
	remarks := map[string][]annotationView{} // by path
	ends := map[string][]int{}
	for _, run := range r.RunsAt(head, true) {
		for _, a := range run.Annotations {
			remarks[a.Path] = append(remarks[a.Path], s.annotationView(run, a))
			ends[a.Path] = append(ends[a.Path], a.EndLine)
		}
	}
	var list []fileView
	for _, f := range files {
		v := fileView{
			Path: f.Path, Previous: f.Previous, Status: f.Status, Additions: f.Additions, Deletions: f.Deletions,
			URL: fmt.Sprintf("/%s/blob/%s/%s", r.FullName(), head, f.Path),
		}
		placed := map[int]bool{}
		for _, line := range diffLines(f.Patch) {
			v.Lines = append(v.Lines, line)
			if line.New == "" || line.Class == "hunk" {
				continue
			}
			for i, end := range ends[f.Path] {
				if strconv.Itoa(end) == line.New && !placed[i] {
					placed[i] = true
					v.Lines = append(v.Lines, lineView{Annotation: &remarks[f.Path][i]})
				}
			}
		}
		for i, remark := range remarks[f.Path] {
			if !placed[i] {
				v.Elsewhere = append(v.Elsewhere, remark)
			}
		}
		delete(remarks, f.Path)
		list = append(list, v)
	}
	for _, path := range slices.Sorted(maps.Keys(remarks)) { // on files that did not change
		list = append(list, fileView{Path: path, Status: "not changed", URL: fmt.Sprintf("/%s/blob/%s/%s", r.FullName(), head, path), Elsewhere: remarks[path]})
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

func (s *Pages) filePage(r *model.Repository, kind, at, path string) (string, any) {
	commit, ok := r.Resolve(at)
	if !ok {
		return "", nil
	}
	content, ok := r.Git.ContentAt(commit, path)
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
	}{s.chrome(path + " · " + r.FullName()), s.repositoryView(r), s.commitView(r, commit), path, fmt.Sprintf("/%s/raw/%s/%s", r.FullName(), commit, path), lines}
}
