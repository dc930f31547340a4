package simulator

import (
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	gitobject "github.com/go-git/go-git/v5/plumbing/object"
)

func (c *call) getRepository() reply {
	o := c.repositoryJSON("full-repository", c.repo)
	if b := c.who.bearer; b != nil && b.person != nil {
		o["permissions"] = permissionsJSON(c.repo.role(b.person))
	}
	return answer(http.StatusOK, o)
}

// contentLimit is the size in bytes above which contents come without content.
// https://docs.github.com/en/rest/repos/contents#get-repository-content
const contentLimit = 1 << 20

func (c *call) getContent() reply {
	at, ok := c.repo.resolve(c.query("ref"))
	if len(c.repo.branches) == 0 {
		return refuse(http.StatusNotFound, "This repository is empty.")
	}
	if !ok {
		return refuse(http.StatusNotFound, "No commit found for the ref "+c.query("ref"))
	}
	path := strings.Trim(c.vars["path"], "/")
	tree := c.repo.git.treeOf(at)
	if path == "" {
		return c.directory(at, "", tree)
	}
	found, err := c.repo.git.tree(tree).FindEntry(path)
	if err != nil {
		return notFound()
	}
	if found.Mode == filemode.Dir {
		return c.directory(at, path+"/", found.Hash)
	}
	o := c.contentJSON(at, path, *found)
	if found.Mode == filemode.Submodule {
		o["submodule_git_url"] = nil
		return answer(http.StatusOK, o)
	}
	raw, err := c.repo.git.blob(found.Hash)
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
	for _, e := range c.repo.git.tree(tree).Entries {
		entries = append(entries, c.contentJSON(at, prefix+e.Name, e))
	}
	return answer(http.StatusOK, append([]any{}, entries[:min(len(entries), 1000)]...))
}

func (c *call) contentJSON(at plumbing.Hash, path string, e gitobject.TreeEntry) object {
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
		size, _ = c.repo.git.EncodedObjectSize(e.Hash) // 0 for what is not there
	}
	own := c.api("/repos/%s/contents/%s?ref=%s", c.repo.fullName(), path, at)
	page := c.web("/%s/blob/%s/%s", c.repo.fullName(), at, path)
	gitURL := c.api("/repos/%s/git/%s/%s", c.repo.fullName(), git, e.Hash)
	return object{
		"type": kind, "name": e.Name, "path": path, "sha": e.Hash.String(), "size": size, "url": own, "html_url": page, "git_url": gitURL,
		"download_url": c.web("/%s/raw/%s/%s", c.repo.fullName(), at, path),
		"_links":       object{"self": own, "git": gitURL, "html": page},
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

func (c *call) getBranch() reply {
	name := c.vars["branch"]
	head, ok := c.repo.branches[name]
	if !ok {
		return refuse(http.StatusNotFound, "Branch not found")
	}
	own := c.api("/repos/%s/branches/%s", c.repo.fullName(), name)
	return answer(http.StatusOK, object{
		"name": name, "commit": c.commitJSON(c.repo, c.repo.git.mustCommit(head)), "protected": false,
		"protection": object{"enabled": false}, "protection_url": own + "/protection",
		"_links": object{"self": own, "html": c.web("/%s/tree/%s", c.repo.fullName(), name)},
	})
}

func (c *call) listBranches() reply {
	return paged(c, slices.Sorted(maps.Keys(c.repo.branches)), func(name string) object {
		head := c.repo.branches[name].String()
		return object{
			"name": name, "protected": false,
			"commit": object{"sha": head, "url": c.api("/repos/%s/commits/%s", c.repo.fullName(), head)},
		}
	})
}

func (c *call) getCommit() reply {
	at, ok := c.repo.resolve(c.vars["ref"])
	if !ok {
		return refuse(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.vars["ref"])
	}
	if accepts(c.request, "sha") {
		r := rawReply([]byte(at.String()))
		r.header.Set("Content-Type", "application/vnd.github.sha")
		return r
	}
	commit := c.repo.git.mustCommit(at)
	o := c.commitJSON(c.repo, commit)
	files := c.repo.git.diff(c.repo.git.treeOf(c.repo.git.parentOf(commit)), commit.TreeHash)
	additions, deletions := 0, 0
	for _, f := range files {
		additions += f.additions
		deletions += f.deletions
	}
	o["stats"] = object{"additions": additions, "deletions": deletions, "total": additions + deletions}
	o["files"] = list(files[:min(len(files), 300)], func(f fileChange) object { return c.fileJSON(c.repo, at, f) })
	return answer(http.StatusOK, o)
}

func (c *call) listCommits() reply {
	at, ok := c.repo.resolve(c.query("sha"))
	if !ok {
		return notFound()
	}
	commits := c.repo.git.log(plumbing.ZeroHash, at, 0)
	if path := c.query("path"); path != "" {
		commits = slices.DeleteFunc(commits, func(commit *gitobject.Commit) bool {
			files := c.repo.git.diff(c.repo.git.treeOf(c.repo.git.parentOf(commit)), commit.TreeHash)
			return !slices.ContainsFunc(files, func(f fileChange) bool {
				return f.path == path || f.previous == path || strings.HasPrefix(f.path, path+"/")
			})
		})
	}
	return paged(c, commits, func(commit *gitobject.Commit) object { return c.commitJSON(c.repo, commit) })
}

func (c *call) getTarball() reply {
	at, ok := c.repo.resolve(c.vars["ref"])
	if !ok {
		return notFound()
	}
	r := answer(http.StatusFound, nil)
	r.header.Set("Location", c.web("/%s/legacy.tar.gz/%s", c.repo.fullName(), at))
	return r
}

// permissions are the legacy words for roles.
var permissions = map[string]string{"admin": "admin", "maintain": "write", "write": "write", "triage": "read", "read": "read", "none": "none"}

func (c *call) getPermission() reply {
	a := c.accounts[strings.ToLower(c.vars["username"])]
	if a == nil || a.kind == organization {
		return notFound()
	}
	role := c.repo.role(a)
	user := c.userJSON(a)
	user["role_name"] = role
	return answer(http.StatusOK, object{"permission": permissions[role], "role_name": role, "user": c.fill("nullable-collaborator", user)})
}
