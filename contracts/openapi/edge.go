package openapi

import (
	"path/filepath"
	"strconv"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
)

// OwnerName names a node after the schema or operation that holds it: "Order",
// "Order.address", "GET /orders/{id} 200 application/json". The name depends on the
// position of the node, never on how it was reached.
func (v *View) OwnerName(n document.Node) string {
	if name, ok := v.names[n]; ok {
		return name
	}
	steps := n.Path()
	doc := n.Doc()
	prefix, rest := "", steps
	switch {
	case doc != v.Contract.root:
		prefix, rest = v.fileOwner(doc, steps)
	case len(steps) >= 3 && steps[0] == "components":
		prefix, rest = steps[2], steps[3:]
	case len(steps) >= 3 && steps[0] == "paths" && isMethod(steps[2]):
		prefix, rest = strings.ToUpper(steps[2])+" "+steps[1], steps[3:]
	case len(steps) >= 4 && steps[0] == "paths" && steps[2] == additional:
		prefix, rest = steps[3]+" "+steps[1], steps[4:]
	case len(steps) >= 2 && steps[0] == "paths":
		prefix, rest = steps[1], steps[2:]
	case len(steps) >= 3 && steps[0] == "webhooks" && isMethod(steps[2]):
		prefix, rest = MethodWebhook+" "+steps[1], steps[3:]
	case len(steps) >= 2 && steps[0] == "webhooks":
		prefix, rest = MethodWebhook+" "+steps[1], steps[2:]
	}
	name := prefix + v.suffix(n, rest)
	v.names[n] = name
	return name
}

// fileOwner names a node of another file of the contract: after the file without its
// extension, or after the definition if the file is a set of definitions.
func (v *View) fileOwner(doc *document.Doc, steps []string) (string, []string) {
	rel, err := filepath.Rel(filepath.Dir(v.Contract.path), doc.File)
	if err != nil {
		rel = doc.File
	}
	name := strings.TrimSuffix(rel, filepath.Ext(rel))
	top := doc.Root()
	if len(steps) >= 3 && steps[0] == "components" {
		return name + "#" + steps[2], steps[3:]
	}
	if len(steps) >= 2 && (steps[0] == "definitions" || steps[0] == "$defs") {
		return name + "#" + steps[1], steps[2:]
	}
	if len(steps) >= 1 && isMethod(steps[0]) {
		return name + " " + strings.ToUpper(steps[0]), steps[1:]
	}
	if len(steps) >= 1 && !looksLikeSchema(top) && !top.Get("responses").Valid() && !top.Get("content").Valid() && !top.Get("name").Valid() {
		return name + "#" + steps[0], steps[1:]
	}
	return name, steps
}

func looksLikeSchema(n document.Node) bool {
	for _, keyword := range []string{"type", "properties", "allOf", "oneOf", "anyOf", "enum", "items", "$ref"} {
		if value := n.Get(keyword); value.Valid() && (keyword != "type" || value.Kind() != document.Object) {
			return true
		}
	}
	return false
}

// suffix describes the path from a named element down to a node.
func (v *View) suffix(n document.Node, steps []string) string {
	var b strings.Builder
	at := ancestorAt(n, len(steps))
	for i := 0; i < len(steps); i++ {
		arg := ""
		if i+1 < len(steps) {
			arg = steps[i+1]
		}
		switch steps[i] {
		case "properties", "patternProperties":
			if arg != "" {
				b.WriteString("." + arg)
				i++
			}
		case "items", "itemSchema":
			b.WriteString("[]")
		case "prefixItems":
			b.WriteString("[" + arg + "]")
			i++
		case "additionalProperties":
			b.WriteString("{}")
		case "oneOf", "anyOf":
			if arg != "" {
				b.WriteString("<" + v.branchLabel(at(i+1), arg) + ">")
				i++
			}
		case "allOf":
			i++
		case "schema", "content":
			if steps[i] == "content" && arg != "" {
				b.WriteString(" " + arg)
				i++
			}
		case "responses":
			if arg != "" {
				b.WriteString(" " + arg)
				i++
			}
		case "headers":
			if arg != "" {
				b.WriteString(" header " + arg)
				i++
			}
		case "parameters":
			if name := at(i + 1).Get("name"); name.Valid() {
				arg = name.Text()
			}
			if arg != "" {
				b.WriteString(" parameter " + arg)
				i++
			}
		case "requestBody":
			b.WriteString(" request")
		case "callbacks":
			if arg != "" {
				b.WriteString(" callback " + arg)
				i++
			}
		default:
			b.WriteString(" " + steps[i])
		}
	}
	return b.String()
}

func (v *View) branchLabel(n document.Node, index string) string {
	if name := v.branchName(n); name != "" {
		return name
	}
	if at, err := strconv.Atoi(index); err == nil {
		return strconv.Itoa(at + 1)
	}
	return index
}

