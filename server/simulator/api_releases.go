package simulator

import (
	"net/http"
	"slices"
)

// releaseJSON is a release. created_at is when the commit was made, not the release:
// https://docs.github.com/en/rest/releases/releases#get-the-latest-release
func (s *Simulator) releaseJSON(l *Release) object {
	name := l.repo.fullName()
	own := s.api("/repos/%s/releases/%d", name, l.id)
	page := s.web("/%s/releases/tag/%s", name, l.tag)
	var tarball, zipball any
	if l.draft {
		page = s.web("/%s/releases/tag/untagged-%x", name, l.id)
	} else {
		tarball, zipball = s.api("/repos/%s/tarball/%s", name, l.tag), s.api("/repos/%s/zipball/%s", name, l.tag)
	}
	return s.fill("release", object{
		"id": l.id, "url": own, "html_url": page, "assets_url": own + "/assets", "upload_url": own + "/assets{?name,label}",
		"tarball_url": tarball, "zipball_url": zipball, "tag_name": l.tag, "target_commitish": l.target,
		"name": l.name, "body": l.body, "draft": l.draft, "prerelease": l.prerelease, "immutable": false, "author": s.userJSON(l.author), "assets": []any{},
		"created_at": stamp(l.repo.git.mustCommit(l.sha).Committer.When), "published_at": stampOrNil(l.published), "updated_at": stamp(l.created),
	})
}

// publishedReleases lists the newest first. Drafts are shown to whoever may push,
// which the App may not.
func (r *Repository) publishedReleases() []*Release {
	list := slices.DeleteFunc(slices.Clone(r.releases), func(l *Release) bool { return l.draft })
	slices.Reverse(list)
	return list
}

func (c *call) listReleases() reply {
	return paged(c, c.repo.publishedReleases(), c.releaseJSON)
}

func (c *call) getRelease() reply {
	for _, l := range c.repo.publishedReleases() {
		if l.id == c.idIn("release_id") {
			return answer(http.StatusOK, c.releaseJSON(l))
		}
	}
	return notFound()
}

func (c *call) getReleaseByTag() reply {
	if l := c.repo.publishedRelease(c.vars["tag"]); l != nil {
		return answer(http.StatusOK, c.releaseJSON(l))
	}
	return notFound()
}

// publishedRelease gives the release of a tag, nil without one.
func (r *Repository) publishedRelease(tag string) *Release {
	for _, l := range r.releases {
		if l.tag == tag && !l.draft {
			return l
		}
	}
	return nil
}
