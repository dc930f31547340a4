package simulator

import "plimsoll/server/simulator/internal/model"

// Release is one release of a repository.
type Release struct {
	sim   *Simulator
	model *model.Release
}

// ReleaseOptions of Release. The zero value gives a full release, published.
type ReleaseOptions = model.ReleaseOptions

// Release makes a release and, unless it is a draft, its tag where there is none, at a
// commit (a branch, tag or SHA; "" for the default branch). A full release delivers
// release.created, published and released; a prerelease created, published and
// prereleased; a draft only created.
func (r *Repository) Release(tag, at string, o ReleaseOptions) *Release {
	defer r.sim.lock()()
	return &Release{r.sim, r.model.AddRelease(tag, at, o)}
}

// Publish makes a draft a release and delivers release.published, for a full release
// released as well. GitHub does not call a prerelease from a draft prereleased.
func (l *Release) Publish() {
	defer l.sim.lock()()
	l.model.Publish()
}

// Unpublish makes the release a draft again and delivers release.unpublished. The
// tag stays.
func (l *Release) Unpublish() {
	defer l.sim.lock()()
	l.model.Unpublish()
}

// Edit makes a full release a prerelease or the other way round. It delivers
// release.edited and, of a published one that has changed, what it is now: released
// or prereleased.
func (l *Release) Edit(prerelease bool) {
	defer l.sim.lock()()
	l.model.Edit(prerelease)
}

// Delete removes the release and delivers release.deleted. The tag stays.
func (l *Release) Delete() {
	defer l.sim.lock()()
	l.model.Delete()
}

// ID is the release's id.
func (l *Release) ID() int64 { return l.model.ID }

// Tag is the name of the release's tag.
func (l *Release) Tag() string { return l.model.Tag }

// SHA is the released commit.
func (l *Release) SHA() string {
	defer l.sim.lock()()
	return l.model.SHA.String()
}
