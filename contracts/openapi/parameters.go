package openapi

import (
	"strconv"
	"strings"

	"plimsoll/contracts/document"
)

// Parameter is one parameter of an operation, its own or its path's.
type Parameter struct {
	Key  string        // its identity: place and name
	In   string        // path, query, querystring, header, cookie
	Name string        // as written
	Item document.Node // where the operation lists it, perhaps a $ref
	Node document.Node // resolved
	Edge document.Node // the node that declares it: shared, the path's or the operation's
}

// Parameters gives the parameters of an operation. Its own override those of its path.
// Path parameters are identified by their place in the path, since their names are not
// sent.
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
				if isIgnoredHeader(p.Name) && !c.version.swagger {
					continue
				}
				p.Key = "header " + strings.ToLower(p.Name)
			case "querystring": // the whole query, so that there is one at most; its name is not sent
				p.Key = p.In
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

// isIgnoredHeader tells whether OpenAPI 3 describes a header elsewhere (Parameter Object,
// "name"). In Swagger 2.0 such a header is a parameter as any other.
func isIgnoredHeader(name string) bool {
	switch strings.ToLower(name) {
	case "accept", "content-type", "authorization":
		return true
	}
	return false
}

// ContentOf gives the media type and the schema of a parameter or header. The media type
// is "" where the value has no content.
func (c *Contract) ContentOf(n document.Node) (string, document.Node) {
	for media, value := range n.Get("content").Members() {
		return media, c.Deref(value).Get("schema")
	}
	return "", n.Get("schema")
}

// PathParameters gives the names of the parameters of a path, in order.
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
