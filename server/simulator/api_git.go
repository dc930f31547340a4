package simulator

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	gitobject "github.com/go-git/go-git/v5/plumbing/object"
)

func (c *call) getBlob() reply {
	hash := c.vars["file_sha"]
	raw, err := c.repo.git.blob(plumbing.NewHash(hash))
	if err != nil || !plumbing.IsHash(hash) {
		return notFound()
	}
	if accepts(c.request, "raw") {
		return rawReply(raw)
	}
	return answer(http.StatusOK, object{
		"sha": hash, "node_id": nodeID(hash), "size": len(raw), "encoding": "base64", "content": base64Lines(raw),
		"url": c.api("/repos/%s/git/blobs/%s", c.repo.fullName(), hash),
	})
}

// getTree gives a tree by its SHA, or by that of a commit, or by a branch or tag.
func (c *call) getTree() reply {
	name := c.vars["tree_sha"]
	hash := plumbing.NewHash(name)
	if at, ok := c.repo.resolve(name); ok {
		hash = c.repo.git.treeOf(at)
	}
	if _, err := gitobject.GetTree(c.repo.git, hash); err != nil {
		return notFound()
	}
	entries, truncated := []any{}, false
	if query := c.request.URL.Query(); query.Has("recursive") {
		truncated = !c.repo.git.walk(hash, "", func(path string, e gitobject.TreeEntry) bool {
			if len(entries) == c.options.TreeLimit {
				return false
			}
			entries = append(entries, c.treeEntryJSON(path, e))
			return true
		})
	} else {
		for _, e := range c.repo.git.tree(hash).Entries {
			entries = append(entries, c.treeEntryJSON(e.Name, e))
		}
	}
	return answer(http.StatusOK, object{
		"sha": hash.String(), "url": c.api("/repos/%s/git/trees/%s", c.repo.fullName(), hash), "tree": entries, "truncated": truncated,
	})
}

func (c *call) treeEntryJSON(path string, e gitobject.TreeEntry) object {
	o := object{"path": path, "mode": fmt.Sprintf("%06o", uint32(e.Mode)), "sha": e.Hash.String()}
	switch e.Mode {
	case filemode.Dir:
		o["type"], o["url"] = "tree", c.api("/repos/%s/git/trees/%s", c.repo.fullName(), e.Hash)
	case filemode.Submodule:
		o["type"] = "commit"
	default:
		size, _ := c.repo.git.EncodedObjectSize(e.Hash)
		o["type"], o["size"], o["url"] = "blob", size, c.api("/repos/%s/git/blobs/%s", c.repo.fullName(), e.Hash)
	}
	return o
}

func (c *call) getGitCommit() reply {
	name := c.vars["commit_sha"]
	commit, err := c.repo.git.commit(plumbing.NewHash(name))
	if err != nil {
		return notFound()
	}
	return answer(http.StatusOK, c.gitCommitJSON(c.repo, commit))
}

func (c *call) getRef() reply {
	name := "refs/" + c.vars["ref"]
	if to, ok := c.repo.refs()[name]; ok {
		return answer(http.StatusOK, c.refJSON(c.repo, name, to))
	}
	return notFound()
}

func (c *call) listRefs() reply {
	all := c.repo.refs()
	found := []any{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if strings.HasPrefix(name, "refs/"+c.vars["ref"]) {
			found = append(found, c.refJSON(c.repo, name, all[name]))
		}
	}
	return answer(http.StatusOK, found)
}

// refs lists branches, tags, and the heads of pull requests, by full name.
func (r *Repository) refs() map[string]plumbing.Hash {
	all := map[string]plumbing.Hash{}
	for name, hash := range r.branches {
		all["refs/heads/"+name] = hash
	}
	for name, hash := range r.tags {
		all["refs/tags/"+name] = hash
	}
	for _, p := range r.pulls {
		all["refs/pull/"+strconv.Itoa(p.number)+"/head"] = p.head
	}
	return all
}
