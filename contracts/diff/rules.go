package diff

import (
	"slices"
	"strings"

	"plimsoll/contracts"
)

// Rule is one rule of the comparison. Names are stable.
type Rule struct {
	Name string `json:"name"`
	// Level is the usual level. A change may be more or less severe where the contract says
	// more (an extensible enum, a closed schema).
	Level     contracts.Level     `json:"level"`
	Direction contracts.Direction `json:"direction"`
	// Reason says in one line why the level is what it is.
	Reason string `json:"reason"`
	// Example shows the change in a few words.
	Example string `json:"example"`
}

// Rules gives every rule, sorted by name.
func Rules() []Rule {
	rules := make([]Rule, 0, len(ruleTable))
	for _, r := range ruleTable {
		rules = append(rules, r.Rule)
	}
	slices.SortFunc(rules, func(a, b Rule) int { return strings.Compare(a.Name, b.Name) })
	return rules
}

// harm says which consumers a change affects, and how a consumer is judged by it.
type harm uint8

const (
	harmNobody          harm = iota
	harmUsers                // uses the operation: breaks
	harmUsersMay             // uses the operation: may break
	harmUsersLeft            // uses the operation, but an accepted alternative is left
	harmGenerated            // a client whose generator keys on the name: may break
	harmReaders              // reads the edge or below: breaks
	harmIntolerant           // the same, unless the pattern is marked ?
	harmReadersMay           // reads the edge: may break; marked !: breaks
	harmReadersUnproved      // reads the edge: may break, since nothing is proved
	harmVariantReaders       // reads only inside the branch: breaks
	harmSenders              // sends the edge or below: breaks
	harmSendersMay           // sends the edge: may break
	harmSendersNull          // sends the edge: may break; declares null: breaks
	harmSendersUnproved      // sends the edge: may break, since nothing is proved
	harmDropped              // sends what is no longer known: open or closed decides
	harmNewRequired          // sends the parent: breaks, listed or not
	harmNowRequired          // sends the parent and lists what it sends without this: breaks
	harmEnumSenders          // sends that value: breaks; values not listed: may break
	harmDefaulted            // does not send it: may break
	harmVariantSenders       // sends that variant: breaks
	harmMapSenders           // sends what no property names
	harmStatus               // handles that success status, or lists none: breaks
	harmStatusMay            // handles that status: may break
	harmMediaSenders         // sends a body of that media type
	harmMediaReaders         // reads a body of that media type
)

// ruleSpec is a rule with the way its changes are judged.
type ruleSpec struct {
	Rule
	harm harm
}

var ruleTable = buildRules()

var ruleByName = func() map[string]*ruleSpec {
	index := make(map[string]*ruleSpec, len(ruleTable))
	for i := range ruleTable {
		index[ruleTable[i].Name] = &ruleTable[i]
	}
	return index
}()

// row is one line of the rule tables; the direction is in the name.
type row struct {
	name    string
	level   contracts.Level
	harm    harm
	reason  string
	example string
}

func buildRules() []ruleSpec {
	var specs []ruleSpec
	for _, table := range [][]row{operationRules, messageRules, schemaRules, valueRules, unionRules, boundRules()} {
		for _, r := range table {
			direction := contracts.Request
			if strings.HasPrefix(r.name, "response-") {
				direction = contracts.Response
			}
			specs = append(specs, ruleSpec{Rule: Rule{Name: r.name, Level: r.level, Direction: direction, Reason: r.reason, Example: r.example}, harm: r.harm})
		}
	}
	return specs
}

// boundKeywords maps the keywords of numeric limits and the like to how rules
// name them.
var boundKeywords = []struct{ keyword, name string }{
	{"minimum", "minimum"}, {"maximum", "maximum"}, {"minLength", "min-length"}, {"maxLength", "max-length"},
	{"minItems", "min-items"}, {"maxItems", "max-items"}, {"minProperties", "min-properties"}, {"maxProperties", "max-properties"},
	{"multipleOf", "multiple-of"}, {"pattern", "pattern"}, {"uniqueItems", "unique-items"},
}

