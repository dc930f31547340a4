package deploy

import (
	"cmp"
	"slices"
	"time"
)

// Running is one commit that runs in a target.
type Running struct {
	Deployment int64
	Commit     string
	// Rolling: the deployment has begun and not ended.
	Rolling bool
	// Since it succeeded, or began.
	Since time.Time
}

// Live returns what runs in one target, from the deployments to it in any order: the one
// that succeeded last, unless it was taken down since, and those that began after it and
// have not ended. During a rollout both count. A deployment that failed leaves what ran
// before. If several bring the same commit, it is returned once.
//
// GitHub marks what a success supersedes as inactive only outside production. So the newest
// success counts here, and GitHub's mark is not used.
// https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status
func Live(history []Deployment) []Running {
	var newest *Deployment
	for i := range history {
		d := &history[i]
		if d.SucceededAt.IsZero() {
			continue
		}
		if newest == nil || cmp.Or(d.SucceededAt.Compare(newest.SucceededAt), cmp.Compare(d.ID, newest.ID)) > 0 {
			newest = d
		}
	}
	var running []Running
	if newest != nil && newest.State != Inactive {
		running = append(running, Running{Deployment: newest.ID, Commit: newest.Commit, Since: newest.SucceededAt})
	}
	for _, d := range history {
		begun := d.State == InProgress && d.SucceededAt.IsZero()
		if !begun || newest != nil && d.ID < newest.ID {
			continue
		}
		if !slices.ContainsFunc(running, func(r Running) bool { return r.Commit == d.Commit }) {
			running = append(running, Running{Deployment: d.ID, Commit: d.Commit, Rolling: true, Since: d.StateAt})
		}
	}
	slices.SortFunc(running, func(a, b Running) int { return cmp.Compare(a.Deployment, b.Deployment) })
	return running
}
