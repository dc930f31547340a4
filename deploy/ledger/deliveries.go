package ledger

import (
	"cmp"
	"encoding/json"
	"maps"
	"plimsoll/deploy"
	"slices"
	"time"
)

// Delivery is one deployment that succeeded in one target, with its verdict.
type Delivery struct {
	Deployment int64
	Target     deploy.Target
	Commit     string
	// By is the login of the person who requested it.
	By string
	// At is when it first succeeded.
	At time.Time
	// Answer is empty while it is watched, and if it is not watched at all.
	Answer deploy.Answer
	// Back: it is a rollback, because it says so, or because its commit ran there before
	// and another one ran in between. Undone: a rollback removed it.
	Back, Undone bool
	// WouldGoBack: nothing but a dry run has kept it from being rolled back.
	WouldGoBack bool
	// Changes that it brought; nil: unknown.
	Changes *deploy.Changes
}

// Deliveries returns what succeeded by the ledger's entries about one repository: oldest
// first in each target, the targets sorted. The entries may come in any order.
func Deliveries(entries []Entry) [][]Delivery {
	found := map[int64]map[deploy.Target]*Delivery{}
	at := func(deployment int64, target deploy.Target) *Delivery {
		key := target
		key.Production = false
		if found[deployment] == nil {
			found[deployment] = map[deploy.Target]*Delivery{}
		}
		d := found[deployment][key]
		if d == nil {
			d = &Delivery{Deployment: deployment, Target: key}
			found[deployment][key] = d
		}
		d.Target.Production = d.Target.Production || target.Production
		return d
	}
	for _, e := range entries {
		switch e.Kind {
		case EntryDeployment:
			var body DeploymentEntry
			if json.Unmarshal(e.Body, &body) != nil || body.State != deploy.Success {
				continue
			}
			for _, target := range body.Targets {
				at(body.Deployment, deploy.Target(target)).succeeded(e.At, e.Commit, e.Actor, body.Task)
			}
		case EntryVerdict:
			var body struct {
				Verification deploy.Verification `json:"verification"`
				Verdict      struct {
					Answer deploy.Answer `json:"answer"`
				} `json:"verdict"`
			}
			if json.Unmarshal(e.Body, &body) != nil || body.Verification.Deployment == 0 {
				continue
			}
			v := body.Verification
			d := at(v.Deployment, v.Target)
			d.succeeded(v.Began, v.Commit, v.Creator, v.Task)
			d.Answer, d.Changes = body.Verdict.Answer, v.Changes
		}
	}
	for _, e := range entries {
		var body RollbackEntry
		if e.Kind != EntryRollback || json.Unmarshal(e.Body, &body) != nil || !body.Rollback.WouldHave() {
			continue
		}
		key := body.Rollback.Target
		key.Production = false
		if d := found[body.Rollback.Deployment][key]; d != nil {
			d.WouldGoBack = true
		}
	}
	byTarget := map[deploy.Target][]Delivery{}
	for _, newest := range found {
		for key, d := range newest {
			byTarget[key] = append(byTarget[key], *d)
		}
	}
	var all [][]Delivery
	for _, key := range slices.SortedFunc(maps.Keys(byTarget), compareTargets) {
		of := byTarget[key]
		slices.SortFunc(of, func(a, b Delivery) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Deployment, b.Deployment)) })
		markUndone(of)
		all = append(all, of)
	}
	return all
}

func compareTargets(a, b deploy.Target) int {
	return cmp.Or(cmp.Compare(a.Component, b.Component), cmp.Compare(a.Environment, b.Environment), cmp.Compare(a.Instance, b.Instance))
}

func (d *Delivery) succeeded(at time.Time, commit, by, task string) {
	if d.At.IsZero() || at.Before(d.At) {
		d.At = at
	}
	d.Commit, d.By, d.Back = cmp.Or(commit, d.Commit), cmp.Or(by, d.By), d.Back || task == deploy.TaskRollback
}

// markUndone marks the rollbacks among the deliveries to one target, and what they undo:
// everything since their commit ran, or the previous delivery if it never did.
func markUndone(of []Delivery) {
	for i := range of {
		if i == 0 {
			continue
		}
		ran := -1
		for j := i - 1; j >= 0 && ran < 0; j-- {
			if of[j].Commit == of[i].Commit {
				ran = j
			}
		}
		if ran == i-1 {
			of[i].Back = of[i].Back || of[i-1].Back // GitHub may make two deployments of one rollback
			continue                                // the same commit again
		}
		of[i].Back = of[i].Back || ran >= 0
		if !of[i].Back {
			continue
		}
		if ran < 0 {
			ran = i - 2
		}
		for j := ran + 1; j < i; j++ {
			of[j].Undone = of[j].Undone || !of[j].Back
		}
	}
}
