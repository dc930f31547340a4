package orgfixture

import (
	"fmt"
	"strings"
)

// fields that every resource has from the schema that all share: f0, f1, ….
const fields = 8

// Contract is the popular API's: four operations of each resource, whose schemas
// share one base. Without, where it is not negative, is the field that the base
// lacks; lacking the resource that lacks its own.
func Contract(resources, without, lacking int) string {
	var t strings.Builder
	t.WriteString("openapi: 3.0.3\ninfo: {title: Things, version: 1.0.0}\npaths:\n")
	for i := range resources {
		schema := fmt.Sprintf("application/json: {schema: {$ref: \"#/components/schemas/Thing%d\"}}", i)
		answer := "      responses: {\"200\": {description: ok, content: {" + schema + "}}}\n"
		id := "      parameters: [{name: id, in: path, required: true, schema: {type: string}}]\n"
		fmt.Fprintf(&t, "  /things-%d:\n    get:\n      responses: {\"200\": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: \"#/components/schemas/Thing%d\"}}}}}}\n", i, i)
		fmt.Fprintf(&t, "    post:\n      requestBody: {content: {%s}}\n%s", schema, answer)
		fmt.Fprintf(&t, "  /things-%d/{id}:\n    get:\n%s%s", i, id, answer)
		fmt.Fprintf(&t, "    delete:\n%s      responses: {\"204\": {description: gone}}\n", id)
	}
	t.WriteString("components:\n  schemas:\n    Base:\n      type: object\n      properties:\n        name: {type: string}\n")
	for f := range fields {
		if f != without {
			fmt.Fprintf(&t, "        f%d: {type: string}\n", f)
		}
	}
	t.WriteString("        lines: {type: array, items: {type: object, properties: {sku: {type: string}, price: {type: integer}}}}\n")
	for i := range resources {
		fmt.Fprintf(&t, "    Thing%d:\n      allOf: [{$ref: \"#/components/schemas/Base\"}]\n      properties:\n        note: {type: string}\n", i)
		if i != lacking {
			fmt.Fprintf(&t, "        own%d: {type: string}\n", i)
		}
	}
	return t.String()
}
