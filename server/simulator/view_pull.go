package simulator

import (
	"fmt"
	"slices"
	"strings"

	"plimsoll/server/simulator/markdown"
)

func (s *Simulator) pullPage(p *PullRequest, tab string) any {
	r := p.repo
	commits := len(p.commits())
	v := pullView{
		Repository: s.repositoryView(r), Heading: p.title, Path: pagePath(p), State: p.shownState(), Author: p.author.login,
		Avatar: fmt.Sprintf("/avatars/%d", p.author.id), Opened: when(p.created), Base: p.baseRef, Head: p.headRef, SHA: p.head.String(), Tab: tab,
		Number: p.number, Body: markdown.Render(p.body), Labels: p.labels, Talk: s.talk(p.issue),
		Runs: s.runViews(r, p.head), Statuses: s.statusViews(r, p.head), Commits: fmt.Sprintf("%d commits", commits),
	}
	if commits == 1 {
		v.Commits = "1 commit"
	}
	if p.headRepo != r {
		v.Base, v.Head = r.owner.login+":"+v.Base, p.headRepo.owner.login+":"+v.Head
	}
	v.Mergeable = p.state == "open" && p.mergeable()
	v.Verdict, v.VerdictWords, v.VerdictDetail = verdict(append(slices.Clone(v.Runs), v.Statuses...))
	v.Files = s.fileViews(r, p.head, p.files(), true)
	return struct {
		chrome
		Pull pullView
	}{s.chrome(fmt.Sprintf("%s · #%d · %s", p.title, p.number, r.fullName())), v}
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
