package model

import (
	"fmt"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
)

// MergeGroup is a group of pull requests in the merge queue.
type MergeGroup struct {
	Pulls      []*PullRequest
	Ref        string // the queue's branch, without refs/heads/
	Head, Base plumbing.Hash
	Ended      string // why, "" while it is in the queue
}

// Reasons for which a merge group ends, in GitHub's words.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#merge_group
const (
	GroupMerged      = "merged"
	GroupInvalidated = "invalidated" // the group has to be made again
	GroupDequeued    = "dequeued"    // a pull request was taken out
)

// AddMergeGroup puts pull requests into the merge queue: a branch
// gh-readonly-queue/BASE/pr-N-SHA with all of them merged, and
// merge_group.checks_requested. It returns the group's head.
func (r *Repository) AddMergeGroup(pulls []*PullRequest) (plumbing.Hash, error) {
	if len(pulls) == 0 {
		panic("simulator: a merge group without pull requests")
	}
	last := pulls[len(pulls)-1]
	base := r.MustBranch(last.BaseRef)
	head := base
	for _, p := range pulls {
		tree, conflicts := r.Git.ThreeWay(r.Git.MergeBase(head, p.Head), head, p.Head)
		if len(conflicts) > 0 {
			return plumbing.ZeroHash, fmt.Errorf("merge group of %s: pull request %d conflicts in %v", r.FullName(), p.Number, conflicts)
		}
		head = r.Git.WriteCommit(tree, []plumbing.Hash{head, p.Head}, p.Author.Login, r.GitHub.Now(), fmt.Sprintf("Merge pull request #%d", p.Number))
	}
	group := &MergeGroup{Pulls: pulls, Ref: fmt.Sprintf("gh-readonly-queue/%s/pr-%d-%s", last.BaseRef, last.Number, base), Head: head, Base: base}
	r.Groups = append(r.Groups, group)
	r.Push(last.Author, group.Ref, head)
	r.emitGroup(group, "checks_requested", "")
	return head, nil
}

// EndMergeGroup ends the group with that head: the queue's branch goes and
// merge_group.destroyed is emitted. For a merged group the base branch first moves to head
// and the pull requests are merged; it is an error if the base branch has moved by then.
func (r *Repository) EndMergeGroup(head, reason string) error {
	group := r.Group(head)
	if group == nil || group.Ended != "" {
		panic(fmt.Sprintf("simulator: %s has no merge group at %s", r.FullName(), head))
	}
	by := group.Pulls[len(group.Pulls)-1].Author
	switch reason {
	case GroupMerged:
		if err := r.mergeGroup(group, by); err != nil {
			return err
		}
	case GroupInvalidated, GroupDequeued:
	default:
		panic(fmt.Sprintf("simulator: a merge group does not end %q", reason))
	}
	group.Ended = reason
	r.emitGroup(group, "destroyed", reason)
	r.Push(by, group.Ref, plumbing.ZeroHash)
	return nil
}

// Group returns the newest merge group with that head, nil if there is none.
func (r *Repository) Group(head string) *MergeGroup {
	for _, group := range slices.Backward(r.Groups) {
		if group.Head.String() == head {
			return group
		}
	}
	return nil
}

// mergeGroup brings the group's head to the base branch.
func (r *Repository) mergeGroup(group *MergeGroup, by *Account) error {
	base := group.Pulls[0].BaseRef
	if r.MustBranch(base) != group.Base {
		return fmt.Errorf("merge the group %s of %s: %s has moved", group.Head, r.FullName(), base)
	}
	for _, p := range group.Pulls {
		p.merged(by, group.Head)
	}
	r.Push(by, base, group.Head)
	return nil
}

func (r *Repository) emitGroup(group *MergeGroup, action, reason string) {
	last := group.Pulls[len(group.Pulls)-1]
	r.GitHub.Emit(Event{Name: "merge_group", Action: action, Repository: r, By: last.Author, Subject: group, Reason: reason})
}
