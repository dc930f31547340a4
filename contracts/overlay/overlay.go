// Package overlay applies OpenAPI Overlay documents (1.0 and 1.1) to a contract. It must not
// know OpenAPI.
package overlay

import (
	"fmt"
	"strings"

	"github.com/theory/jsonpath"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
)

// Overlay is one overlay document.
type Overlay struct {
	// Extends is the document that the overlay was written for; "" where it does not say.
	Extends document.Node
	actions []action
}

// action is one Action Object.
type action struct {
	node   document.Node
	target *query
	copied *query        // nil without copy
	update document.Node // invalid without update
	remove bool
}

// query is a JSONPath expression and where it stands.
type query struct {
	path *jsonpath.Path
	node document.Node
	// scans tells that the query looks at every node, not only at those on its way.
	scans bool
}

// Bounds of overlays, which may be written by someone else than the user.
const (
	maxActions = 1_000
	maxQuery   = 1_000      // bytes of a JSONPath expression
	maxMatches = 10_000     // of one action
	maxLooked  = 50_000_000 // nodes that all actions look at
	maxDepth   = 200        // of the contract
	maxNodes   = 2_000_000  // of the contract with its overlays
)

// Read reads an overlay document. A fault of the document is a *contracts.Problem.
func Read(d *document.Doc) (*Overlay, error) {
	top := d.Root()
	version := top.Get("overlay")
	if top.Kind() != document.Object || !version.Valid() {
		return nil, problem(top, "an overlay document starts with a line such as \"overlay: 1.1.0\"", "expected an overlay document")
	}
	if v := version.Text() + "."; !strings.HasPrefix(v, "1.0.") && !strings.HasPrefix(v, "1.1.") {
		return nil, problem(version, "", "expected version 1.0 or 1.1 of the Overlay Specification, found %q", version.Text())
	}
	o := &Overlay{Extends: top.Get("extends")}
	if o.Extends.Valid() && o.Extends.Kind() != document.String {
		return nil, problem(o.Extends, "", "expected a path or a URL, found %s", o.Extends.Kind())
	}
	actions := top.Get("actions")
	switch {
	case actions.Kind() != document.Array:
		return nil, problem(document.FirstValid(actions, top), "", "expected \"actions\", a list")
	case actions.Len() == 0:
		return nil, problem(actions, "", "expected at least one action")
	case actions.Len() > maxActions:
		return nil, problem(actions, "", "the overlay has more than %d actions", maxActions)
	}
	for _, n := range actions.Items() {
		a, err := readAction(n, !strings.HasPrefix(version.Text(), "1.0"))
		if err != nil {
			return nil, err
		}
		o.actions = append(o.actions, a)
	}
	return o, nil
}

func readAction(n document.Node, copies bool) (action, error) {
	a := action{node: n, update: n.Get("update")}
	target, copied, remove := n.Get("target"), n.Get("copy"), n.Get("remove")
	switch {
	case n.Kind() != document.Object:
		return a, problem(n, "", "expected an action, found %s", n.Kind())
	case target.Kind() != document.String:
		return a, problem(document.FirstValid(target, n), "", "expected \"target\", a JSONPath expression")
	case remove.Valid() && remove.Kind() != document.Bool:
		return a, problem(remove, "", "expected a boolean, found %s", remove.Kind())
	case copied.Valid() && !copies:
		return a, problem(copied, "write \"overlay: 1.1.0\"", "\"copy\" is new in version 1.1 of the Overlay Specification")
	case copied.Valid() && a.update.Valid():
		return a, problem(copied, "split it into two actions", "an action has either \"update\" or \"copy\"")
	}
	a.remove = remove.True()
	if !a.remove && !a.update.Valid() && !copied.Valid() {
		return a, problem(n, "", "expected \"update\", \"copy\" or \"remove: true\"")
	}
	var err error
	if a.target, err = readQuery(target); err == nil && copied.Valid() {
		a.copied, err = readQuery(copied)
	}
	return a, err
}

func readQuery(n document.Node) (*query, error) {
	text := n.Str()
	if len(text) > maxQuery {
		return nil, problem(n, "", "the expression has more than %d bytes", maxQuery)
	}
	path, err := jsonpath.Parse(text)
	if err != nil {
		return nil, problem(n, "write it as RFC 9535 says, such as $.paths['/orders'].get", "not a JSONPath expression: %s", strings.TrimPrefix(err.Error(), jsonpath.ErrPathParse.Error()+": "))
	}
	q := &query{path: path, node: n, scans: strings.Contains(text, "..") || strings.Contains(text, "?") || strings.Contains(text, "*")}
	descents, choices := 0, 1
	for _, segment := range path.Query().Segments() {
		choices *= max(1, len(segment.Selectors()))
		if segment.IsDescendant() {
			descents++
		}
		if choices > 100 {
			break
		}
	}
	// each of these multiplies what is looked at
	if descents > 1 || choices > 100 || strings.Count(text, "..") > 2 || strings.Count(text, "?") > 4 || strings.Count(text, ",") > 20 {
		return nil, problem(n, "split the action into several", "the expression selects too much: it may have one \"..\", four filters and a few selectors")
	}
	return q, nil
}

func problem(n document.Node, hint, format string, args ...any) *contracts.Problem {
	line, column := n.Position()
	return &contracts.Problem{Position: contracts.Position{File: n.File(), Line: line, Column: column}, Message: fmt.Sprintf(format, args...), Hint: hint}
}
