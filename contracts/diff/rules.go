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

// NotCompared tells whether a change stands for something that is not compared.
func NotCompared(c contracts.Change) bool { return c.Rule == "construct-not-compared" }

// harm says which consumers a change affects, and how much.
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
	harmUnknown              // uses the operation: unknown
)

// ruleSpec is a rule with the effect of its changes.
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
			row{"request-" + b.name + "-tightened", contracts.Breaking, harmSendersMay, "values that were accepted are now rejected", b.keyword + " added or made stricter in a request"},
			row{"request-" + b.name + "-loosened", contracts.Info, harmNobody, "all values that were accepted still are", b.keyword + " dropped or made looser in a request"},
			row{"response-" + b.name + "-tightened", contracts.Info, harmNobody, "all values were possible before", b.keyword + " added or made stricter in a response"},
			row{"response-" + b.name + "-loosened", contracts.Info, harmNobody, "readers rarely rely on a limit", b.keyword + " dropped or made looser in a response"},
		)
	}
	return rows
}

// operationRules are about operations as a whole.
var operationRules = []row{
	{"api-removed", contracts.Breaking, harmUsers, "all operations are gone", "the contract's file was removed"},
	{"operation-removed", contracts.Breaking, harmUsers, "every call to it fails", "DELETE /orders/{id} removed"},
	{"operation-added", contracts.Info, harmNobody, "no consumer can use it yet", "GET /orders/{id}/history added"},
	{"operation-shadowed", contracts.Risky, harmUsersMay, "calls with this value of the path parameter now reach another operation", "GET /orders/export added beside GET /orders/{id}"},
	{"path-parameter-renamed", contracts.Info, harmNobody, "the name of a path parameter is not sent", "/orders/{id} became /orders/{orderId}"},
	{"operation-id-changed", contracts.Risky, harmGenerated, "generated clients name their methods after it", "operationId getOrder became fetchOrder"},
	{"operation-tags-changed", contracts.Risky, harmGenerated, "generated clients group their methods by it", "tag orders became sales"},
	{"operation-deprecated", contracts.Info, harmNobody, "a notice only: it still works", "deprecated: true"},
	{"operation-undeprecated", contracts.Info, harmNobody, "it is no longer deprecated", "deprecated: true removed"},
	{"operation-sunset-set", contracts.Info, harmNobody, "a notice only: it works until that date", "x-sunset: 2027-01-31"},
	{"operation-sunset-earlier", contracts.Breaking, harmUsers, "consumers rely on the later date", "x-sunset moved from 2027-06-30 to 2027-01-31"},
	{"operation-sunset-later", contracts.Info, harmNobody, "it works longer than announced", "x-sunset moved from 2027-01-31 to 2027-06-30, or removed"},
	{"operation-stability-lowered", contracts.Risky, harmUsersMay, "it may change more often than before", "x-stability-level: stable became beta"},
	{"operation-stability-raised", contracts.Info, harmNobody, "it changes less often than before", "x-stability-level: beta became stable"},
	{"callback-removed", contracts.Breaking, harmUsers, "consumers will never receive this callback", "callback orderShipped removed"},
	{"callback-added", contracts.Info, harmNobody, "the provider calls only consumers that register for it", "callback orderShipped added"},
	{"security-added", contracts.Breaking, harmUsers, "calls without credentials are rejected", "security: [{apiKey: []}] added"},
	{"security-removed", contracts.Info, harmNobody, "credentials are no longer needed", "security: [{apiKey: []}] removed"},
	{"security-alternative-removed", contracts.Breaking, harmUsers, "calls with these credentials are rejected", "apiKey is no longer accepted"},
	{"security-alternative-added", contracts.Info, harmNobody, "everything that was accepted still is", "apiKey is accepted as well"},
	{"security-scope-added", contracts.Breaking, harmUsers, "tokens without the scope are rejected", "scope orders:read is now required"},
	{"security-scheme-changed", contracts.Breaking, harmUsers, "credentials must be sent in another way", "apiKey moved from query to header"},
	{"security-scheme-deprecated", contracts.Info, harmNobody, "a notice only: it still works", "deprecated: true"},
	{"construct-not-compared", contracts.Risky, harmUnknown, "its effect on what changed is not known", "jsonSchemaDialect: https://acme.dev/dialect"},
	{"server-removed", contracts.Breaking, harmUsers, "calls to this address fail", "https://api.acme.dev/v1 removed"},
	{"server-added", contracts.Info, harmNobody, "the old addresses still work", "https://eu.acme.dev added"},
	{"server-variable-changed", contracts.Risky, harmUsersMay, "addresses that use the variable may stop working", "enum of variable region lost us-east"},
	{"schema-renamed", contracts.Risky, harmGenerated, "generated clients name their types after it", "schema Order became Purchase"},
}

