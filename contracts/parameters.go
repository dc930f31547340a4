package contracts

import (
	"strconv"
	"strings"

	"plimsoll/contracts/document"
)

// parameter is one parameter of an operation, its own or its path's.
type parameter struct {
	key  string        // what it is matched by: place and name
	in   string        // path, query, header, cookie
	name string        // as written
	item document.Node // where the operation lists it, perhaps a $ref
	node document.Node // resolved
	edge document.Node // the place whose edge it is: shared, the path's or the operation's
}

// parameters gives the parameters of an operation; those of its own take the
// place of its path's. Path parameters are matched by their place in the path,
// since their names are not sent.
func (c *Contract) parameters(op *Operation) []parameter {
	var list []parameter
	index := map[string]int{}
	places := map[string]string{}
	for i, name := range pathParameters(op.Path) {
		places[name] = "path " + strconv.Itoa(i)
	}
	for _, from := range []document.Node{op.Item.Get("parameters"), op.Node.Get("parameters")} {
		for _, item := range from.Items() {
			node := c.deref(item)
			p := parameter{in: node.Get("in").Text(), name: node.Get("name").Text(), item: item, node: node, edge: item}
			switch p.in {
			case "path":
				if p.key = places[p.name]; p.key == "" {
					p.key = "path " + p.name
				}
			case "header":
				if isIgnoredHeader(p.name) {
					continue
				}
				p.key = "header " + strings.ToLower(p.name)
			default:
				p.key = p.in + " " + p.name
			}
			if at, ok := index[p.key]; ok {
				list[at] = p
				continue
			}
			index[p.key] = len(list)
			list = append(list, p)
		}
	}
	return list
}

// isIgnoredHeader names the headers that OpenAPI describes elsewhere
// (Parameter Object, "name").
func isIgnoredHeader(name string) bool {
	switch strings.ToLower(name) {
	case "accept", "content-type", "authorization":
		return true
	}
	return false
}

// contentOf gives the media type ("" where the value is written plainly) and the
// schema of a parameter or header.
func contentOf(n document.Node) (string, document.Node) {
	for media, value := range n.Get("content").Members() {
		return media, value.Get("schema")
	}
	return "", n.Get("schema")
}

// pathParameters gives the names of a path's parameters in order.
func pathParameters(path string) []string {
	var names []string
	for {
		open := strings.IndexByte(path, '{')
		if open < 0 {
			return names
		}
		end := strings.IndexByte(path[open:], '}')
		if end < 0 {
			return names
		}
		names = append(names, path[open+1:open+end])
		path = path[open+end+1:]
	}
}
