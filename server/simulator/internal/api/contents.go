package api

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	gitobject "github.com/go-git/go-git/v5/plumbing/object"

	"plimsoll/server/simulator/internal/payload"
)

// contentLimit is the size in bytes above which contents come without content.
// https://docs.github.com/en/rest/repos/contents#get-repository-content
const contentLimit = 1 << 20

func (c *call) getContent() reply {
	at, ok := c.repo.Resolve(c.query("ref"))
	if len(c.repo.Branches) == 0 {
		return refuse(http.StatusNotFound, "This repository is empty.")
	}
	if !ok {
		return refuse(http.StatusNotFound, "No commit found for the ref "+c.query("ref"))
	}
	path := strings.Trim(c.vars["path"], "/")
	tree := c.repo.Git.TreeOf(at)
	if path == "" {
		return c.directory(at, "", tree)
	}
	found, err := c.repo.Git.Tree(tree).FindEntry(path)
	if err != nil {
		return notFound()
	}
	if found.Mode == filemode.Dir {
		return c.directory(at, path+"/", found.Hash)
	}
	o := c.content(at, path, *found)
	if found.Mode == filemode.Submodule {
		o["submodule_git_url"] = nil
		return answer(http.StatusOK, o)
	}
	raw, err := c.repo.Git.Blob(found.Hash)
	if err != nil {
		return notFound()
	}
	if accepts(c.request, "raw") {
		return rawReply(raw)
	}
	o["encoding"], o["content"] = "base64", base64Lines(raw)
	if len(raw) > contentLimit {
		o["encoding"], o["content"] = "none", ""
	}
	if found.Mode == filemode.Symlink {
		o["target"] = string(raw)
	}
	return answer(http.StatusOK, o)
}

func (c *call) directory(at plumbing.Hash, prefix string, tree plumbing.Hash) reply {
	var entries []any
	for _, e := range c.repo.Git.Tree(tree).Entries {
		entries = append(entries, c.content(at, prefix+e.Name, e))
	}
	return answer(http.StatusOK, append([]any{}, entries[:min(len(entries), 1000)]...))
}

func (c *call) content(at plumbing.Hash, path string, e gitobject.TreeEntry) payload.Object {
	kind, size, git := "file", int64(0), "blobs"
	switch e.Mode {
	case filemode.Dir:
		kind, git = "dir", "trees"
	case filemode.Symlink:
		kind = "symlink"
	case filemode.Submodule:
		kind = "submodule"
	}
	if git == "blobs" && kind != "submodule" {
		size, _ = c.repo.Git.EncodedObjectSize(e.Hash) // 0 for what is not there
	}
	own := c.payload.API("/repos/%s/contents/%s?ref=%s", c.repo.FullName(), path, at)
	page := c.payload.Web("/%s/blob/%s/%s", c.repo.FullName(), at, path)
	gitURL := c.payload.API("/repos/%s/git/%s/%s", c.repo.FullName(), git, e.Hash)
	return payload.Object{
		"type": kind, "name": e.Name, "path": path, "sha": e.Hash.String(), "size": size, "url": own, "html_url": page, "git_url": gitURL,
		"download_url": c.payload.Web("/%s/raw/%s/%s", c.repo.FullName(), at, path),
		"_links":       payload.Object{"self": own, "git": gitURL, "html": page},
	}
}

// accepts says whether a call asks for a media type such as
// application/vnd.github.raw or application/vnd.github.v3.raw.
func accepts(r *http.Request, kind string) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "vnd.github."+kind) || strings.Contains(accept, "vnd.github.v3."+kind)
}

func rawReply(raw []byte) reply {
	r := answer(http.StatusOK, nil)
	if r.raw = raw; raw == nil {
		r.raw = []byte{}
	}
	r.header.Set("Content-Type", "application/vnd.github.raw; charset=utf-8")
	return r
}

// base64Lines breaks base64 into lines of 60, as GitHub does.
func base64Lines(raw []byte) string {
	text := base64.StdEncoding.EncodeToString(raw)
	var out strings.Builder
	out.Grow(len(text) + len(text)/60 + 1)
	for len(text) > 60 {
		out.WriteString(text[:60])
		out.WriteByte('\n')
		text = text[60:]
	}
	out.WriteString(text)
	out.WriteByte('\n')
	return out.String()
}
