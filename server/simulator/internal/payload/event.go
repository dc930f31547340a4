package payload

import (
	"fmt"
	"maps"
	"strings"

	"plimsoll/server/simulator/internal/model"
)

// Event is the payload of a webhook about an event of a repository, for the App's
// installation that sees the repository.
func (b *Builder) Event(e model.Event, to *model.Installation) Object {
	r := e.Repository
	repository := b.Repository("repository", r)
	if e.Name == "push" { // only a push has times as Unix seconds
		repository["created_at"], repository["pushed_at"] = r.Created.Unix(), r.Pushed.Unix()
	}
	payload := Object{"repository": repository, "sender": b.User(e.By), "installation": installationStub(to)}
	if e.Action != "" {
		payload["action"] = e.Action
	}
	if r.Owner.Kind == model.Organization {
		payload["organization"] = b.Organization(r.Owner)
	}
	if e.Action == "edited" || len(e.Changes) > 0 {
		payload["changes"] = b.changes(e.Changes)
	}
	maps.Copy(payload, b.subject(e))
	return payload
}

func installationStub(i *model.Installation) Object {
	return Object{"id": i.ID, "node_id": NodeID(i.ID)}
}

// changes turns base.ref into {"base": {"ref": {"from": …}}}.
func (b *Builder) changes(list []model.Change) Object {
	changes := Object{}
	for _, change := range list {
		at := changes
		for _, name := range strings.Split(change.Of, ".") {
			below, there := at[name].(Object)
			if !there {
				below = Object{}
				at[name] = below
			}
			at = below
		}
		at["from"] = change.Was
		if a, isAccount := change.Was.(*model.Account); isAccount {
			at["from"] = Object{strings.ToLower(a.Kind): b.User(a)}
		}
	}
	return changes
}

// subject is what the payload has beside what every event has.
func (b *Builder) subject(e model.Event) Object {
	switch about := e.Subject.(type) {
	case nil:
		return nil
	case model.Push:
		return b.Push(e.Repository, about)
	case *model.PullRequest:
		return b.pullEvent(e, about)
	case *model.Issue:
		return Object{"issue": b.Issue(about)}
	case *model.Comment:
		return Object{"issue": b.Issue(about.Issue), "comment": b.Comment(about)}
	case *model.CheckSuite:
		return Object{"check_suite": b.CheckSuite(about)}
	case *model.CheckRun:
		run := b.CheckRun(about)
		run["check_suite"] = b.CheckSuite(about.Suite) // whole in events, only its id in answers
		o := Object{"check_run": run}
		if e.Action == "requested_action" {
			o["requested_action"] = Object{"identifier": e.Button}
		}
		return o
	case *model.CommitStatus:
		return Object{"sha": about.SHA.String(), "state": about.State, "context": about.Context, "description": about.Description}
	case *model.MergeGroup:
		return b.groupEvent(e, about)
	case *model.Deployment:
		return Object{"deployment": b.Deployment(about), "workflow": nil, "workflow_run": nil}
	case *model.DeploymentStatus:
		return Object{
			"deployment": b.Deployment(about.Deployment), "deployment_status": b.DeploymentStatus(about),
			"check_run": nil, "workflow": nil, "workflow_run": nil,
		}
	case *model.WorkflowRun:
		return b.gateEvent(about)
	case *model.Release:
		return Object{"release": b.Release(about)}
	}
	panic(fmt.Sprintf("simulator: no payload for an event %s about %T", e.Name, e.Subject))
}

func (b *Builder) pullEvent(e model.Event, p *model.PullRequest) Object {
	o := Object{"number": p.Number, "pull_request": b.Pull("pull-request", p)}
	switch e.Action {
	case "synchronize":
		o["before"], o["after"] = e.Before.String(), e.After.String()
	case "labeled":
		o["label"] = b.Label(p.Repo, e.Label)
	}
	return o
}

func (b *Builder) groupEvent(e model.Event, group *model.MergeGroup) Object {
	last := group.Pulls[len(group.Pulls)-1]
	o := Object{"merge_group": Object{
		"head_sha": group.Head.String(), "head_ref": "refs/heads/" + group.Ref, "base_sha": group.Base.String(), "base_ref": "refs/heads/" + last.BaseRef,
		"head_commit": b.HeadCommit(e.Repository.Git.MustCommit(group.Head)),
	}}
	if e.Reason != "" {
		o["reason"] = e.Reason
	}
	return o
}

// gateEvent asks the App's deployment protection rule.
func (b *Builder) gateEvent(run *model.WorkflowRun) Object {
	d := run.Deployment
	pulls := []any{}
	for _, p := range d.Repo.Pulls {
		if p.Head == d.SHA {
			pulls = append(pulls, b.Pull("pull-request-simple", p))
		}
	}
	return Object{
		"environment": d.Environment, "event": "push", "deployment": b.Deployment(d), "pull_requests": pulls,
		"deployment_callback_url": b.API("/repos/%s/actions/runs/%d/deployment_protection_rule", d.Repo.FullName(), run.ID),
	}
}

// InstallationEvent is the payload of a webhook about an installation itself.
func (b *Builder) InstallationEvent(e model.Event) Object {
	i := e.Installation
	payload := Object{"action": e.Action, "installation": b.Installation(i), "sender": b.User(e.By)}
	switch e.Name {
	case "installation":
		payload["repositories"] = b.RepositoryStubs(e.Repositories)
	case "installation_repositories":
		payload["repository_selection"], payload["requester"] = "selected", nil
		payload["repositories_added"], payload["repositories_removed"] = []any{}, []any{}
		payload["repositories_"+e.Action] = b.RepositoryStubs(e.Repositories)
	case "installation_target": // the account has a new name; the installation keeps its ids
		payload["account"], payload["target_type"], payload["changes"] = b.User(i.Account), i.Account.Kind, b.changes(e.Changes)
		payload["installation"] = installationStub(i)
		if i.Account.Kind == model.Organization {
			payload["organization"] = b.Organization(i.Account)
		}
	}
	return payload
}

// PersonEvent is the payload of a webhook about the App and a person alone.
func (b *Builder) PersonEvent(e model.Event) Object {
	return Object{"action": e.Action, "sender": b.User(e.By)}
}
