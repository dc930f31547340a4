package oracle

// causes are the reviewed disagreements, each with the reason who is right.
var causes = []cause{
	{name: "response bounds increased, decreased or unset", rules: bounds("response-body-", "response-property-", "response-header-", "response-"),
		reason: "ours: a bound that loosens in a response is `info` (row \"bounds\"): nobody fails for it"},
	{name: "below an item schema", rules: []string{"*"}, text: "(item schema)", reason: "neither: `itemSchema` is of OpenAPI 3.2, whose new fields are ignored aloud"},
	{name: "item schemas of media types", rules: []string{"*"}, text: "item schema", reason: "neither: `itemSchema` is of OpenAPI 3.2, whose new fields are ignored aloud"},
	{rules: []string{"request-property-became-required"}, text: "weight", reason: "neither: `itemSchema` is of OpenAPI 3.2"},
	{pairs: []string{"UnderQueryMethod"}, rules: []string{"api-path-removed-without-deprecation", "api-removed-without-deprecation", "request-property-type-changed"},
		reason: "neither: methods of OpenAPI 3.2 (QUERY, additionalOperations), ignored aloud"},
	{rules: []string{"api-invalid-stability-level", "request-parameter-sunset-parse", "request-property-deprecated-sunset-invalid", "response-property-deprecated-sunset-invalid"},
		reason: "ours: a level or date that does not parse is a fault of the document, and no change that a consumer can notice"},
	{rules: []string{"request-property-stability-decreased", "response-property-stability-decreased"},
		reason: "ours: x-stability-level is a promise of operations; docs/impact.md has no row for properties"},
	{pairs: []string{"SunsetDeleted"}, rules: []string{"sunset-deleted"}, reason: "ours: without a date the operation works longer than was said (`operation-sunset-later`, info); a sunset that moves earlier is what breaks"},
	{pairs: []string{"OrderIsStable"}, rules: []string{"request-body-any-of-removed"}, reason: "ours: the branch that took the other's place has the same structure; branches are matched by discriminator, name, then structure, and every value that was valid is"},
	{pairs: []string{"TestRulePositionSymmetry"}, rules: []string{"request-parameter-type-changed"}, reason: "ours: string became string or integer, which widens a request: safe"},
	{pairs: []string{"RealChangeAlongsideTransition", "github-22"}, rules: []string{"request-property-enum-value-removed", "response-property-type-changed", "response-property-one-of-added"},
		reason: "ours: the enum was written as a oneOf of enums with the same values, or gave way to the free type: nothing that was accepted is refused, nothing new comes"},
	{pairs: []string{"SchemaBecameNotFalse"}, rules: []string{"response-body-schema-became-false"}, reason: "ours by the letter: a response's type that narrows is safe; nothing at all may come, so nothing unknown comes"},
	{rules: []string{"response-media-type-parameter-removed"}, reason: "ours: `application/json; charset=utf-8` and `application/json` are the same media type"},
	{pairs: []string{"discord"}, rules: []string{"response-property-one-of-added"}, reason: "ours: a free value (an empty oneOf) got a oneOf of constants: a response narrowed, safe"},
	{pairs: []string{"discord"}, rules: []string{"request-property-one-of-removed"}, reason: "ours: the oneOf of constants went and any value of the type is accepted: a request widened, safe"},
	{pairs: []string{"anyOf became oneOf"}, rules: []string{"response-property-one-of-added", "response-property-any-of-removed", "request-property-one-of-removed", "request-property-any-of-removed", "request-property-any-of-*", "response-property-one-of-*"},
		reason: "ours: anyOf to oneOf narrows a response, oneOf to anyOf widens a request: both safe; the other way round is `composition-changed` and carried"},
	{pairs: []string{"moved from the operation to its path"}, rules: []string{"new-request-path-parameter"},
		reason: "ours: a parameter that moves between path and operation is the same parameter"},
	{pairs: []string{"github-22"}, rules: []string{"response-required-property-removed"}, reason: "ours: the property stays, in a part of an allOf; allOf is merged first"},
}

// bounds names oasdiff's rules for bounds that loosen, with the given beginnings.
func bounds(beginnings ...string) []string {
	var rules []string
	for _, b := range beginnings {
		for _, bound := range []string{"max", "min", "max-length", "min-length", "max-items", "min-items", "max-properties", "min-properties",
			"exclusive-min", "exclusive-max", "multiple-of", "pattern", "unique-items"} {
			for _, way := range []string{"unset", "increased", "decreased", "removed", "changed", "relaxed", "disabled"} {
				rules = append(rules, b+bound+"-"+way)
			}
		}
	}
	return rules
}