func boundRules() []row {
	var rows []row
	for _, b := range boundKeywords {
		rows = append(rows,
			row{"request-" + b.name + "-tightened", contracts.Breaking, harmSendersMay, "values that were accepted are now refused", b.keyword + " added or made stricter in a request"},
			row{"request-" + b.name + "-loosened", contracts.Info, harmNobody, "whatever was accepted still is", b.keyword + " dropped or made looser in a request"},
			row{"response-" + b.name + "-tightened", contracts.Info, harmNobody, "whatever comes was already possible", b.keyword + " added or made stricter in a response"},
			row{"response-" + b.name + "-loosened", contracts.Info, harmNobody, "a reader seldom relies on a bound", b.keyword + " dropped or made looser in a response"},
		)
	}
	return rows
}

// operationRules speak of operations as a whole.
var operationRules = []row{
	{"api-removed", contracts.Breaking, harmUsers, "no operation answers any more", "the contract's file is gone"},
	{"operation-removed", contracts.Breaking, harmUsers, "every call to it fails", "DELETE /orders/{id} is gone"},
	{"operation-added", contracts.Info, harmNobody, "nobody can use it yet", "GET /orders/{id}/history is new"},
	{"path-parameter-renamed", contracts.Info, harmNobody, "the name of a path parameter is not sent", "/orders/{id} became /orders/{orderId}"},
	{"operation-id-changed", contracts.Risky, harmGenerated, "generated clients name their methods after it", "operationId getOrder became fetchOrder"},
	{"operation-tags-changed", contracts.Risky, harmGenerated, "generated clients group their methods by it", "tag orders became sales"},
	{"operation-deprecated", contracts.Info, harmNobody, "a notice: it still works", "deprecated: true"},
	{"operation-undeprecated", contracts.Info, harmNobody, "it stays after all", "deprecated: true is gone"},
	{"operation-sunset-set", contracts.Info, harmNobody, "a notice: it works until that date", "x-sunset: 2027-01-31"},
	{"operation-sunset-earlier", contracts.Breaking, harmUsers, "consumers have planned with the later date", "x-sunset moved from 2027-06-30 to 2027-01-31"},
	{"operation-sunset-later", contracts.Info, harmNobody, "it works longer than was said", "x-sunset moved from 2027-01-31 to 2027-06-30, or is gone"},
	{"operation-stability-lowered", contracts.Risky, harmUsersMay, "less is promised than before", "x-stability-level: stable became beta"},
	{"operation-stability-raised", contracts.Info, harmNobody, "more is promised than before", "x-stability-level: beta became stable"},
	{"callback-removed", contracts.Breaking, harmUsers, "whoever waits for it waits in vain", "callback orderShipped is gone"},
	{"callback-added", contracts.Info, harmNobody, "the provider calls only who asks for it", "callback orderShipped is new"},
	{"security-added", contracts.Breaking, harmUsers, "calls without credentials are refused", "security: [{apiKey: []}] is new"},
	{"security-removed", contracts.Info, harmNobody, "credentials are no longer needed", "security: [{apiKey: []}] is gone"},
	{"security-alternative-removed", contracts.Breaking, harmUsers, "calls with those credentials are refused", "apiKey is no longer accepted"},
	{"security-alternative-added", contracts.Info, harmNobody, "what was accepted still is", "apiKey is accepted as well"},
	{"security-scope-added", contracts.Breaking, harmUsers, "tokens without the scope are refused", "scope orders:read is demanded"},
	{"security-scheme-changed", contracts.Breaking, harmUsers, "credentials must be given in another way", "apiKey moved from query to header"},
	{"server-removed", contracts.Breaking, harmUsers, "the address answers no more", "https://api.acme.dev/v1 is gone"},
	{"server-added", contracts.Info, harmNobody, "the old addresses still answer", "https://eu.acme.dev is new"},
	{"server-variable-changed", contracts.Risky, harmUsersMay, "an address made from it may answer no more", "enum of variable region lost us-east"},
	{"schema-renamed", contracts.Risky, harmGenerated, "generated clients name their types after it", "schema Order became Purchase"},
}

