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
		return "**Next:** ask the owner to declare what the consumer uses. Only a complete list can prove that it is not affected."
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
		text += "\nA consumer that lists what it reads and sends gets a definite answer."
	}
	return text
}

// movers names the consumers that have to migrate for a change, with their owners.
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
// affected and may be named run; "" else.
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

// assumed: some consumer is affected only because it does not list what it uses.
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
// provides the API, ‹it› the edge, ‹consumers› those that are affected, ‹move› how they
// deploy it to where they run.
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
		return []string{"‹provider›: accept the new credentials as well as the old ones, and deploy.", "‹consumers›: switch to the new credentials, and ‹move›.", "‹provider›: stop accepting the old credentials."}
	case strings.HasPrefix(rule, "operation-sunset"):
		return []string{"‹provider›: keep the later date.", "‹consumers›: agree on a date, migrate, and ‹move›.", "‹provider›: set the earlier date."}
	case ends("became-nullable", "became-optional"):
		return []string{"‹provider›: keep sending ‹it› in every case.", "‹consumers›: handle its absence, mark it with `?` in the declaration, and ‹move›.", "‹provider›: omit it."}
	case request && ends("required"):
		return []string{"‹provider›: accept ‹it› as optional with a default, and deploy.", "‹consumers›: send it, and ‹move›.", "‹provider›: require it."}
	case request && ends("tightened", "not-nullable", "introduced", "narrowed", "closed", "constrained"),
		request && strings.Contains(rule, "enum"):
		return []string{"‹provider›: keep accepting the current values of ‹it›.", "‹consumers›: stop sending values that will be rejected, and ‹move›.", "‹provider›: reject them."}
	case ends("enum-value-added", "branch-added", "status-added", "enum-dropped", "loosened"):
		return []string{"‹provider›: do not deploy the change of ‹it› yet.", "‹consumers›: handle the new cases, and ‹move›.", "‹provider›: deploy the change (this ‹subject›)."}
	case ends("operation-shadowed"):
		return []string{"‹provider›: do not add the path yet, or choose one that is no value of the parameter.", "‹consumers›: stop using the value that the path takes, and ‹move›.", "‹provider›: add the path (this ‹subject›)."}
	case ends("branch-ambiguous"):
		return []string{"‹provider›: give each variant a property with a constant of its own (optional at first), and deploy.", "‹consumers›: send the property, and ‹move›.", "‹provider›: require it."}
	case ends("removed"):
		return []string{"‹provider›: keep ‹it›, add the replacement next to it, and deploy.", "‹consumers›: migrate to the replacement, and ‹move›.", "‹provider›: remove ‹it› (this ‹subject›)."}
	case ends("id-changed", "tags-changed", "renamed"):
		return []string{"‹provider›: keep the old name, or deploy at the same time as the consumers.", "‹consumers›: regenerate the client, and ‹move› together with this change."}
	case ends("default-changed"):
		return []string{"‹provider›: keep the default of ‹it›.", "‹consumers›: send the value explicitly, and ‹move›.", "‹provider›: change the default."}
	default:
		return []string{"‹provider›: offer the new form under a new name next to ‹it›, and deploy.", "‹consumers›: migrate to the new form, and ‹move›.", "‹provider›: remove the old form."}
	}
}
