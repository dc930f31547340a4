package deploy

import "plimsoll/deploy/signal"

// mostDisturbed is how much is left out before a deployment, in seconds: what has been
// bad for longer is what the deployment is compared with.
const mostDisturbed = 24 * 60 * 60

// undisturbed leaves out a span before a deployment, and moves what was before it up to the
// deployment. A rollback is compared with the time before what it undoes: compared with the
// bad minutes, anything would look fine.
type undisturbed struct {
	// from and to are the span, by how much what is before it moves; 0: nothing is left out.
	from, to, by int64
}

func (h *History) undisturbed(deployed int64) undisturbed {
	span := deployed - h.Disturbed
	if h.Disturbed == 0 || h.Step <= 0 || span <= 0 || span > mostDisturbed {
		return undisturbed{}
	}
	// In whole steps: points keep their distance from the deployment's.
	return undisturbed{from: h.Disturbed, to: deployed, by: span / h.Step * h.Step}
}

// at returns where an instant moves to; ok is false for one that is left out.
func (u undisturbed) at(at int64) (moved int64, ok bool) {
	switch {
	case u.by == 0 || at > u.to:
		return at, true
	case at > u.from:
		return 0, false
	}
	return at + u.by, true
}

func (u undisturbed) points(p signal.Points) signal.Points {
	if u.by == 0 {
		return p
	}
	var kept signal.Points
	for i, at := range p.At {
		moved, ok := u.at(at)
		if !ok {
			continue
		}
		kept.At = append(kept.At, moved)
		for _, n := range []struct {
			of   signal.Numbers
			into *signal.Numbers
		}{{p.Bad, &kept.Bad}, {p.Total, &kept.Total}, {p.Value, &kept.Value}} {
			if i < len(n.of) {
				*n.into = append(*n.into, n.of[i])
			}
		}
	}
	return kept
}

func (u undisturbed) all(instants []int64) (kept []int64) {
	for _, at := range instants {
		if moved, ok := u.at(at); ok {
			kept = append(kept, moved)
		}
	}
	return kept
}

// cuts moves what happened before the span; what began in it is left out with it.
func (u undisturbed) cuts(cuts []signal.Cut) (kept []signal.Cut) {
	for _, c := range cuts {
		from, ok := u.at(c.From)
		if !ok || u.by != 0 && c.From == u.from {
			continue
		}
		to, ok := u.at(c.To)
		if !ok {
			to = u.to
		}
		kept = append(kept, signal.Cut{From: from, To: to, Why: c.Why})
	}
	return kept
}
