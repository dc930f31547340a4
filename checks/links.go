package checks

import (
	"net/url"
	"strconv"
	"strings"

	"plimsoll/contracts"
)

// Web builds addresses of GitHub's pages; base is "https://github.com" or that
// of an Enterprise server. Without a base or a commit there is nothing to link
// to and the text stands alone.
type Web struct{ Base string }

// Line links "file:line" to that line at a commit, which never changes.
func (w Web) Line(repo contracts.RepositoryRef, sha string, p contracts.Position, where RenderContext) string {
	text := p.File
	if p.Line > 0 {
		text += ":" + strconv.Itoa(p.Line)
	}
	return w.Link(Escape(text, where), w.Permalink(repo, sha, p))
}

// Permalink is the address of a line of a file at a commit; empty where it is not known.
func (w Web) Permalink(repo contracts.RepositoryRef, sha string, p contracts.Position) string {
	if w.Base == "" || sha == "" || repo.Name == "" || p.File == "" || climbs(p.File) {
		return ""
	}
	address := w.Repository(repo) + "/blob/" + Segment(sha) + "/" + segments(p.File)
	if p.Line > 0 {
		address += "#L" + strconv.Itoa(p.Line)
	}
	return address
}

// Commit links the short name of a commit to its page.
func (w Web) Commit(repo contracts.RepositoryRef, sha string, where RenderContext) string {
	if w.Base == "" || repo.Name == "" {
		return Escape(Short(sha), where)
	}
	return w.Link(Escape(Short(sha), where), w.Repository(repo)+"/commit/"+Segment(sha))
}

// Repository is the address of a repository.
func (w Web) Repository(repo contracts.RepositoryRef) string {
	return strings.TrimRight(w.Base, "/") + "/" + Segment(repo.Owner) + "/" + Segment(repo.Name)
}

// Link takes Markdown that is already safe.
func (w Web) Link(text, address string) string {
	if address == "" {
		return text
	}
	return "[" + text + "](" + address + ")"
}

func segments(path string) string {
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = Segment(parts[i])
	}
	return strings.Join(parts, "/")
}

// Segment leaves nothing in a path segment that Markdown or a table could read.
func Segment(s string) string {
	return stillSpecial.Replace(url.PathEscape(s))
}

var stillSpecial = strings.NewReplacer("@", "%40", "&", "%26", "~", "%7E", "$", "%24")

// climbs says whether a path would leave the page that it is appended to: no
// repository holds such a file, but a declaration can name one.
func climbs(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if part == ".." || part == "." {
			return true
		}
	}
	return false
}