// messageRules are about parameters, bodies, statuses, media types and headers.
var messageRules = []row{
	{"request-parameter-removed", contracts.Risky, harmDropped, "the value is silently ignored", "query parameter limit removed"},
	{"request-parameter-added-required", contracts.Breaking, harmNewRequired, "calls without it are rejected", "query parameter region added as required"},
	{"request-parameter-added-optional", contracts.Info, harmNobody, "calls without it still work", "query parameter region added"},
	{"request-parameter-became-required", contracts.Breaking, harmNowRequired, "calls without it are rejected", "query parameter limit: required: true"},
	{"request-parameter-became-optional", contracts.Info, harmNobody, "it may still be sent", "query parameter limit: required: false"},
	{"request-parameter-style-changed", contracts.Breaking, harmSenders, "the provider parses the value differently", "explode: true became false"},
	{"request-parameter-content-changed", contracts.Breaking, harmSenders, "the provider parses the value in another format", "schema became content: application/json"},
	{"request-parameter-empty-value-disallowed", contracts.Breaking, harmSendersMay, "calls with an empty value are rejected", "query parameter filter: allowEmptyValue: true removed"},
	{"request-parameter-empty-value-allowed", contracts.Info, harmNobody, "all values that were accepted still are", "query parameter filter: allowEmptyValue: true"},
	{"request-parameter-reserved-disallowed", contracts.Breaking, harmSendersMay, "characters such as / and & must now be percent-encoded", "query parameter path: allowReserved: true removed"},
	{"request-parameter-reserved-allowed", contracts.Info, harmNobody, "all values that were accepted still are", "query parameter path: allowReserved: true"},
	{"request-parameter-deprecated", contracts.Info, harmNobody, "a notice only: it still works", "deprecated: true"},
	{"request-body-added-required", contracts.Breaking, harmNewRequired, "calls without a body are rejected", "a required request body added"},
	{"request-body-added-optional", contracts.Info, harmNobody, "calls without a body still work", "an optional request body added"},
	{"request-body-removed", contracts.Risky, harmDropped, "the value is silently ignored", "the request body removed"},
	{"request-body-became-required", contracts.Breaking, harmNowRequired, "calls without a body are rejected", "requestBody: required: true"},
	{"request-body-became-optional", contracts.Info, harmNobody, "it may still be sent", "requestBody: required: false"},
	{"request-media-type-removed", contracts.Breaking, harmMediaSenders, "bodies of this type are rejected", "application/xml removed"},
	{"request-media-type-added", contracts.Info, harmNobody, "everything that was accepted still is", "application/xml is accepted as well"},
	{"request-encoding-changed", contracts.Breaking, harmSenders, "the provider parses the part in another format", "encoding of part photo: contentType changed"},
	{"response-status-removed", contracts.Breaking, harmStatus, "successful calls return another status", "201 became 202"},
	{"response-error-status-removed", contracts.Risky, harmStatusMay, "the error has another status", "404 removed"},
	{"response-status-added", contracts.Risky, harmStatusMay, "a consumer may not treat the status as success", "202 added"},
	{"response-error-status-added", contracts.Info, harmNobody, "consumers must expect any error", "429 added"},
	{"response-media-type-removed", contracts.Breaking, harmMediaReaders, "the body has another format", "application/xml removed"},
	{"response-media-type-added", contracts.Info, harmNobody, "only consumers that accept it receive it", "application/xml added"},
	{"response-media-type-changed", contracts.Breaking, harmMediaReaders, "there is a body where there was none", "204 without a body has one"},
	{"response-header-removed", contracts.Breaking, harmReaders, "the header is missing for its readers", "header X-Next removed"},
	{"response-header-added", contracts.Info, harmNobody, "no consumer reads it yet", "header X-Next added"},
	{"response-header-became-optional", contracts.Breaking, harmIntolerant, "the header may be missing", "header X-Next: required: false"},
	{"response-header-became-required", contracts.Info, harmNobody, "it is now always present", "header X-Next: required: true"},
	{"response-header-style-changed", contracts.Breaking, harmReaders, "the value has another notation", "explode: true became false"},
	{"response-link-removed", contracts.Risky, harmUsersMay, "consumers that follow the link fail", "link GetOrderById removed"},
	{"response-link-changed", contracts.Risky, harmUsersMay, "the link leads to another operation", "link GetOrderById names another operation"},
	{"response-link-added", contracts.Info, harmNobody, "no consumer follows it yet", "link GetOrderById added"},
}

