package contracttext

import (
	"cmp"
	"slices"
	"strings"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// mostVersions is how many commits of one consumer a line names.
const mostVersions = 3

// where says which versions of a consumer are affected: "live in `production` at
// `1a2b3c4`, default branch at `5d6e7f8`".
func (v *view) where(h *effect) string {
	var commits []string
	versions := map[string][]contracts.Consumer{}
	for _, version := range h.versions {
		c := version.Consumer
		sha := runs(c)
		if _, ok := versions[sha]; !ok {
			commits = append(commits, sha)
		}
		versions[sha] = append(versions[sha], c)
	}
	var parts []string
	for _, sha := range commits {
		part := versionWords(versions[sha])
		if sha != "" {
			part += " at " + v.web.Commit(h.versions[0].Consumer.Repository, sha, checks.InCode)
		}
		parts = append(parts, part)
	}
	if len(parts) > mostVersions {
		parts = append(parts[:mostVersions], checks.Count(len(commits)-mostVersions, "more version"))
	}
	text := strings.Join(parts, ", ")
	first := h.versions[0].Consumer
	switch {
	case h.blocks && !first.Runs:
		text += " (no production deployment known, so it counts as live)"
	case h.blocks && slices.ContainsFunc(h.versions, func(affected contracts.AffectedConsumer) bool { return affected.Consumer.Release != "" }):
		text += " (a release counts until it is withdrawn or older than the newest 20)"
	case h.movedOn():
		text += ". Already migrated on its default branch: deploy that to fix it"
	}
	return text
}

// runs is the commit of a version: the one that runs where that is another than
// the one that states the use.
func runs(c contracts.Consumer) string { return cmp.Or(c.Deployed, c.Commit) }

// movedOn reports whether only running versions are affected, and the default branch no
// longer is.
func (h *effect) movedOn() bool {
	return h.verdict == contracts.Breaks && !slices.ContainsFunc(h.versions, func(affected contracts.AffectedConsumer) bool {
		c := affected.Consumer
		return c.Environment == "" && c.Release == "" || c.Stale != ""
	})
}

// versionWords says where versions of one commit are: "live in `production` and
// `staging`, and on the default branch".
func versionWords(versions []contracts.Consumer) string {
	var live, rolling, released []string
	branch := false
	for _, c := range versions {
		switch {
		case c.Release != "":
			released = appendNew(released, checks.Code(c.Release))
		case c.Environment == "":
			branch = true
		case c.Rolling:
			rolling = appendNew(rolling, targetWords(c))
		default:
			live = appendNew(live, targetWords(c))
		}
	}
	var parts []string
	add := func(word string, names []string) {
		if len(names) > 0 {
			parts = append(parts, word+checks.Join(names, 4))
		}
	}
	add("live in ", live)
	add("rolling out in ", rolling)
	add("released as ", released)
	switch {
	case len(parts) == 0:
		return "default branch"
	case branch:
		return strings.Join(parts, ", ") + " and on the default branch"
	default:
		return strings.Join(parts, ", ")
	}
}

// targetWords names an environment, and which of its instances.
func targetWords(c contracts.Consumer) string {
	if c.Instance != "" {
		return checks.Code(c.Environment) + " (" + checks.Code(c.Instance) + ")"
	}
	return checks.Code(c.Environment)
}

func appendNew(list []string, word string) []string {
	if slices.Contains(list, word) {
		return list
	}
	return append(list, word)
}
