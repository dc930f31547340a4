package model

import (
	"slices"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// CommitStatus is a status on a commit.
type CommitStatus struct {
	ID          int64
	SHA         plumbing.Hash
	State       string
	Context     string
	Description string
	TargetURL   string
	Creator     *Account
	Created     time.Time
}

// AddStatus reports a status on a commit.
func (r *Repository) AddStatus(status *CommitStatus) {
	r.Statuses = append(r.Statuses, status)
	r.GitHub.Emit(Event{Name: "status", Repository: r, By: status.Creator, Subject: status})
}

// StatusesOf returns the newest status of each context on a commit.
func (r *Repository) StatusesOf(at plumbing.Hash) []*CommitStatus {
	var newest []*CommitStatus
	for _, status := range r.Statuses {
		if status.SHA != at {
			continue
		}
		if i := slices.IndexFunc(newest, func(o *CommitStatus) bool { return o.Context == status.Context }); i >= 0 {
			newest[i] = status
		} else {
			newest = append(newest, status)
		}
	}
	return newest
}
