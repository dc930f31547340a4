package payload

import "plimsoll/server/simulator/internal/model"

// Release is a release. created_at is when the commit was made, not the release:
// https://docs.github.com/en/rest/releases/releases#get-the-latest-release
func (b *Builder) Release(l *model.Release) Object {
	name := l.Repo.FullName()
	own := b.API("/repos/%s/releases/%d", name, l.ID)
	page := b.Web("/%s/releases/tag/%s", name, l.Tag)
	var tarball, zipball any
	if l.Draft {
		page = b.Web("/%s/releases/tag/untagged-%x", name, l.ID)
	} else {
		tarball, zipball = b.API("/repos/%s/tarball/%s", name, l.Tag), b.API("/repos/%s/zipball/%s", name, l.Tag)
	}
	return b.Fill("release", Object{
		"id": l.ID, "url": own, "html_url": page, "assets_url": own + "/assets", "upload_url": own + "/assets{?name,label}",
		"tarball_url": tarball, "zipball_url": zipball, "tag_name": l.Tag, "target_commitish": l.Target,
		"name": l.Name, "body": l.Body, "draft": l.Draft, "prerelease": l.Prerelease, "immutable": false, "author": b.User(l.Author), "assets": []any{},
		"created_at": Stamp(l.Repo.Git.MustCommit(l.SHA).Committer.When), "published_at": StampOrNil(l.Published), "updated_at": Stamp(l.Created),
	})
}
