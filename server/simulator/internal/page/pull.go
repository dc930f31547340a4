package page

import (
	"fmt"
	"slices"
	"strings"

	"plimsoll/server/simulator/internal/markdown"
	"plimsoll/server/simulator/internal/model"
)

func (s *Pages) pullPage(p *model.PullRequest, tab string) any {
	r := p.Repo
	commits := len(p.Commits())
	v := pullView{
		Repository: s.repositoryView(r), Heading: p.Title, Path: pagePath(p), State: shownState(p), Author: p.Author.Login,
		Avatar: fmt.Sprintf("/avatars/%d", p.Author.ID), Opened: when(p.Created), Base: p.BaseRef, Head: p.HeadRef, SHA: p.Head.String(), Tab: tab,
		Number: p.Number, Body: markdown.Render(p.Body), Labels: p.Labels, Talk: s.talk(p.Issue),
		Runs: s.runViews(r, p.Head), Statuses: s.statusViews(r, p.Head), Commits: fmt.Sprintf("%d commits", commits),
	}
	if commits == 1 {
		v.Commits = "1 commit"
	}
	if p.HeadRepo != r {
		v.Base, v.Head = r.Owner.Login+":"+v.Base, p.HeadRepo.Owner.Login+":"+v.Head
	}
	v.Mergeable = p.State == "open" && p.Mergeable()
	v.Verdict, v.VerdictWords, v.VerdictDetail = verdict(append(slices.Clone(v.Runs), v.Statuses...))
	v.Files = s.fileViews(r, p.Head, p.Files())
	return struct {
		chrome
		Pull pullView
	}{s.chrome(fmt.Sprintf("%s · #%d · %s", p.Title, p.Number, r.FullName())), v}
}

// verdict sums the checks up as GitHub's merge box does.
func verdict(runs []runView) (class, words, detail string) {
	var parts []string
	counts := map[string]int{}
	var order []string
	for _, run := range runs {
		if !run.Current {
			continue
		}
		key := strings.ToLower(run.Words)
		if counts[key]++; counts[key] == 1 {
			order = append(order, key)
		}
	}
	for _, key := range order {
		parts = append(parts, fmt.Sprintf("%d %s", counts[key], key))
	}
	total := 0
	for _, n := range counts {
		total += n
	}
	detail = strings.Join(parts, ", ")
	if total > 0 {
		detail += map[bool]string{true: " check", false: " checks"}[total == 1]
	}
	bad := counts["failing"] + counts["timed out"] + counts["cancelled"]
	waiting := counts["in progress"] + counts["queued"] + counts["pending"]
	switch {
	case total == 0:
		return "", "No checks yet", "Nothing has reported on the head commit."
	case bad > 0 && bad == total:
		return "failure", "All checks have failed", detail
	case bad > 0:
		return "failure", "Some checks were not successful", detail
	case waiting > 0:
		return "pending", "Some checks haven't completed yet", detail
	case counts["action required"] > 0:
		return "pending", "Somebody has to act", detail
	}
	return "success", "All checks have passed", detail
}