// ancestorAt gives a function that finds the node after the i-th of the last n
// steps of a node's path.
func ancestorAt(n document.Node, steps int) func(int) document.Node {
	var line []document.Node
	return func(i int) document.Node {
		if line == nil {
			line = append(n.Ancestors(), n)
		}
		k := len(line) - steps + i
		if k < 0 || k >= len(line) {
			return document.Node{}
		}
		return line[k]
	}
}

// SchemaEdge gives the edge that a schema describes: a property, item, map value,
// parameter or header, or the named schema itself.
func (v *View) SchemaEdge(n document.Node) contracts.Edge {
	steps := n.Path()
	k := len(steps)
	line := n.Ancestors()
	up := func(levels int) document.Node {
		if i := len(line) - levels; i >= 0 && i < len(line) {
			return line[i]
		}
		return document.Node{}
	}
	switch {
	case k >= 2 && (steps[k-2] == "properties" || steps[k-2] == "patternProperties") && !(k >= 3 && steps[k-3] == "properties"):
		return contracts.Edge{Schema: v.OwnerName(up(2)), Name: steps[k-1], Kind: contracts.KindProperty}
	case k >= 2 && steps[k-2] == "allOf":
		return v.SchemaEdge(up(2))
	case k >= 1 && (steps[k-1] == "items" || steps[k-1] == "itemSchema"):
		return contracts.Edge{Schema: v.OwnerName(up(1)), Name: "[]", Kind: contracts.KindItem}
	case k >= 2 && steps[k-2] == "prefixItems":
		return contracts.Edge{Schema: v.OwnerName(up(2)), Name: "[" + steps[k-1] + "]", Kind: contracts.KindItem}
	case k >= 1 && steps[k-1] == "additionalProperties":
		return contracts.Edge{Schema: v.OwnerName(up(1)), Name: "{}", Kind: contracts.KindMapValue}
	case k >= 1 && steps[k-1] == "schema":
		return v.holderEdge(n, up(1), steps[:k-1])
	case k >= 2 && (steps[k-2] == "oneOf" || steps[k-2] == "anyOf"):
		return contracts.Edge{Schema: v.OwnerName(up(2)), Name: v.branchLabel(n, steps[k-1]), Kind: contracts.KindBranch}
	}
	return contracts.Edge{Schema: v.OwnerName(n), Kind: contracts.KindSchema}
}

// holderEdge gives the edge of the parameter, header or media type whose schema is n.
func (v *View) holderEdge(n, holder document.Node, steps []string) contracts.Edge {
	k := len(steps)
	if name := holder.Get("name"); name.Valid() && holder.Get("in").Valid() {
		return v.ParameterEdge(holder)
	}
	if k >= 2 && steps[k-2] == "headers" {
		return v.HeaderEdge(holder, steps[k-1])
	}
	return contracts.Edge{Schema: v.OwnerName(n), Kind: contracts.KindBody}
}

// ParameterEdge gives the edge of a parameter, named after the operation or path that
// declares it. A shared parameter has its own name only.
func (v *View) ParameterEdge(n document.Node) contracts.Edge {
	e := contracts.Edge{Name: n.Get("name").Text(), Kind: contracts.KindParameter}
	steps := n.Path()
	if k := len(steps); k >= 2 && n.Doc() == v.Contract.root && steps[0] != "components" {
		if line := n.Ancestors(); len(line) >= 2 {
			e.Schema = v.OwnerName(line[len(line)-2])
		}
	} else if k >= 3 && steps[0] == "components" && steps[2] != e.Name {
		e.Schema = steps[2]
	} else if n.Doc() != v.Contract.root {
		e.Schema = v.OwnerName(n)
	}
	return e
}

// HeaderEdge gives the edge of a response header.
func (v *View) HeaderEdge(n document.Node, name string) contracts.Edge {
	steps := n.Path()
	e := contracts.Edge{Name: name, Kind: contracts.KindHeader}
	if len(steps) >= 2 && steps[0] != "components" {
		if line := n.Ancestors(); len(line) >= 2 {
			e.Schema = v.OwnerName(line[len(line)-2])
		}
	}
	return e
}

// ComponentName gives the name of a shared schema, or "".
func (v *View) ComponentName(n document.Node) string {
	steps := n.Path()
	if n.Doc() == v.Contract.root {
		if len(steps) == 3 && steps[0] == "components" {
			return steps[2]
		}
		return ""
	}
	if len(steps) == 0 {
		return RefName(n.Doc().File)
	}
	return ""
}

// HolderName gives the name of the operation or path that declares a node, or "" if the
// document declares it for all operations.
func (v *View) HolderName(n document.Node) string {
	if n == v.Contract.Root() || len(n.Path()) <= 1 {
		return ""
	}
	if line := n.Ancestors(); len(line) > 0 {
		return v.OwnerName(line[len(line)-1])
	}
	return ""
}