// messageRules speak of parameters, bodies, statuses, media types and headers.
var messageRules = []row{
	{"request-parameter-removed", contracts.Risky, harmDropped, "what is sent is silently ignored", "query parameter limit is gone"},
	{"request-parameter-added-required", contracts.Breaking, harmNewRequired, "calls without it are refused", "query parameter region is new and required"},
	{"request-parameter-added-optional", contracts.Info, harmNobody, "calls without it still work", "query parameter region is new"},
	{"request-parameter-became-required", contracts.Breaking, harmNowRequired, "calls without it are refused", "query parameter limit: required: true"},
	{"request-parameter-became-optional", contracts.Info, harmNobody, "less is demanded", "query parameter limit: required: false"},
	{"request-parameter-style-changed", contracts.Breaking, harmSenders, "the value is read in another notation", "explode: true became false"},
	{"request-parameter-content-changed", contracts.Breaking, harmSenders, "the value is read in another format", "schema became content: application/json"},
	{"request-parameter-empty-value-disallowed", contracts.Breaking, harmSendersMay, "calls that give it without a value are refused", "query parameter filter: allowEmptyValue: true is gone"},
	{"request-parameter-empty-value-allowed", contracts.Info, harmNobody, "whatever was accepted still is", "query parameter filter: allowEmptyValue: true"},
	{"request-parameter-reserved-disallowed", contracts.Breaking, harmSendersMay, "characters such as / and & must now be percent-encoded", "query parameter path: allowReserved: true is gone"},
	{"request-parameter-reserved-allowed", contracts.Info, harmNobody, "whatever was accepted still is", "query parameter path: allowReserved: true"},
	{"request-parameter-deprecated", contracts.Info, harmNobody, "a notice: it still works", "deprecated: true"},
	{"request-body-added-required", contracts.Breaking, harmNewRequired, "calls without a body are refused", "a required request body is new"},
	{"request-body-added-optional", contracts.Info, harmNobody, "calls without a body still work", "an optional request body is new"},
	{"request-body-removed", contracts.Risky, harmDropped, "what is sent is silently ignored", "the request body is gone"},
	{"request-body-became-required", contracts.Breaking, harmNowRequired, "calls without a body are refused", "requestBody: required: true"},
	{"request-body-became-optional", contracts.Info, harmNobody, "less is demanded", "requestBody: required: false"},
	{"request-media-type-removed", contracts.Breaking, harmMediaSenders, "bodies of that type are refused", "application/xml is gone"},
	{"request-media-type-added", contracts.Info, harmNobody, "what was accepted still is", "application/xml is accepted as well"},
	{"request-encoding-changed", contracts.Breaking, harmSenders, "the part is read in another format", "encoding of part photo: contentType changed"},
	{"response-status-removed", contracts.Breaking, harmStatus, "the call succeeds in another way", "201 became 202"},
	{"response-error-status-removed", contracts.Risky, harmStatusMay, "an error is told in another way", "404 is gone"},
	{"response-status-added", contracts.Risky, harmStatusMay, "a consumer may not know it for a success", "202 is new"},
	{"response-error-status-added", contracts.Info, harmNobody, "errors may always come", "429 is new"},
	{"response-media-type-removed", contracts.Breaking, harmMediaReaders, "the body comes in another format", "application/xml is gone"},
	{"response-media-type-added", contracts.Info, harmNobody, "it comes to those who accept it", "application/xml is new"},
	{"response-media-type-changed", contracts.Breaking, harmMediaReaders, "a body comes where there was none", "204 without a body has one"},
	{"response-header-removed", contracts.Breaking, harmReaders, "readers of the header find nothing", "header X-Next is gone"},
	{"response-header-added", contracts.Info, harmNobody, "nobody reads it yet", "header X-Next is new"},
	{"response-header-became-optional", contracts.Breaking, harmIntolerant, "the header may be missing", "header X-Next: required: false"},
	{"response-header-became-required", contracts.Info, harmNobody, "more is promised", "header X-Next: required: true"},
	{"response-header-style-changed", contracts.Breaking, harmReaders, "the value comes in another notation", "explode: true became false"},
	{"response-link-removed", contracts.Risky, harmUsersMay, "followers of the link find nothing", "link GetOrderById is gone"},
	{"response-link-changed", contracts.Risky, harmUsersMay, "followers of the link come out elsewhere", "link GetOrderById names another operation"},
	{"response-link-added", contracts.Info, harmNobody, "nobody follows it yet", "link GetOrderById is new"},
}

