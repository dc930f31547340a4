package contracttext

import (
	"strings"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// plan says in which order the change is safe, with the real names: what the
// provider does first, what the consumers do, what comes last.
func (v *view) plan(e *entry) string {
	if len(e.effects) == 0 {
		return ""
	}
	if e.verdict == contracts.Unknown {
		return "**Next:** ask the owner what it uses, and have that declared: only a complete list proves that somebody is not hit."
	}
	if e.since {
		return v.fix(e)
	}
	steps := safeOrder(e.change)
	fill := strings.NewReplacer(
		"‹provider›", checks.Code(e.api.Component), "‹it›", subjectOf(e.change, checks.InCode),
		"‹consumers›", v.movers(e), "‹move›", "deploy"+v.whereTo(e), "‹subject›", checks.SubjectWords(v.Number),
	)
	text := "**Safe order:**\n"
	for i, step := range steps {
		text += string(rune('1'+i)) + ". " + checks.UpperFirst(fill.Replace(step)) + "\n"
	}
	if e.assumed() {
		text += "\nA consumer that lists what it reads and sends is judged for certain."
	}
	return text
}

// movers names the consumers that have to move for a change, with their owners.
func (v *view) movers(e *entry) string {
	var names []string
	hidden := 0
	for _, h := range e.effects {
		if h.verdict == contracts.Unknown {
			continue
		}
		if h.consumer.hidden {
			hidden++
			continue
		}
		c := h.versions[0].Consumer
		name := checks.Code(c.Component)
		if c.Owner != "" {
			name += " (" + checks.Code(c.Owner) + ")"
		}
		names = append(names, name)
	}
	if hidden > 0 {
		names = append(names, checks.Count(hidden, "private consumer"))
	}
	return checks.Join(names, checks.MostNames)
}

// whereTo gives " to `production`" where it is known where the consumers that are
// hit and may be named run; "" else.
func (v *view) whereTo(e *entry) string {
	var environments []string
	for _, h := range e.effects {
		for _, version := range h.versions {
			if name := version.Consumer.Environment; name != "" {
				environments = appendNew(environments, checks.Code(name))
			}
		}
	}
	if len(environments) == 0 {
		return ""
	}
	return " to " + checks.Join(environments, checks.MostNames)
}

// assumed: some consumer is hit only because it does not list what it uses.
func (e *entry) assumed() bool {
	for _, h := range e.effects {
		for _, version := range h.versions {
			switch version.Reason.Code {
			case contracts.ReasonReadsUnlisted, contracts.ReasonSendsUnlisted:
				return true
			}
		}
	}
	return false
}

// safeOrder gives the steps by the kind of change. ‹provider› is the component that
// provides the API, ‹it› the edge, ‹consumers› those that are hit, ‹move› how they
// bring it to where they run.
func safeOrder(c contracts.Change) []string {
	rule := stem(c.Rule)
	ends := func(endings ...string) bool {
		for _, e := range endings {
			if strings.HasSuffix(rule, e) {
				return true
			}
		}
		return false
	}
	request := c.Direction == contracts.Request
	switch {
	case strings.HasPrefix(rule, "security-"):
		return []string{"‹provider›: accept the new way beside the old one, and deploy.", "‹consumers›: move to it, and ‹move›.", "‹provider›: drop the old way."}
	case strings.HasPrefix(rule, "operation-sunset"):
		return []string{"‹provider›: keep the later date.", "‹consumers›: agree on a date, move, and ‹move›.", "‹provider›: move the date."}
	case ends("became-nullable", "became-optional"):
		return []string{"‹provider›: go on sending ‹it› always.", "‹consumers›: cope with its absence, say so with `?` in the declaration, and ‹move›.", "‹provider›: leave it out."}
	case request && ends("required"):
		return []string{"‹provider›: accept ‹it› as optional, with a default, and deploy.", "‹consumers›: send it, and ‹move›.", "‹provider›: require it."}
	case request && ends("tightened", "not-nullable", "introduced", "narrowed", "closed", "constrained"),
		request && strings.Contains(rule, "enum"):
		return []string{"‹provider›: go on accepting what ‹it› takes now.", "‹consumers›: stop sending what will be refused, and ‹move›.", "‹provider›: refuse it."}
	case ends("enum-value-added", "branch-added", "status-added", "enum-dropped", "loosened"):
		return []string{"‹provider›: hold back what is new in ‹it›.", "‹consumers›: learn to handle what is not known yet, and ‹move›.", "‹provider›: answer with it."}
	case ends("removed"):
		return []string{"‹provider›: keep ‹it›, add what replaces it beside it, and deploy.", "‹consumers›: move to that, and ‹move›.", "‹provider›: remove ‹it› (this ‹subject›)."}
	case ends("id-changed", "tags-changed", "renamed"):
		return []string{"‹provider›: keep the old name; or", "‹consumers›: make the client anew, and deploy in one step with this."}
	case ends("default-changed"):
		return []string{"‹provider›: keep the default of ‹it›.", "‹consumers›: send the value that is relied on, and ‹move›.", "‹provider›: change the default."}
	default:
		return []string{"‹provider›: offer the new form under a new name beside ‹it›, and deploy.", "‹consumers›: move to it, and ‹move›.", "‹provider›: remove the old form."}
	}
}