// schemaRules are about properties and objects.
var schemaRules = []row{
	{"request-property-removed", contracts.Risky, harmDropped, "the value is silently ignored, or rejected if the schema is closed", "property coupon removed"},
	{"request-property-added-required", contracts.Breaking, harmNewRequired, "requests without it are rejected", "property region added as required"},
	{"request-property-added-optional", contracts.Info, harmNobody, "requests without it still work", "property region added"},
	{"request-property-became-required", contracts.Breaking, harmNowRequired, "requests without it are rejected", "required: [currency]"},
	{"request-property-became-optional", contracts.Info, harmNobody, "it may still be sent", "currency is no longer in required"},
	{"request-property-deprecated", contracts.Info, harmNobody, "a notice only: it still works", "deprecated: true"},
	{"response-property-removed", contracts.Breaking, harmReaders, "the property is missing for its readers", "property sku removed"},
	{"response-property-added", contracts.Info, harmNobody, "no consumer reads it yet", "property weight added"},
	{"response-property-became-optional", contracts.Breaking, harmIntolerant, "the property may be missing", "total is no longer in required"},
	{"response-property-became-required", contracts.Info, harmNobody, "it is now always present", "required: [total]"},
	{"response-property-deprecated", contracts.Info, harmNobody, "a notice only: it is still sent", "deprecated: true"},
	{"request-additional-properties-closed", contracts.Breaking, harmMapSenders, "properties that the contract does not name are rejected", "additionalProperties: false"},
	{"request-additional-properties-constrained", contracts.Risky, harmMapSenders, "properties that the contract does not name must match a schema", "additionalProperties: {type: string}"},
	{"request-additional-properties-opened", contracts.Info, harmNobody, "more values are accepted", "additionalProperties: false removed"},
	{"response-additional-properties-closed", contracts.Info, harmNobody, "fewer values are possible", "additionalProperties: false"},
	{"response-additional-properties-opened", contracts.Info, harmNobody, "consumers should ignore unknown properties", "additionalProperties: false removed"},
	{"response-additional-properties-loosened", contracts.Risky, harmReaders, "map values may have any type", "additionalProperties: {type: string} became true"},
	{"response-additional-properties-constrained", contracts.Info, harmNobody, "fewer values are possible", "additionalProperties: {type: string}"},
	{"request-tuple-changed", contracts.Breaking, harmSenders, "the position of an item has another meaning", "prefixItems lost an item"},
	{"response-tuple-changed", contracts.Breaking, harmReaders, "the position of an item has another meaning", "prefixItems lost an item"},
	{"request-constraint-changed", contracts.Risky, harmSendersUnproved, "the effect of the constraint can't be computed", "not: {…} changed"},
	{"response-constraint-changed", contracts.Risky, harmReadersUnproved, "the effect of the constraint can't be computed", "if: {…} changed"},
}

