package simulator

import (
	"fmt"
	"slices"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// Release is one release of a repository.
type Release struct {
	repo       *Repository
	id         int64
	tag        string
	target     string // what the tag is made at, as given
	sha        plumbing.Hash
	name, body string
	draft      bool
	prerelease bool
	author     *account
	created    time.Time
	published  *time.Time
}

// ReleaseOptions of Release. The zero value gives a full release, published.
type ReleaseOptions struct {
	Name       string // default: the tag
	Body       string
	Author     string // default: octocat
	Draft      bool
	Prerelease bool
}

// Release makes a release and, where it is absent and the release is no draft, its
// tag at a commit (a branch, tag or SHA; "" for the default branch). A full release
// delivers release.created, published and released; a prerelease created, published
// and prereleased; a draft created alone.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#release
func (r *Repository) Release(tag, at string, o ReleaseOptions) *Release {
	s := r.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(r.releases, func(other *Release) bool { return other.tag == tag && !other.draft && !o.Draft }) {
		panic(fmt.Sprintf("simulator: %s has a release %s already", r.fullName(), tag))
	}
	if at == "" {
		at = r.defaultBranch
	}
	if o.Name == "" {
		o.Name = tag
	}
	release := &Release{
		repo: r, id: s.id("release"), tag: tag, target: at, sha: r.mustResolve(at), name: o.Name, body: o.Body,
		draft: o.Draft, prerelease: o.Prerelease, author: s.person(o.Author), created: s.now(),
	}
	r.releases = append(r.releases, release)
	if !o.Draft {
		release.appear()
	}
	s.emitRelease(release, "created")
	if !o.Draft {
		s.emitRelease(release, "published")
		s.emitRelease(release, release.stage())
	}
	return release
}

// appear makes the release public, and its tag where there is none.
func (l *Release) appear() {
	r := l.repo
	now := r.sim.now()
	l.draft, l.published = false, &now
	if at, there := r.tags[l.tag]; there {
		l.sha = at
		return
	}
	r.tags[l.tag] = l.sha
	r.sim.emit(r, "push", "", l.author, r.pushJSON("refs/tags/"+l.tag, plumbing.ZeroHash, l.sha))
}

// stage is the action that tells what kind of release it is.
func (l *Release) stage() string {
	if l.prerelease {
		return "prereleased"
	}
	return "released"
}

// Publish makes a draft a release and delivers release.published, for a full release
// released as well. GitHub does not call a prerelease from a draft prereleased.
func (l *Release) Publish() {
	s := l.repo.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	if !l.draft {
		panic(fmt.Sprintf("simulator: the release %s is published", l.tag))
	}
	l.appear()
	s.emitRelease(l, "published")
	if !l.prerelease {
		s.emitRelease(l, "released")
	}
}

// Unpublish makes the release a draft again and delivers release.unpublished. The
// tag stays.
func (l *Release) Unpublish() {
	s := l.repo.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.draft {
		panic(fmt.Sprintf("simulator: the release %s is a draft", l.tag))
	}
	l.draft, l.published = true, nil
	s.emitRelease(l, "unpublished")
}

// Edit makes a full release a prerelease or the other way round. It delivers
// release.edited and, of a published one that has changed, what it is now: released
// or prereleased.
func (l *Release) Edit(prerelease bool) {
	s := l.repo.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	changed := l.prerelease != prerelease
	l.prerelease = prerelease
	s.emitRelease(l, "edited")
	if changed && !l.draft {
		s.emitRelease(l, l.stage())
	}
}

// Delete removes the release and delivers release.deleted. The tag stays.
func (l *Release) Delete() {
	s := l.repo.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	l.repo.releases = slices.DeleteFunc(l.repo.releases, func(other *Release) bool { return other == l })
	s.emitRelease(l, "deleted")
}

// ID is the release's id.
func (l *Release) ID() int64 { return l.id }

// Tag is the name of the release's tag.
func (l *Release) Tag() string { return l.tag }

// SHA is the released commit.
func (l *Release) SHA() string {
	l.repo.sim.mu.Lock()
	defer l.repo.sim.mu.Unlock()
	return l.sha.String()
}

func (s *Simulator) emitRelease(l *Release, action string) {
	payload := object{"release": s.releaseJSON(l)}
	if action == "edited" {
		payload["changes"] = object{} // names what has changed of name and body alone
	}
	s.emit(l.repo, "release", action, l.author, payload)
}