// schemaRules speak of properties and of what holds together.
var schemaRules = []row{
	{"request-property-removed", contracts.Risky, harmDropped, "what is sent is silently ignored, or refused where the schema is closed", "property coupon is gone"},
	{"request-property-added-required", contracts.Breaking, harmNewRequired, "requests without it are refused", "property region is new and required"},
	{"request-property-added-optional", contracts.Info, harmNobody, "requests without it still work", "property region is new"},
	{"request-property-became-required", contracts.Breaking, harmNowRequired, "requests without it are refused", "required: [currency]"},
	{"request-property-became-optional", contracts.Info, harmNobody, "less is demanded", "currency left required"},
	{"request-property-deprecated", contracts.Info, harmNobody, "a notice: it still works", "deprecated: true"},
	{"response-property-removed", contracts.Breaking, harmReaders, "readers of the property find nothing", "property sku is gone"},
	{"response-property-added", contracts.Info, harmNobody, "nobody reads it yet", "property weight is new"},
	{"response-property-became-optional", contracts.Breaking, harmIntolerant, "the property may be missing", "total left required"},
	{"response-property-became-required", contracts.Info, harmNobody, "more is promised", "required: [total]"},
	{"response-property-deprecated", contracts.Info, harmNobody, "a notice: it still comes", "deprecated: true"},
	{"request-additional-properties-closed", contracts.Breaking, harmMapSenders, "properties that the contract does not name are refused", "additionalProperties: false"},
	{"request-additional-properties-constrained", contracts.Risky, harmMapSenders, "properties that the contract does not name must now fit a schema", "additionalProperties: {type: string}"},
	{"request-additional-properties-opened", contracts.Info, harmNobody, "more is accepted", "additionalProperties: false is gone"},
	{"response-additional-properties-closed", contracts.Info, harmNobody, "less may come", "additionalProperties: false"},
	{"response-additional-properties-opened", contracts.Info, harmNobody, "unknown properties are to be ignored", "additionalProperties: false is gone"},
	{"response-additional-properties-loosened", contracts.Risky, harmReaders, "map values may be anything", "additionalProperties: {type: string} became true"},
	{"response-additional-properties-constrained", contracts.Info, harmNobody, "less may come", "additionalProperties: {type: string}"},
	{"request-tuple-changed", contracts.Breaking, harmSenders, "an item means something else at its place", "prefixItems lost an item"},
	{"response-tuple-changed", contracts.Breaking, harmReaders, "an item means something else at its place", "prefixItems lost an item"},
	{"request-constraint-changed", contracts.Risky, harmSendersUnproved, "what the constraint refuses is not worked out", "not: {…} changed"},
	{"response-constraint-changed", contracts.Risky, harmReadersUnproved, "what the constraint refuses is not worked out", "if: {…} changed"},
}