// valueRules are about the values that are allowed.
var valueRules = []row{
	{"request-type-changed", contracts.Breaking, harmSenders, "values of the old type are rejected", "string became integer"},
	{"request-type-widened", contracts.Info, harmNobody, "all values that were accepted still are", "integer became number"},
	{"response-type-changed", contracts.Breaking, harmReaders, "values have another type", "integer became string"},
	{"response-type-narrowed", contracts.Info, harmNobody, "all values were possible before", "number became integer"},
	{"request-format-changed", contracts.Breaking, harmSenders, "values of the old format are rejected", "format date became date-time"},
	{"request-format-widened", contracts.Info, harmNobody, "all values that were accepted still are", "format int32 became int64"},
	{"response-format-changed", contracts.Breaking, harmReaders, "values have another format", "format date became date-time"},
	{"response-format-narrowed", contracts.Info, harmNobody, "all values were possible before", "format int64 became int32"},
	{"request-became-not-nullable", contracts.Breaking, harmSendersNull, "null is rejected", "nullable: true removed"},
	{"request-became-nullable", contracts.Info, harmNobody, "more values are accepted", "nullable: true"},
	{"response-became-nullable", contracts.Breaking, harmIntolerant, "the value may be null", "nullable: true"},
	{"response-became-not-nullable", contracts.Info, harmNobody, "it is now always present", "nullable: true removed"},
	{"request-enum-value-removed", contracts.Breaking, harmEnumSenders, "the value is rejected", "enum lost express"},
	{"request-enum-value-added", contracts.Info, harmNobody, "more values are accepted", "enum gained express"},
	{"request-enum-introduced", contracts.Breaking, harmEnumSenders, "values that are not listed are rejected", "enum: [card, cash] on a free string"},
	{"request-enum-dropped", contracts.Info, harmNobody, "more values are accepted", "enum: [card, cash] removed"},
	{"response-enum-value-added", contracts.Risky, harmReadersMay, "a consumer may not know the value", "enum gained express"},
	{"response-enum-value-removed", contracts.Info, harmNobody, "consumers no longer receive the value", "enum lost express"},
	{"response-enum-introduced", contracts.Info, harmNobody, "fewer values are possible", "enum: [card, cash] on a free string"},
	{"response-enum-dropped", contracts.Risky, harmReadersMay, "a consumer may not know the value", "enum: [card, cash] removed"},
	{"request-default-changed", contracts.Risky, harmDefaulted, "requests without a value get another default", "default 20 became 100"},
	{"response-default-changed", contracts.Info, harmNobody, "documentation only", "default 20 became 100"},
}

// unionRules are about oneOf, anyOf and discriminators.
var unionRules = []row{
	{"request-branch-removed", contracts.Breaking, harmVariantSenders, "values of this variant are rejected", "oneOf lost BankTransfer"},
	{"request-branch-added", contracts.Info, harmNobody, "more values are accepted", "oneOf gained BankTransfer"},
	{"request-branch-ambiguous", contracts.Risky, harmSendersUnproved, "a value that fits two branches of a oneOf is rejected", "oneOf gained a branch that shares values with another"},
	{"response-branch-added", contracts.Risky, harmReadersMay, "a consumer may not know the variant", "oneOf gained BankTransfer"},
	{"response-branch-removed", contracts.Risky, harmVariantReaders, "consumers no longer receive this variant", "oneOf lost BankTransfer"},
	{"request-discriminator-changed", contracts.Breaking, harmSenders, "variants are identified differently", "discriminator kind became type"},
	{"response-discriminator-changed", contracts.Breaking, harmReaders, "variants are identified differently", "discriminator kind became type"},
	{"request-discriminator-added", contracts.Info, harmNobody, "it only documents how variants are identified", "discriminator kind added"},
	{"response-discriminator-added", contracts.Info, harmNobody, "it only documents how variants are identified", "discriminator kind added"},
	{"request-composition-changed", contracts.Risky, harmSendersUnproved, "regrouped oneOf, anyOf or allOf may not accept the same values", "a schema became a oneOf without an equal branch"},
	{"response-composition-changed", contracts.Risky, harmReadersUnproved, "regrouped oneOf, anyOf or allOf may not give the same values", "a oneOf became a schema of its own"},
}
