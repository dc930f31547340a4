package openapi

import (
	"strconv"
	"strings"

	"plimsoll/contracts/document"
)

// parameter is one parameter of an operation, its own or its path's.
type Parameter struct {
	Key  string        // what it is matched by: place and name
	In   string        // path, query, header, cookie
	Name string        // as written
	Item document.Node // where the operation lists it, perhaps a $ref
	Node document.Node // resolved
	Edge document.Node // the place whose edge it is: shared, the path's or the operation's
}

// parameters gives the parameters of an operation; those of its own take the
// place of its path's. Path parameters are matched by their place in the path,
// since their names are not sent.
func (c *Contract) Parameters(op *Operation) []Parameter {
	var list []Parameter
	index := map[string]int{}
	places := map[string]string{}
	for i, name := range PathParameters(op.Path) {
		places[name] = "path " + strconv.Itoa(i)
	}
	for _, from := range []document.Node{op.Item.Get("parameters"), op.Node.Get("parameters")} {
		for _, item := range from.Items() {
			node := c.Deref(item)
			p := Parameter{In: node.Get("in").Text(), Name: node.Get("name").Text(), Item: item, Node: node, Edge: item}
			switch p.In {
			case "path":
				if p.Key = places[p.Name]; p.Key == "" {
					p.Key = "path " + p.Name
				}
			case "header":
				if isIgnoredHeader(p.Name) {
					continue
				}
				p.Key = "header " + strings.ToLower(p.Name)
			default:
				p.Key = p.In + " " + p.Name
			}
			if at, ok := index[p.Key]; ok {
				list[at] = p
				continue
			}
			index[p.Key] = len(list)
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
func ContentOf(n document.Node) (string, document.Node) {
	for media, value := range n.Get("content").Members() {
		return media, value.Get("schema")
	}
	return "", n.Get("schema")
}

// pathParameters gives the names of a path's parameters in order.
func PathParameters(path string) []string {
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
