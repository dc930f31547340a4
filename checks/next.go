package checks

import "plimsoll/contracts"

// nextStep says in which order the change is safe.
func (v *view) nextStep(e *entry) string {
	if len(e.hits) == 0 {
		return ""
	}
	if e.verdict == contracts.Unknown {
		return "**Next:** ask the owner what it uses, and have that declared: a complete list is what proves that somebody is not hit."
	}
	text := "**Safe order:** " + safeOrder(e.change)
	if e.verdict == contracts.MayBreak {
		text += " A consumer that lists what it reads and sends is told for certain."
	}
	return text
}

func safeOrder(c contracts.Change) string {
	a := actOf(c)
	switch {
	case a.verb == "new-required", a.verb == "required" && c.Direction == contracts.Request, a.verb == "added" && c.Direction == contracts.Request:
		return "1. accept it as optional, with a default, and deploy; 2. the consumers begin to send it, and deploy; 3. require it."
	case c.Edge.Kind == contracts.KindEnumValue && a.verb == "added", c.Edge.Kind == contracts.KindBranch && a.verb == "added":
		return "1. the consumers learn to handle a value that they do not know, and deploy; 2. the provider begins to answer with it."
	case a.verb == "optional", a.verb == "nullable":
		return "1. go on sending it always; 2. the consumers cope with its absence (mark it with " + code("?") + " in their declaration), and deploy; 3. leave it out."
	case a.verb == "removed":
		return "1. add what replaces it beside it, and deploy; 2. the consumers move to that, and deploy; 3. remove it."
	case a.verb == "not-nullable":
		return "1. the consumers stop sending null, and deploy; 2. refuse it."
	case c.Edge.Kind == contracts.KindSecurity:
		return "1. accept the new way beside the old one, and deploy; 2. the consumers move, and deploy; 3. drop the old one."
	default:
		return "1. offer the new form under a new name beside the old one, and deploy; 2. the consumers move to it, and deploy; 3. remove the old one."
	}
}
