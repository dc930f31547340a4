package simulator

import (
	"maps"
	"slices"
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

// emitTarget tells the App that the account it is installed on has a new name. The
// installation is told by its ids alone.
func (s *Simulator) emitTarget(i *Installation, before string) {
	payload := object{
		"action": "renamed", "account": s.userJSON(i.account), "changes": object{"login": object{"from": before}},
		"installation": object{"id": i.id, "node_id": nodeID(i.id)}, "target_type": i.account.kind, "sender": s.userJSON(i.account),
	}
	if i.account.kind == organization {
		payload["organization"] = s.organizationJSON(i.account)
	}
	s.enqueue("installation_target", "renamed", i, nil, payload)
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

// emitRun tells our App of a check run. Every App with the permission learns that a run
// was created or completed; "Re-run" and buttons reach only the App that made the run.
func (s *Simulator) emitRun(run *checkRun, action string, by *account, extra object) {
	if run.suite.app != s.app && action != "created" && action != "completed" {
		return
	}
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