// valueRules speak of what a value may be.
var valueRules = []row{
	{"request-type-changed", contracts.Breaking, harmSenders, "values of the old type are refused", "string became integer"},
	{"request-type-widened", contracts.Info, harmNobody, "whatever was accepted still is", "integer became number"},
	{"response-type-changed", contracts.Breaking, harmReaders, "values of another type come", "integer became string"},
	{"response-type-narrowed", contracts.Info, harmNobody, "whatever comes was already possible", "number became integer"},
	{"request-format-changed", contracts.Breaking, harmSenders, "values of the old format are refused", "format date became date-time"},
	{"request-format-widened", contracts.Info, harmNobody, "whatever was accepted still is", "format int32 became int64"},
	{"response-format-changed", contracts.Breaking, harmReaders, "values of another format come", "format date became date-time"},
	{"response-format-narrowed", contracts.Info, harmNobody, "whatever comes was already possible", "format int64 became int32"},
	{"request-became-not-nullable", contracts.Breaking, harmSendersNull, "null is refused", "nullable: true is gone"},
	{"request-became-nullable", contracts.Info, harmNobody, "more is accepted", "nullable: true"},
	{"response-became-nullable", contracts.Breaking, harmIntolerant, "null may come", "nullable: true"},
	{"response-became-not-nullable", contracts.Info, harmNobody, "more is promised", "nullable: true is gone"},
	{"request-enum-value-removed", contracts.Breaking, harmEnumSenders, "the value is refused", "enum lost express"},
	{"request-enum-value-added", contracts.Info, harmNobody, "more is accepted", "enum gained express"},
	{"request-enum-introduced", contracts.Breaking, harmEnumSenders, "values outside the list are refused", "enum: [card, cash] on a free string"},
	{"request-enum-dropped", contracts.Info, harmNobody, "more is accepted", "enum: [card, cash] is gone"},
	{"response-enum-value-added", contracts.Risky, harmReadersMay, "a consumer may not know the value", "enum gained express"},
	{"response-enum-value-removed", contracts.Info, harmNobody, "a branch of the consumer is dead", "enum lost express"},
	{"response-enum-introduced", contracts.Info, harmNobody, "less may come", "enum: [card, cash] on a free string"},
	{"response-enum-dropped", contracts.Risky, harmReadersMay, "a consumer may not know the value", "enum: [card, cash] is gone"},
	{"request-default-changed", contracts.Risky, harmDefaulted, "whoever leaves it out gets something else", "default 20 became 100"},
	{"response-default-changed", contracts.Info, harmNobody, "documentation only", "default 20 became 100"},
}

// unionRules speak of oneOf, anyOf and discriminators.
var unionRules = []row{
	{"request-branch-removed", contracts.Breaking, harmVariantSenders, "values of that variant are refused", "oneOf lost BankTransfer"},
	{"request-branch-added", contracts.Info, harmNobody, "more is accepted", "oneOf gained BankTransfer"},
	{"response-branch-added", contracts.Risky, harmReadersMay, "a consumer may not know the variant", "oneOf gained BankTransfer"},
	{"response-branch-removed", contracts.Risky, harmVariantReaders, "what was read inside that variant never comes", "oneOf lost BankTransfer"},
	{"request-discriminator-changed", contracts.Breaking, harmSenders, "variants are told apart in another way", "discriminator kind became type"},
	{"response-discriminator-changed", contracts.Breaking, harmReaders, "variants are told apart in another way", "discriminator kind became type"},
	{"request-discriminator-added", contracts.Info, harmNobody, "what tells the variants apart is now written down", "discriminator kind is new"},
	{"response-discriminator-added", contracts.Info, harmNobody, "what tells the variants apart is now written down", "discriminator kind is new"},
	{"request-composition-changed", contracts.Risky, harmSendersUnproved, "regrouped oneOf, anyOf or allOf: not proved to accept the same", "a schema became a oneOf without an equal branch"},
	{"response-composition-changed", contracts.Risky, harmReadersUnproved, "regrouped oneOf, anyOf or allOf: not proved to give the same", "a oneOf became a schema of its own"},
}
