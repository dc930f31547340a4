package model

import (
	"fmt"
	"slices"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// Release is one release of a repository.
type Release struct {
	Repo       *Repository
	ID         int64
	Tag        string
	Target     string // what the tag is made at, as given
	SHA        plumbing.Hash
	Name, Body string
	Draft      bool
	Prerelease bool
	Author     *Account
	Created    time.Time
	Published  *time.Time
}

// ReleaseOptions of AddRelease. The zero value gives a full release, published.
type ReleaseOptions struct {
	Name       string // default: the tag
	Body       string
	Author     string // default: octocat
	Draft      bool
	Prerelease bool
}

// AddRelease makes a release and, unless it is a draft, its tag where there is none. A
// full release emits release.created, published and released; a prerelease created,
// published and prereleased; a draft only created.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#release
func (r *Repository) AddRelease(tag, at string, o ReleaseOptions) *Release {
	g := r.GitHub
	if slices.ContainsFunc(r.Releases, func(other *Release) bool { return other.Tag == tag && !other.Draft && !o.Draft }) {
		panic(fmt.Sprintf("simulator: %s has a release %s already", r.FullName(), tag))
	}
	if at == "" {
		at = r.DefaultBranch
	}
	if o.Name == "" {
		o.Name = tag
	}
	release := &Release{
		Repo: r, ID: g.NextID("release"), Tag: tag, Target: at, SHA: r.MustResolve(at), Name: o.Name, Body: o.Body,
		Draft: o.Draft, Prerelease: o.Prerelease, Author: g.Person(o.Author), Created: g.Now(),
	}
	r.Releases = append(r.Releases, release)
	if !o.Draft {
		release.appear()
	}
	release.emit("created")
	if !o.Draft {
		release.emit("published")
		release.emit(release.kind())
	}
	return release
}

// appear makes the release public, and its tag where there is none.
func (l *Release) appear() {
	r := l.Repo
	now := r.GitHub.Now()
	l.Draft, l.Published = false, &now
	if at, there := r.Tags[l.Tag]; there {
		l.SHA = at
		return
	}
	r.Tags[l.Tag] = l.SHA
	r.GitHub.Emit(Event{Name: "push", Repository: r, By: l.Author, Subject: Push{"refs/tags/" + l.Tag, plumbing.ZeroHash, l.SHA}})
}

// kind is the action that names the kind of release.
func (l *Release) kind() string {
	if l.Prerelease {
		return "prereleased"
	}
	return "released"
}

func (l *Release) emit(action string) {
	l.Repo.GitHub.Emit(Event{Name: "release", Action: action, Repository: l.Repo, By: l.Author, Subject: l})
}

// Publish makes a draft a release. GitHub does not call a prerelease from a draft
// prereleased.
func (l *Release) Publish() {
	if !l.Draft {
		panic(fmt.Sprintf("simulator: the release %s is published", l.Tag))
	}
	l.appear()
	l.emit("published")
	if !l.Prerelease {
		l.emit("released")
	}
}

// Unpublish makes the release a draft again. The tag stays.
func (l *Release) Unpublish() {
	if l.Draft {
		panic(fmt.Sprintf("simulator: the release %s is a draft", l.Tag))
	}
	l.Draft, l.Published = true, nil
	l.emit("unpublished")
}

// Edit makes a full release a prerelease or the other way round. A published one that has
// changed emits released or prereleased as well.
func (l *Release) Edit(prerelease bool) {
	changed := l.Prerelease != prerelease
	l.Prerelease = prerelease
	l.emit("edited")
	if changed && !l.Draft {
		l.emit(l.kind())
	}
}

// Delete removes the release. The tag stays.
func (l *Release) Delete() {
	l.Repo.Releases = slices.DeleteFunc(l.Repo.Releases, func(other *Release) bool { return other == l })
	l.emit("deleted")
}

// PublishedReleases lists the newest first. Drafts are shown only to those who may push,
// which the App may not.
func (r *Repository) PublishedReleases() []*Release {
	list := slices.DeleteFunc(slices.Clone(r.Releases), func(l *Release) bool { return l.Draft })
	slices.Reverse(list)
	return list
}

// PublishedRelease returns the release of a tag, nil if there is none.
func (r *Repository) PublishedRelease(tag string) *Release {
	for _, l := range r.Releases {
		if l.Tag == tag && !l.Draft {
			return l
		}
	}
	return nil
}
