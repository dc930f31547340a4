package config

import (
	"slices"
	"strings"
)

// changeRules are the rules by which contracts are compared. A test holds them against the
// rules of contracts/diff, which this package cannot import.
var changeRules = []string{
	"api-removed", "callback-added", "callback-removed", "construct-not-compared", "operation-added", "operation-deprecated",
	"operation-id-changed", "operation-removed", "operation-shadowed", "operation-stability-lowered", "operation-stability-raised",
	"operation-sunset-earlier", "operation-sunset-later", "operation-sunset-set", "operation-tags-changed", "operation-undeprecated",
	"path-parameter-renamed", "request-additional-properties-closed", "request-additional-properties-constrained",
	"request-additional-properties-opened", "request-became-not-nullable", "request-became-nullable", "request-body-added-optional",
	"request-body-added-required", "request-body-became-optional", "request-body-became-required", "request-body-removed",
	"request-branch-added", "request-branch-ambiguous", "request-branch-removed", "request-composition-changed", "request-constraint-changed",
	"request-default-changed", "request-discriminator-added", "request-discriminator-changed", "request-encoding-changed",
	"request-enum-dropped", "request-enum-introduced", "request-enum-value-added", "request-enum-value-removed", "request-format-changed",
	"request-format-widened", "request-media-type-added", "request-media-type-removed", "request-parameter-added-optional",
	"request-parameter-added-required", "request-parameter-became-optional", "request-parameter-became-required",
	"request-parameter-content-changed", "request-parameter-deprecated", "request-parameter-empty-value-allowed",
	"request-parameter-empty-value-disallowed", "request-parameter-removed", "request-parameter-reserved-allowed",
	"request-parameter-reserved-disallowed", "request-parameter-style-changed", "request-property-added-optional",
	"request-property-added-required", "request-property-became-optional", "request-property-became-required", "request-property-deprecated",
	"request-property-removed", "request-tuple-changed", "request-type-changed", "request-type-widened",
	"response-additional-properties-closed", "response-additional-properties-constrained", "response-additional-properties-loosened",
	"response-additional-properties-opened", "response-became-not-nullable", "response-became-nullable", "response-branch-added",
	"response-branch-removed", "response-composition-changed", "response-constraint-changed", "response-default-changed",
	"response-discriminator-added", "response-discriminator-changed", "response-enum-dropped", "response-enum-introduced",
	"response-enum-value-added", "response-enum-value-removed", "response-error-status-added", "response-error-status-removed",
	"response-format-changed", "response-format-narrowed", "response-header-added", "response-header-became-optional",
	"response-header-became-required", "response-header-removed", "response-header-style-changed", "response-link-added",
	"response-link-changed", "response-link-removed", "response-media-type-added", "response-media-type-changed",
	"response-media-type-removed", "response-property-added", "response-property-became-optional", "response-property-became-required",
	"response-property-deprecated", "response-property-removed", "response-status-added", "response-status-removed", "response-tuple-changed",
	"response-type-changed", "response-type-narrowed", "schema-renamed", "security-added", "security-alternative-added",
	"security-alternative-removed", "security-removed", "security-scheme-changed", "security-scheme-deprecated", "security-scope-added",
	"server-added", "server-removed", "server-variable-changed",
}

// RuleName names a rule by which contracts are compared, or several with *.
type RuleName string

func (RuleName) form() form {
	return form{expects: "the name of a rule", tags: onlyText, hint: "plimsoll check --rules lists them", pattern: `^[a-z0-9*-]{1,100}$`,
		examples: []string{"response-enum-value-added", "response-*", "*"}}
}

func (r *RuleName) parse(text string) *wrong {
	*r = RuleName(text)
	if len(text) > 100 || strings.Count(text, "*") > 16 {
		return &wrong{"expected the name of a rule, found a text of " + quote(text), "plimsoll check --rules lists the rules"}
	}
	if slices.ContainsFunc(changeRules, r.Covers) {
		return nil
	}
	hint := "plimsoll check --rules lists the rules"
	if near := Nearest(strings.ReplaceAll(text, "*", ""), changeRules); near != "" {
		hint = "did you mean " + near + "?"
	}
	return &wrong{"no rule is called " + quote(text), hint}
}

// Covers reports whether a rule is one of those that the name means.
func (r RuleName) Covers(rule string) bool { return matchName(string(r), rule) }

// ChangeRules lists the rules that a RuleName can name.
func ChangeRules() []string { return slices.Clone(changeRules) }

// Field names edges of a contract as reports do: Order.sku, *.email, limit.
type Field string

func (Field) form() form {
	return form{expects: "a property, parameter or other edge of the contract", tags: onlyText, hint: "write it as reports name it, such as Order.sku",
		pattern: `^\S.*$`, examples: []string{"Order.sku", "*.email"}}
}

func (f *Field) parse(text string) *wrong {
	switch {
	case strings.TrimSpace(text) == "":
		return &wrong{message: "expected the name of an edge, found nothing"}
	case len(text) > 500:
		return &wrong{"a name of more than 500 bytes", "use * for a part of it"}
	case strings.Count(text, "*") > 16:
		return &wrong{"more than 16 * in one name", "split it into several entries"}
	}
	*f = Field(text)
	return nil
}
