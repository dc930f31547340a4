package contracts

// schemaRules speak of properties and of what holds together.
var schemaRules = []row{
	{"request-property-removed", Risky, harmDropped, "what is sent is silently ignored, or refused where the schema is closed", "property coupon is gone"},
	{"request-property-added-required", Breaking, harmNewRequired, "requests without it are refused", "property region is new and required"},
	{"request-property-added-optional", Info, harmNobody, "requests without it still work", "property region is new"},
	{"request-property-became-required", Breaking, harmNowRequired, "requests without it are refused", "required: [currency]"},
	{"request-property-became-optional", Info, harmNobody, "less is demanded", "currency left required"},
	{"request-property-deprecated", Info, harmNobody, "a notice: it still works", "deprecated: true"},
	{"response-property-removed", Breaking, harmReaders, "readers of the property find nothing", "property sku is gone"},
	{"response-property-added", Info, harmNobody, "nobody reads it yet", "property weight is new"},
	{"response-property-became-optional", Breaking, harmIntolerant, "the property may be missing", "total left required"},
	{"response-property-became-required", Info, harmNobody, "more is promised", "required: [total]"},
	{"response-property-deprecated", Info, harmNobody, "a notice: it still comes", "deprecated: true"},
	{"request-additional-properties-closed", Breaking, harmMapSenders, "properties that the contract does not name are refused", "additionalProperties: false"},
	{"request-additional-properties-constrained", Risky, harmMapSenders, "properties that the contract does not name must now fit a schema", "additionalProperties: {type: string}"},
	{"request-additional-properties-opened", Info, harmNobody, "more is accepted", "additionalProperties: false is gone"},
	{"response-additional-properties-closed", Info, harmNobody, "less may come", "additionalProperties: false"},
	{"response-additional-properties-opened", Info, harmNobody, "unknown properties are to be ignored", "additionalProperties: false is gone"},
	{"response-additional-properties-loosened", Risky, harmReaders, "map values may be anything", "additionalProperties: {type: string} became true"},
	{"response-additional-properties-constrained", Info, harmNobody, "less may come", "additionalProperties: {type: string}"},
	{"request-tuple-changed", Breaking, harmSenders, "an item means something else at its place", "prefixItems lost an item"},
	{"response-tuple-changed", Breaking, harmReaders, "an item means something else at its place", "prefixItems lost an item"},
	{"request-constraint-changed", Risky, harmSendersUnproved, "what the constraint refuses is not worked out", "not: {…} changed"},
	{"response-constraint-changed", Risky, harmReadersUnproved, "what the constraint refuses is not worked out", "if: {…} changed"},
}

// valueRules speak of what a value may be.
var valueRules = []row{
	{"request-type-changed", Breaking, harmSenders, "values of the old type are refused", "string became integer"},
	{"request-type-widened", Info, harmNobody, "whatever was accepted still is", "integer became number"},
	{"response-type-changed", Breaking, harmReaders, "values of another type come", "integer became string"},
	{"response-type-narrowed", Info, harmNobody, "whatever comes was already possible", "number became integer"},
	{"request-format-changed", Breaking, harmSenders, "values of the old format are refused", "format date became date-time"},
	{"request-format-widened", Info, harmNobody, "whatever was accepted still is", "format int32 became int64"},
	{"response-format-changed", Breaking, harmReaders, "values of another format come", "format date became date-time"},
	{"response-format-narrowed", Info, harmNobody, "whatever comes was already possible", "format int64 became int32"},
	{"request-became-not-nullable", Breaking, harmSendersNull, "null is refused", "nullable: true is gone"},
	{"request-became-nullable", Info, harmNobody, "more is accepted", "nullable: true"},
	{"response-became-nullable", Breaking, harmIntolerant, "null may come", "nullable: true"},
	{"response-became-not-nullable", Info, harmNobody, "more is promised", "nullable: true is gone"},
	{"request-enum-value-removed", Breaking, harmEnumSenders, "the value is refused", "enum lost express"},
	{"request-enum-value-added", Info, harmNobody, "more is accepted", "enum gained express"},
	{"request-enum-introduced", Breaking, harmEnumSenders, "values outside the list are refused", "enum: [card, cash] on a free string"},
	{"request-enum-dropped", Info, harmNobody, "more is accepted", "enum: [card, cash] is gone"},
	{"response-enum-value-added", Risky, harmReadersMay, "a consumer may not know the value", "enum gained express"},
	{"response-enum-value-removed", Info, harmNobody, "a branch of the consumer is dead", "enum lost express"},
	{"response-enum-introduced", Info, harmNobody, "less may come", "enum: [card, cash] on a free string"},
	{"response-enum-dropped", Risky, harmReadersMay, "a consumer may not know the value", "enum: [card, cash] is gone"},
	{"request-default-changed", Risky, harmDefaulted, "whoever leaves it out gets something else", "default 20 became 100"},
	{"response-default-changed", Info, harmNobody, "documentation only", "default 20 became 100"},
}

// unionRules speak of oneOf, anyOf and discriminators.
var unionRules = []row{
	{"request-branch-removed", Breaking, harmVariantSenders, "values of that variant are refused", "oneOf lost BankTransfer"},
	{"request-branch-added", Info, harmNobody, "more is accepted", "oneOf gained BankTransfer"},
	{"response-branch-added", Risky, harmReadersMay, "a consumer may not know the variant", "oneOf gained BankTransfer"},
	{"response-branch-removed", Risky, harmVariantReaders, "what was read inside that variant never comes", "oneOf lost BankTransfer"},
	{"request-discriminator-changed", Breaking, harmSenders, "variants are told apart in another way", "discriminator kind became type"},
	{"response-discriminator-changed", Breaking, harmReaders, "variants are told apart in another way", "discriminator kind became type"},
	{"request-discriminator-added", Info, harmNobody, "what tells the variants apart is now written down", "discriminator kind is new"},
	{"response-discriminator-added", Info, harmNobody, "what tells the variants apart is now written down", "discriminator kind is new"},
	{"request-composition-changed", Risky, harmSendersUnproved, "regrouped oneOf, anyOf or allOf: not proved to accept the same", "a schema became a oneOf without an equal branch"},
	{"response-composition-changed", Risky, harmReadersUnproved, "regrouped oneOf, anyOf or allOf: not proved to give the same", "a oneOf became a schema of its own"},
}
