package evidence

import (
	"path"
	"slices"
	"strings"

	"plimsoll/contracts"
)

// openapi-ts.config.{ts,js,…} of @hey-api/openapi-ts
// (https://heyapi.dev/openapi-ts/configuration/parser): parser.filters.operations
// with include and exclude, each "GET /path". It is a program: only what stands
// there literally is read, and a list that holds anything else is no list.
var heyAPIImporter = importer{
	kind: contracts.EvidenceHeyAPI,
	path: func(file string) bool {
		base := path.Base(file)
		stem, extension, _ := strings.Cut(strings.TrimPrefix(base, "openapi-ts.config."), ".")
		return strings.HasPrefix(base, "openapi-ts.config.") && extension == "" && slices.Contains([]string{"ts", "js", "mjs", "cjs", "mts", "cts"}, stem)
	},
	read: readHeyAPI,
}

func readHeyAPI(file string, data []byte) ([]imported, error) {
	if len(data) > maxScript {
		return nil, nil
	}
	var all []imported
	for _, root := range scriptObjects(file, data) {
		configs := []node{root}
		if root.isList() { // several jobs in one file
			configs = slices.Collect(root.items())
		}
		for _, c := range configs {
			if c.isMap() && c.get("input").Node != nil {
				all = append(all, heyAPIClient(file, c))
			}
		}
	}
	return all, nil
}

func heyAPIClient(file string, c node) imported {
	input := c.get("input")
	if input.isMap() {
		input = input.get("path")
	}
	out := imported{usage: contracts.Usage{Via: "hey-api", Evidence: c.get("input").evidence(contracts.EvidenceHeyAPI)}}
	if input.isText() {
		out.spec = input.text()
		out.addName(specName(out.spec))
		out.stored = shortPath(file, out.spec)
	}
	if output := c.get("output"); output.isText() {
		out.addName(specName(output.text()))
	} else {
		out.addName(specName(output.get("path").text()))
	}
	operations := c.get("parser", "filters", "operations")
	excluded := operations.get("exclude").texts()
	include, literal := operations.get("include"), true
	for item := range include.items() {
		selector := strings.TrimSpace(item.text())
		method, position, ok := strings.Cut(selector, " ")
		upper, isVerb := isMethod(method)
		if !item.isText() || !ok || !isVerb || !strings.HasPrefix(position, "/") {
			literal = false // a pattern or an expression: anything may be meant
			break
		}
		if !slices.Contains(excluded, selector) {
			out.usage.Operations = append(out.usage.Operations, contracts.OperationUse{
				Selector: upper + " " + templatePath(position), Evidence: item.evidence(contracts.EvidenceHeyAPI)})
		}
	}
	if !literal {
		out.usage.Operations = nil
	}
	return out
}
