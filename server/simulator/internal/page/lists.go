package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"time"

	"plimsoll/server/simulator/internal/model"
)

func (s *Pages) repositoriesPage(heading string, repositories []*model.Repository) any {
	var views []repositoryView
	for _, r := range repositories {
		views = append(views, s.repositoryView(r))
	}
	return struct {
		chrome
		Heading      string
		Repositories []repositoryView
	}{s.chrome(heading), heading, views}
}

type deploymentView struct {
	Environment, Task, By, Path, Short string
	Lines                              []string
}

type branchView struct{ Name, Path, Short string }

// repositoryOverview is a repository's first page.
func (s *Pages) repositoryOverview(r *model.Repository) any {
	var pulls, issues []linkView
	for _, i := range slices.Backward(r.Issues) {
		if i.Pull != nil {
			pulls = append(pulls, s.linkView(i))
		} else {
			issues = append(issues, s.linkView(i))
		}
	}
	var files []fileView
	head := r.Branches[r.DefaultBranch]
	for _, p := range slices.Sorted(maps.Keys(r.Git.Files(r.Git.TreeOf(head)))) {
		files = append(files, fileView{Path: p, URL: fmt.Sprintf("/%s/blob/%s/%s", r.FullName(), r.DefaultBranch, p)})
	}
	var branches []branchView
	for _, name := range slices.Sorted(maps.Keys(r.Branches)) {
		sha := r.Branches[name].String()
		branches = append(branches, branchView{name, path.Join("/", r.FullName(), "commit", sha), sha[:7]})
	}
	var deployments []deploymentView
	for _, d := range slices.Backward(r.Deployments) {
		v := deploymentView{d.Environment, d.Task, d.Creator.Login, path.Join("/", r.FullName(), "commit", d.SHA.String()), d.SHA.String()[:7], nil}
		for _, status := range d.Statuses {
			line := status.State
			if status.Description != "" {
				line += ": " + status.Description
			}
			v.Lines = append(v.Lines, line+" ("+status.Creator.Login+")")
		}
		for _, review := range r.Reviews {
			if review.Run.Deployment == d {
				v.Lines = append(v.Lines, review.Line())
			}
		}
		deployments = append(deployments, v)
	}
	return struct {
		chrome
		Repository    repositoryView
		Pulls, Issues []linkView
		Deployments   []deploymentView
		Branch        string
		Files         []fileView
		Branches      []branchView
	}{s.chrome(r.FullName()), s.repositoryView(r), pulls, issues, deployments, r.DefaultBranch, files[:min(len(files), 500)], branches}
}

type deliveryView struct {
	iconView
	ID                            int64
	Event, GUID, Repository, Took string
	Redelivery                    bool
	Payload                       string
}

// deliveriesShown bounds the log page.
const deliveriesShown = 200

func (s *Pages) deliveriesPage() any {
	var views []deliveryView
	for _, d := range slices.Backward(s.hook.Log()) {
		if len(views) == deliveriesShown {
			break
		}
		v := deliveryView{ID: d.ID, Event: d.Event, GUID: d.GUID, Redelivery: d.Redelivery, Took: d.Duration.Round(time.Millisecond).String()}
		if d.Action != "" {
			v.Event += "." + d.Action
		}
		if r := s.github.RepositoryByID(d.RepositoryID); r != nil {
			v.Repository = r.FullName()
		}
		switch {
		case d.StatusCode == 0:
			v.iconView = iconView{"pending", "under way", "•"}
		case d.StatusCode < 400:
			v.iconView = iconView{"success", fmt.Sprintf("%d %s", d.StatusCode, d.Status), "✓"}
		default:
			v.iconView = iconView{"failure", d.Status, "✕"}
		}
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, d.Payload, "", "  "); err == nil {
			v.Payload = pretty.String()
		}
		views = append(views, v)
	}
	return struct {
		chrome
		Hook       string
		Deliveries []deliveryView
	}{s.chrome("Deliveries"), s.hook.URL(), views}
}

type requestView struct {
	At, Call, Operation, Status string
	Bytes                       int
}

func (s *Pages) requestsPage() any {
	var views []requestView
	for _, e := range slices.Backward(s.traffic.Exchanges()) {
		if len(views) == 2*deliveriesShown {
			break
		}
		v := requestView{e.At.UTC().Format("15:04:05"), e.Method + " " + e.Path, e.Operation, fmt.Sprint(e.Status), e.Bytes}
		if e.Query != "" {
			v.Call += "?" + e.Query
		}
		if e.Fault {
			v.Status += " (fault)"
		}
		views = append(views, v)
	}
	return struct {
		chrome
		Violations []string
		Requests   []requestView
	}{s.chrome("API calls"), s.traffic.Violations(), views}
}
