package api

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	gitobject "github.com/go-git/go-git/v5/plumbing/object"

	"plimsoll/server/simulator/internal/payload"
)

func (c *call) getBlob() reply {
	hash := c.vars["file_sha"]
	raw, err := c.repo.Git.Blob(plumbing.NewHash(hash))
	if err != nil || !plumbing.IsHash(hash) {
		return notFound()
	}
	if accepts(c.request, "raw") {
		return rawReply(raw)
	}
	return answer(http.StatusOK, payload.Object{
		"sha": hash, "node_id": payload.NodeID(hash), "size": len(raw), "encoding": "base64", "content": base64Lines(raw),
		"url": c.payload.API("/repos/%s/git/blobs/%s", c.repo.FullName(), hash),
	})
}

// getTree answers with a tree by its SHA, that of a commit, or a branch or tag.
func (c *call) getTree() reply {
	name := c.vars["tree_sha"]
	hash := plumbing.NewHash(name)
	if at, ok := c.repo.Resolve(name); ok {
		hash = c.repo.Git.TreeOf(at)
	}
	if _, err := gitobject.GetTree(c.repo.Git, hash); err != nil {
		return notFound()
	}
	entries, truncated := []any{}, false
	if query := c.request.URL.Query(); query.Has("recursive") {
		truncated = !c.repo.Git.Walk(hash, "", func(path string, e gitobject.TreeEntry) bool {
			if len(entries) == c.options.TreeLimit {
				return false
			}
			entries = append(entries, c.treeEntry(path, e))
			return true
		})
	} else {
		for _, e := range c.repo.Git.Tree(hash).Entries {
			entries = append(entries, c.treeEntry(e.Name, e))
		}
	}
	return answer(http.StatusOK, payload.Object{
		"sha": hash.String(), "url": c.payload.API("/repos/%s/git/trees/%s", c.repo.FullName(), hash), "tree": entries, "truncated": truncated,
	})
}

func (c *call) treeEntry(path string, e gitobject.TreeEntry) payload.Object {
	o := payload.Object{"path": path, "mode": fmt.Sprintf("%06o", uint32(e.Mode)), "sha": e.Hash.String()}
	switch e.Mode {
	case filemode.Dir:
		o["type"], o["url"] = "tree", c.payload.API("/repos/%s/git/trees/%s", c.repo.FullName(), e.Hash)
	case filemode.Submodule:
		o["type"] = "commit"
	default:
		size, _ := c.repo.Git.EncodedObjectSize(e.Hash)
		o["type"], o["size"], o["url"] = "blob", size, c.payload.API("/repos/%s/git/blobs/%s", c.repo.FullName(), e.Hash)
	}
	return o
}

func (c *call) getGitCommit() reply {
	name := c.vars["commit_sha"]
	commit, err := c.repo.Git.Commit(plumbing.NewHash(name))
	if err != nil {
		return notFound()
	}
	return answer(http.StatusOK, c.payload.GitCommit(c.repo, commit))
}

func (c *call) getRef() reply {
	name := "refs/" + c.vars["ref"]
	if to, ok := c.repo.Refs()[name]; ok {
		return answer(http.StatusOK, c.payload.Ref(c.repo, name, to))
	}
	return notFound()
}

func (c *call) listRefs() reply {
	all := c.repo.Refs()
	found := []any{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if strings.HasPrefix(name, "refs/"+c.vars["ref"]) {
			found = append(found, c.payload.Ref(c.repo, name, all[name]))
		}
	}
	return answer(http.StatusOK, found)
}
