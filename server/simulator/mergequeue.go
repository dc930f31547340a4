package simulator

import (
	"fmt"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
)

// mergeGroup is a group of pull requests in the merge queue.
type mergeGroup struct {
	pulls      []*PullRequest
	ref        string // the queue's branch, without refs/heads/
	head, base plumbing.Hash
	ended      string // why, "" while it is in the queue
}

// Reasons for which a merge group ends, in GitHub's words.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#merge_group
const (
	GroupMerged      = "merged"
	GroupInvalidated = "invalidated" // the group has to be made anew
	GroupDequeued    = "dequeued"    // a pull request was taken out
)

// MergeGroup puts pull requests into the merge queue: a branch
// gh-readonly-queue/BASE/pr-N-SHA with all of them merged, and
// merge_group.checks_requested. It gives the group's head commit.
func (r *Repository) MergeGroup(pulls ...*PullRequest) (string, error) {
	s := r.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(pulls) == 0 {
		panic("simulator: a merge group without pull requests")
	}
	last := pulls[len(pulls)-1]
	base := r.mustBranch(last.baseRef)
	head := base
	for _, p := range pulls {
		tree, conflicts := r.git.threeWay(r.git.mergeBase(head, p.head), head, p.head)
		if len(conflicts) > 0 {
			return "", fmt.Errorf("merge group of %s: pull request %d conflicts in %v", r.fullName(), p.number, conflicts)
		}
		head = r.git.writeCommit(tree, []plumbing.Hash{head, p.head}, p.author, s.now(), fmt.Sprintf("Merge pull request #%d", p.number))
	}
	g := &mergeGroup{pulls: pulls, ref: fmt.Sprintf("gh-readonly-queue/%s/pr-%d-%s", last.baseRef, last.number, base), head: head, base: base}
	r.groups = append(r.groups, g)
	r.push(last.author, g.ref, head)
	s.emitGroup(r, g, "checks_requested", "")
	return head.String(), nil
}

// EndMergeGroup ends the group whose head commit is head for one of the reasons
// above: the queue's branch goes and merge_group.destroyed is delivered. A merged
// group's base branch moves to head first and its pull requests are merged; where
// the base branch is elsewhere by now, that is an error.
func (r *Repository) EndMergeGroup(head, reason string) error {
	s := r.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	g := r.group(head)
	if g == nil || g.ended != "" {
		panic(fmt.Sprintf("simulator: %s has no merge group at %s", r.fullName(), head))
	}
	by := g.pulls[len(g.pulls)-1].author
	switch reason {
	case GroupMerged:
		if err := r.mergeGroup(g, by); err != nil {
			return err
		}
	case GroupInvalidated, GroupDequeued:
	default:
		panic(fmt.Sprintf("simulator: a merge group does not end %q", reason))
	}
	g.ended = reason
	s.emitGroup(r, g, "destroyed", reason)
	r.push(by, g.ref, plumbing.ZeroHash)
	return nil
}

// group gives the newest merge group with that head, nil without one.
func (r *Repository) group(head string) *mergeGroup {
	for _, g := range slices.Backward(r.groups) {
		if g.head.String() == head {
			return g
		}
	}
	return nil
}

// mergeGroup brings the group's head to the base branch.
func (r *Repository) mergeGroup(g *mergeGroup, by *account) error {
	s := r.sim
	baseRef := g.pulls[0].baseRef
	if r.mustBranch(baseRef) != g.base {
		return fmt.Errorf("merge the group %s of %s: %s has moved", g.head, r.fullName(), baseRef)
	}
	now := s.now()
	for _, p := range g.pulls {
		p.state, p.closed, p.mergedAt, p.mergedBy, p.merge, p.updated = "closed", &now, &now, by, g.head, now
		s.emitPull(p, "closed", by, nil)
	}
	r.push(by, baseRef, g.head)
	return nil
}

func (s *Simulator) emitGroup(r *Repository, g *mergeGroup, action, reason string) {
	last := g.pulls[len(g.pulls)-1]
	payload := object{"merge_group": object{
		"head_sha": g.head.String(), "head_ref": "refs/heads/" + g.ref, "base_sha": g.base.String(), "base_ref": "refs/heads/" + last.baseRef,
		"head_commit": s.headCommitJSON(r.git.mustCommit(g.head)),
	}}
	if reason != "" {
		payload["reason"] = reason
	}
	s.emit(r, "merge_group", action, last.author, payload)
}
