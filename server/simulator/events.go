package simulator

import (
	"fmt"
	"maps"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
)

// emit tells the App of an event on a repository, where it is installed, may see it
// and has subscribed. action is "" for push. What is in extra stands beside what
// every event has.
func (s *Simulator) emit(r *Repository, event, action string, by *account, extra object) {
	i := s.installationFor(r)
	if i == nil || i.suspended != nil {
		return
	}
	// Buttons and re-runs reach the App concerned without a subscription.
	direct := event == "check_suite" && action != "completed" || event == "check_run" && (action == "rerequested" || action == "requested_action")
	if !direct && !slices.Contains(i.eventsFilter, event) || i.permissions[eventNeeds[event]] == "" {
		return
	}
	repository := s.repositoryJSON("repository", r)
	if event == "push" { // push alone tells times as Unix seconds
		repository["created_at"], repository["pushed_at"] = r.created.Unix(), r.pushed.Unix()
	}
	payload := object{
		"repository": repository, "sender": s.userJSON(by),
		"installation": object{"id": i.id, "node_id": nodeID(i.id)},
	}
	if action != "" {
		payload["action"] = action
	}
	if r.owner.kind == organization {
		payload["organization"] = s.organizationJSON(r.owner)
	}
	maps.Copy(payload, extra)
	s.enqueue(event, action, i, r, payload)
}

func (s *Simulator) organizationJSON(a *account) object {
	return object{
		"login": a.login, "id": a.id, "node_id": nodeID(a.id), "url": s.api("/orgs/%s", a.login),
		"repos_url": s.api("/orgs/%s/repos", a.login), "avatar_url": s.web("/avatars/%d", a.id), "description": "",
	}
}

// emitInstallation tells the App of its own installations, which needs no
// subscription.
func (s *Simulator) emitInstallation(i *Installation, event, action string, extra object) {
	payload := object{"action": action, "installation": s.installationJSON(i), "sender": s.userJSON(i.account)}
	maps.Copy(payload, extra)
	s.enqueue(event, action, i, nil, payload)
}

func (s *Simulator) emitPull(p *PullRequest, action string, by *account, extra object) {
	payload := object{"number": p.number, "pull_request": s.pullJSON("pull-request", p)}
	maps.Copy(payload, extra)
	s.emit(p.repo, "pull_request", action, by, payload)
}

func (s *Simulator) emitComment(c *comment, action string, by *account, extra object) {
	payload := object{"issue": s.issueJSON(c.issue), "comment": s.commentJSON(c)}
	maps.Copy(payload, extra)
	s.emit(c.issue.repo, "issue_comment", action, by, payload)
}

func (s *Simulator) emitSuite(c *CheckSuite, action string, by *account) {
	s.emit(c.repo, "check_suite", action, by, object{"check_suite": s.suiteJSON(c)})
}

func (s *Simulator) emitRun(run *checkRun, action string, by *account, extra object) {
	told := s.runJSON(run)
	told["check_suite"] = s.suiteJSON(run.suite) // whole in events, only its id in answers
	payload := object{"check_run": told}
	maps.Copy(payload, extra)
	s.emit(run.suite.repo, "check_run", action, by, payload)
}

// emitGate asks the App's deployment protection rule.
func (s *Simulator) emitGate(run *workflowRun) {
	d := run.deployment
	var pulls []any
	for _, p := range d.repo.pulls {
		if p.head == d.sha {
			pulls = append(pulls, s.pullJSON("pull-request-simple", p))
		}
	}
	s.emit(d.repo, "deployment_protection_rule", "requested", d.creator, object{
		"environment": d.environment, "event": "push", "deployment": s.deploymentJSON(d), "pull_requests": append([]any{}, pulls...),
		"deployment_callback_url": s.api("/repos/%s/actions/runs/%d/deployment_protection_rule", d.repo.fullName(), run.id),
	})
}

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
	ref := fmt.Sprintf("gh-readonly-queue/%s/pr-%d-%s", last.baseRef, last.number, base)
	r.push(last.author, ref, head)
	s.emit(r, "merge_group", "checks_requested", last.author, object{"merge_group": object{
		"head_sha": head.String(), "head_ref": "refs/heads/" + ref, "base_sha": base.String(), "base_ref": "refs/heads/" + last.baseRef,
		"head_commit": s.headCommitJSON(r.git.mustCommit(head)),
	}})
	return head.String(), nil
}
