package checks

import (
	"net/url"
	"strconv"
	"strings"

	"plimsoll/contracts"
)

// web builds addresses of GitHub's pages; base is "https://github.com" or that
// of an Enterprise server. Without a base or a commit there is nothing to link
// to and the text stands alone.
type web struct{ base string }

// line links "file:line" to that line at a commit, which never changes.
func (w web) line(repo contracts.RepositoryRef, sha string, p contracts.Position, where place) string {
	text := p.File
	if p.Line > 0 {
		text += ":" + strconv.Itoa(p.Line)
	}
	return w.link(escape(text, where), w.permalink(repo, sha, p))
}

func (w web) permalink(repo contracts.RepositoryRef, sha string, p contracts.Position) string {
	if w.base == "" || sha == "" || repo.Name == "" || p.File == "" || climbs(p.File) {
		return ""
	}
	address := w.repository(repo) + "/blob/" + segment(sha) + "/" + segments(p.File)
	if p.Line > 0 {
		address += "#L" + strconv.Itoa(p.Line)
	}
	return address
}

func (w web) commit(repo contracts.RepositoryRef, sha string, where place) string {
	if w.base == "" || repo.Name == "" {
		return escape(short(sha), where)
	}
	return w.link(escape(short(sha), where), w.repository(repo)+"/commit/"+segment(sha))
}

func (w web) repository(repo contracts.RepositoryRef) string {
	return strings.TrimRight(w.base, "/") + "/" + segment(repo.Owner) + "/" + segment(repo.Name)
}

// link takes Markdown that is already safe.
func (w web) link(text, address string) string {
	if address == "" {
		return text
	}
	return "[" + text + "](" + address + ")"
}

func segments(path string) string {
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = segment(parts[i])
	}
	return strings.Join(parts, "/")
}

// segment leaves nothing in a path segment that Markdown or a table could read.
func segment(s string) string {
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
