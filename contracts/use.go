package contracts

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// use is one consumer's use of one operation, with its patterns parsed and
// resolved in the base contract.
type use struct {
	via      string
	reads    side
	sends    side
	status   []string
	evidence Evidence
	// broken: a pattern of that side matches nothing, so that the list is not
	// known to be complete.
	broken map[Direction]bool
}

func (u *use) side(dir Direction) *side {
	if dir == Request {
		return &u.sends
	}
	return &u.reads
}

// handles tells whether the use has to do with a status: it lists it, or its
// range, or lists none at all.
func (u *use) handles(op *operation, status string) bool {
	if len(u.status) == 0 {
		return true
	}
	for _, s := range u.status {
		if strings.EqualFold(s, status) {
			return true
		}
		if len(status) == 3 && len(s) == 3 && s[0] == status[0] && (strings.EqualFold(s[1:], "XX") || strings.EqualFold(status[1:], "XX")) {
			return true
		}
		if status == "default" && op != nil {
			// "default" describes what the contract does not list by itself
			if found := op.node.Get("responses").Get(s); !found.Valid() && !statusRange(op, s) {
				return true
			}
		}
	}
	return false
}

func statusRange(op *operation, status string) bool {
	if len(status) != 3 {
		return false
	}
	responses := op.node.Get("responses")
	return responses.Get(status[:1]+"XX").Valid() || responses.Get(status[:1]+"xx").Valid()
}

// useKey names what a use says, so that equal uses are judged once.
func useKey(via string, o *OperationUse) string {
	if o == nil {
		return "via " + via
	}
	key, err := json.Marshal([]any{via, texts(o.Reads), texts(o.Sends), o.Status})
	if err != nil {
		return fmt.Sprintf("%v", o)
	}
	return string(key)
}

func texts(list *[]Pattern) any {
	if list == nil {
		return nil
	}
	out := make([]any, 0, len(*list))
	for _, p := range *list {
		out = append(out, []any{p.Text, p.Values})
	}
	return out
}

// newUse parses and resolves what a consumer lists of one operation.
func (j *judge) newUse(via string, o *OperationUse, op *operation) (*use, []fault) {
	u := &use{via: via, broken: map[Direction]bool{}}
	if o == nil {
		return u, nil
	}
	u.status, u.evidence = o.Status, o.Evidence
	var faults []fault
	for _, dir := range []Direction{Request, Response} {
		list, s := o.Sends, &u.sends
		if dir == Response {
			list, s = o.Reads, &u.reads
		}
		if list == nil {
			continue
		}
		s.listed = true
		for _, source := range *list {
			p, err := parsePattern(source.Text)
			if err != nil {
				faults = append(faults, fault{at: source.Position, near: j.c.baseView.unquotedIn(op, dir, source.Text),
					message: fmt.Sprintf("pattern %q: %v", source.Text, err)})
				u.broken[dir] = true
				continue
			}
			r := j.resolve(op, p, dir)
			if len(r.slots) == 0 {
				what := "reads"
				if dir == Request {
					what = "sends"
				}
				faults = append(faults, fault{at: source.Position, near: r.nearest,
					message: fmt.Sprintf("%s: %q matches nothing in %s", what, source.Text, op.name())})
				u.broken[dir] = true
			}
			s.patterns = append(s.patterns, p)
			s.sources = append(s.sources, source)
			s.resolved = append(s.resolved, r)
		}
		if dir == Request {
			j.sendPath(op, s)
		}
	}
	return u, faults
}

// sendPath adds the parameters of the path to what is sent: no call is made
// without them, listed or not.
func (j *judge) sendPath(op *operation, s *side) {
	if op.provider {
		return
	}
	for _, param := range j.c.base.parameters(op) {
		st := step{kind: stepParam, name: param.name, names: []string{param.in}}
		if !st.isPath() || slices.ContainsFunc(s.patterns, func(p *pattern) bool { return len(p.next(0, st, nil)) > 0 }) {
			continue
		}
		p := &pattern{text: "{" + param.name + "}", segs: []segment{{kind: segName, name: param.name}}, path: true}
		s.patterns = append(s.patterns, p)
		s.sources = append(s.sources, Pattern{Text: param.name})
		s.resolved = append(s.resolved, j.resolve(op, p, Request))
	}
}

// fault is something that a consumer declares and that matches nothing.
type fault struct {
	at      Position
	message string
	near    []string
}

type resolveKey struct {
	op   *operation
	text string
	dir  Direction
}

func (j *judge) resolve(op *operation, p *pattern, dir Direction) *resolution {
	key := resolveKey{op, p.text, dir}
	r := j.c.resolutions[key]
	if r == nil {
		shared := explorerKey{p.text, dir}
		e := j.c.explorers[shared]
		if e == nil {
			e = newExplorer(j.c.baseView, p, dir)
			j.c.explorers[shared] = e
		}
		r = j.c.baseView.resolve(op, e, dir == Response)
		j.c.resolutions[key] = r
	}
	return r
}

type explorerKey struct {
	text string
	dir  Direction
}

// nearestOperations gives the operations whose names are nearest to a selector.
func nearestOperations(ops []*operation, selector string) []string {
	var names []string
	spaced := strings.Contains(selector, " ")
	for _, op := range ops {
		if spaced {
			names = append(names, op.name())
		} else {
			names = append(names, op.id)
		}
	}
	near := nearest(selector, names)
	if len(near) == 0 && spaced {
		// the path may be right and the method wrong
		_, path, _ := strings.Cut(selector, " ")
		for _, op := range ops {
			if op.norm == normalPath(path) {
				near = append(near, op.name())
			}
		}
	}
	return slices.Compact(near)
}
