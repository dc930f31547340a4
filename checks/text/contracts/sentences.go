package contracttext

import (
	"strings"
	"sync"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/contracts/diff"
)

// ChangeSentence says in Markdown what a change does: "removed `Order.sku` from
// responses". It begins with a small letter and has no full stop. A rule that it
// has never heard of reads well too: the words come from the rule's name, the
// kind of edge and the old and new value.
func ChangeSentence(c contracts.Change) string { return changeSentence(c, checks.InCode) }

// PlainChangeSentence is ChangeSentence without Markdown, for titles, annotations
// and terminals.
func PlainChangeSentence(c contracts.Change) string { return changeSentence(c, checks.InPlain) }

// Templates by rule, without the direction in front where both sides read alike: ‹s› the edge, ‹from›, ‹to›
// and ‹in› the side ("from responses"), ‹value› an enum's value and ‹enum› what it
// belongs to, ‹v› the old and new value with a colon, ‹old› and ‹new› each alone,
// ‹owner› what an edge without a name of its own belongs to.
var templates = map[string]string{
	"api-removed":                  "removed the whole API",
	"operation-removed":            "removed ‹s›",
	"operation-added":              "added ‹s›",
	"operation-shadowed":           "added ‹new›, which takes calls from ‹s›",
	"path-parameter-renamed":       "renamed ‹s›‹v›",
	"operation-id-changed":         "changed the operationId of ‹s›‹v›",
	"operation-tags-changed":       "changed the tags of ‹s›‹v›",
	"operation-deprecated":         "deprecated ‹s›",
	"operation-undeprecated":       "no longer deprecates ‹s›",
	"operation-sunset-set":         "set a sunset date for ‹s›‹v›",
	"operation-sunset-earlier":     "moved the sunset date of ‹s› earlier‹v›",
	"operation-sunset-later":       "moved the sunset date of ‹s› later‹v›",
	"operation-stability-lowered":  "lowered the stability of ‹s›‹v›",
	"operation-stability-raised":   "raised the stability of ‹s›‹v›",
	"callback-removed":             "removed ‹s›",
	"callback-added":               "added ‹s›",
	"security-added":               "now requires credentials for ‹owner›: ‹new›",
	"security-removed":             "no longer requires credentials for ‹owner›",
	"security-alternative-removed": "no longer accepts credentials ‹old› for ‹owner›",
	"security-alternative-added":   "also accepts credentials ‹new› for ‹owner›",
	"security-scope-added":         "now requires another scope for ‹owner›‹v›",
	"security-scheme-changed":      "changed how credentials for ‹s› are sent‹v›",
	"security-scheme-deprecated":   "deprecated ‹s›",
	"construct-not-compared":       "can't compare what uses ‹s›",
	"server-removed":               "removed ‹s›",
	"server-added":                 "added ‹s›",
	"server-variable-changed":      "changed a variable of ‹s›‹v›",
	"schema-renamed":               "renamed a schema‹v›",

	"parameter-removed":                "removed ‹s›",
	"parameter-added-required":         "added required ‹s›",
	"parameter-added-optional":         "added optional ‹s›",
	"parameter-became-required":        "now requires ‹s›",
	"parameter-became-optional":        "no longer requires ‹s›",
	"parameter-style-changed":          "changed the style of ‹s›‹v›",
	"parameter-content-changed":        "changed the format of ‹s›‹v›",
	"parameter-deprecated":             "deprecated ‹s›",
	"parameter-empty-value-disallowed": "no longer allows ‹s› without a value",
	"parameter-empty-value-allowed":    "now allows ‹s› without a value",
	"parameter-reserved-disallowed":    "no longer allows reserved characters in ‹s›",
	"parameter-reserved-allowed":       "now allows reserved characters in ‹s›",
	"body-added-required":              "added ‹s› (required)",
	"body-added-optional":              "added ‹s› (optional)",
	"body-removed":                     "removed ‹s›",
	"body-became-required":             "now requires ‹s›",
	"body-became-optional":             "no longer requires ‹s›",
	"media-type-removed":               "removed ‹s›‹from›",
	"media-type-added":                 "added ‹s›‹to›",
	"media-type-changed":               "changed ‹s›‹in›‹v›",
	"encoding-changed":                 "changed the encoding of ‹s›‹in›‹v›",
	"status-removed":                   "removed ‹s›",
	"status-added":                     "added ‹s›",
	"error-status-removed":             "removed ‹s›",
	"error-status-added":               "added ‹s›",
	"header-removed":                   "removed ‹s›‹from›",
	"header-added":                     "added ‹s›‹to›",
	"header-became-optional":           "no longer always sends ‹s›‹in›",
	"header-became-required":           "now always sends ‹s›‹in›",
	"header-style-changed":             "changed the style of ‹s›‹in›‹v›",
	"link-removed":                     "removed ‹s›",
	"link-changed":                     "changed ‹s›‹v›",
	"link-added":                       "added ‹s›",

	"property-removed":                  "removed ‹s›‹from›",
	"property-added":                    "added ‹s›‹to›",
	"property-added-required":           "added required ‹s›‹to›",
	"property-added-optional":           "added optional ‹s›‹to›",
	"request-property-became-required":  "now requires ‹s›‹in›",
	"request-property-became-optional":  "no longer requires ‹s›‹in›",
	"response-property-became-required": "now always sends ‹s›‹in›",
	"response-property-became-optional": "no longer always sends ‹s›‹in›",
	"property-deprecated":               "deprecated ‹s›‹in›",
	"additional-properties-closed":      "no longer allows additional properties in ‹s›‹in›",
	"additional-properties-opened":      "now allows more additional properties in ‹s›‹in›‹v›",
	"additional-properties-constrained": "constrained the additional properties of ‹s›‹in›‹v›",
	"additional-properties-loosened":    "loosened the additional properties of ‹s›‹in›‹v›",
	"tuple-changed":                     "changed the positions of items in ‹s›‹in›‹v›",
	"constraint-changed":                "changed a constraint on ‹s›‹in›‹v›",

	"type-changed":    "changed the type of ‹s›‹in›‹v›",
	"type-widened":    "widened the type of ‹s›‹in›‹v›",
	"type-narrowed":   "narrowed the type of ‹s›‹in›‹v›",
	"format-changed":  "changed the format of ‹s›‹in›‹v›",
	"format-widened":  "widened the format of ‹s›‹in›‹v›",
	"format-narrowed": "narrowed the format of ‹s›‹in›‹v›",

	"request-became-nullable":      "now allows null for ‹s›‹in›",
	"request-became-not-nullable":  "no longer allows null for ‹s›‹in›",
	"response-became-nullable":     "may now send null for ‹s›‹in›",
	"response-became-not-nullable": "no longer sends null for ‹s›‹in›",

	"enum-value-added":      "added value ‹value› to ‹enum›‹in›",
	"enum-value-removed":    "removed value ‹value› from ‹enum›‹in›",
	"enum-introduced":       "limited ‹s› to a list of values‹in›‹v›",
	"enum-dropped":          "no longer limits ‹s› to a list of values‹in›‹v›",
	"default-changed":       "changed the default of ‹s›‹in›‹v›",
	"branch-removed":        "removed ‹s›‹from›",
	"branch-added":          "added ‹s›‹to›",
	"discriminator-changed": "changed the discriminator of ‹s›‹in›‹v›",
	"discriminator-added":   "declared the discriminator of ‹s›‹in›‹v›",
	"branch-ambiguous":      "lets a value fit two variants of ‹s›‹in›",
	"composition-changed":   "regrouped the oneOf, anyOf or allOf of ‹s›‹in›‹v›",
}

// stem is the rule without its direction.
func stem(rule string) string {
	rule = strings.TrimPrefix(rule, "request-")
	return strings.TrimPrefix(rule, "response-")
}

// template gives the sentence's form, for the rules on bounds made from the
// keyword in their name: "min-length-tightened" is about minLength.
func template(rule string, p checks.RenderContext) (string, bool) {
	if t, ok := templates[rule]; ok {
		return t, true
	}
	rule = stem(rule)
	if t, ok := templates[rule]; ok {
		return t, true
	}
	for _, verb := range []string{"tightened", "loosened"} {
		if bound, ok := strings.CutSuffix(rule, "-"+verb); ok {
			return verb + " " + checks.Escape(camel(bound), p) + " of ‹s›‹in›‹v›", true
		}
	}
	return "", false
}

func camel(words string) string {
	var b strings.Builder
	for i, w := range strings.Split(words, "-") {
		if i > 0 && w != "" {
			w = strings.ToUpper(w[:1]) + w[1:]
		}
		b.WriteString(w)
	}
	return b.String()
}

func changeSentence(c contracts.Change, p checks.RenderContext) string {
	t, ok := template(c.Rule, p)
	if !ok {
		t = unheardOf(c)
	}
	value, enum := valueOf(c, p)
	return strings.NewReplacer(
		"‹s›", subjectOf(c, p), "‹v›", fromTo(c, p),
		"‹from›", side(c, " from "), "‹to›", side(c, " to "), "‹in›", side(c, " in "),
		"‹value›", checks.Escape(value, p), "‹enum›", enum,
		"‹old›", given(c.From, c.Edge, p), "‹new›", given(c.To, c.Edge, p), "‹owner›", ownerOf(c.Edge, p),
	).Replace(t)
}

// What the last word of a rule's name says, for rules without a template.
var endings = []struct{ ending, template string }{
	{"removed", "removed ‹s›‹from›"},
	{"added", "added ‹s›‹to›"},
	{"required", "made ‹s› required‹in›"},
	{"optional", "made ‹s› optional‹in›"},
	{"deprecated", "deprecated ‹s›‹in›"},
	{"renamed", "renamed ‹s›‹v›"},
}

func unheardOf(c contracts.Change) string {
	for _, e := range endings {
		if strings.HasSuffix(c.Rule, "-"+e.ending) {
			return e.template
		}
	}
	return "changed ‹s›‹in›‹v›"
}

// valueOf gives an enum's value and the enum, whether the edge is the value or
// the place that holds the enum.
func valueOf(c contracts.Change, p checks.RenderContext) (value, enum string) {
	switch {
	case c.Edge.Kind == contracts.KindEnumValue:
		return c.Edge.Name, locationOf(contracts.Edge{Schema: c.Edge.Schema}, p)
	case c.To != nil:
		value = *c.To
	case c.From != nil:
		value = *c.From
	}
	return value, locationOf(c.Edge, p)
}

// given is a value, or the edge's own name where there is none.
func given(value *string, e contracts.Edge, p checks.RenderContext) string {
	if value == nil {
		return checks.Escape(e.Name, p)
	}
	return checks.Escape(*value, p)
}

// RuleText gives, without Markdown, what a rule means in one sentence and an
// example of it (which may be empty). The words are those of `plimsoll check
// --rules`. A rule that is not listed says what its name says.
func RuleText(rule string) (oneLine, example string) {
	if r, ok := ruleIndex()[rule]; ok && r.Reason != "" {
		return checks.Sentence(checks.UpperFirst(r.Reason)), r.Example
	}
	words := strings.ReplaceAll(checks.Escape(rule, checks.InPlain), "-", " ")
	if words == "" {
		return "The contract changed here.", ""
	}
	return "The contract changed here: " + words + ".", ""
}

var ruleIndex = sync.OnceValue(func() map[string]diff.Rule {
	index := map[string]diff.Rule{}
	for _, r := range diff.Rules() {
		index[r.Name] = r
	}
	return index
})

// ReasonSentence says in Markdown why a consumer is evaluated as it is: "reads
// `items[].sku`". It begins with a small letter and has no full stop.
func ReasonSentence(r contracts.Reason) string { return reasonSentence(r, checks.InCode) }

// PlainReasonSentence is ReasonSentence without Markdown.
func PlainReasonSentence(r contracts.Reason) string { return reasonSentence(r, checks.InPlain) }

// Each reason with what its Node is ("…" where it stands), and without one.
var reasons = map[contracts.ReasonCode]struct{ with, without string }{
	contracts.ReasonReads:              {"reads …", "reads it"},
	contracts.ReasonSends:              {"sends …", "sends it"},
	contracts.ReasonUsesOperation:      {"uses …", "uses the operation"},
	contracts.ReasonReadsUnlisted:      {"uses … and does not list what it reads", "does not list what it reads"},
	contracts.ReasonSendsUnlisted:      {"uses … and does not list what it sends", "does not list what it sends"},
	contracts.ReasonOperationsUnlisted: {"lists no operations, so … counts as used", "lists no operations, so all of them count as used"},
	contracts.ReasonNotListed:          {"does not list … among its uses", "does not list this among its uses"},
	contracts.ReasonOperationUnused:    {"does not list … among its operations", "lists no operation that this affects"},
	contracts.ReasonTolerant:           {"handles a missing …", "handles a missing value"},
	contracts.ReasonExhaustive:         {"handles only the listed values of …", "handles only the listed values"},
	contracts.ReasonStatus:             {"relies on status …", "relies on this status"},
	contracts.ReasonMustNowSend:        {"does not send …, which is now required", "does not send what is now required"},
	contracts.ReasonIgnoredSilently:    {"sends …, which will be silently ignored", "sends a value that will be silently ignored"},
	contracts.ReasonClosedSchema:       {"sends …, which will be rejected", "sends a value that will be rejected"},
	contracts.ReasonGenerated:          {"uses a generated client that depends on the name …", "uses a generated client that depends on the name"},
	contracts.ReasonCatalogueOnly:      {"is known only from a catalogue (…)", "is known only from a catalogue, which does not list what it uses"},
	contracts.ReasonRegistrationError:  {"declares …, which does not exist in the contract", "declares a use that does not exist in the contract"},
	contracts.ReasonUnproved:           {"may or may not depend on …", "may or may not depend on this"},
	contracts.ReasonSafe:               {"is not affected by a change in this direction", "is not affected by a change in this direction"},
	contracts.ReasonAlternativeLeft:    {"can keep using …", "can use another accepted alternative"},
	contracts.ReasonNoWitness:          {"uses …, but no message that fails was found", "uses this, but no message that fails was found"},
}

func reasonSentence(r contracts.Reason, p checks.RenderContext) string {
	texts, ok := reasons[r.Code]
	if !ok { // a reason that is newer than this table
		words := checks.Escape(strings.ReplaceAll(string(r.Code), "-", " "), checks.InPlain)
		if p != checks.InPlain {
			words = checks.Escape(words, checks.InProse)
		}
		if words == "" {
			words = "gives no reason"
		}
		texts.with, texts.without = words+" …", words
	}
	if r.Node == "" {
		return texts.without
	}
	return strings.Replace(texts.with, "…", checks.Escape(r.Node, p), 1)
}

// verdictWord says what happens to a consumer: "it breaks".
func verdictWord(v contracts.Verdict, many bool) string {
	switch {
	case v == contracts.Breaks && many:
		return "break"
	case v == contracts.Breaks:
		return "breaks"
	case v == contracts.MayBreak:
		return "may break"
	case v == contracts.Unknown:
		return "can't be checked"
	default:
		return "unaffected"
	}
}

// staleAmbiguous marks a consumer that may mean another API with the same short name.
const staleAmbiguous = "api-ambiguous"

// staleSentence says why the last known state of a consumer is shown.
func staleSentence(stale string) string {
	switch stale {
	case "":
		return ""
	case "archived":
		return "its repository is archived (last known state)"
	case "uninstalled":
		return "its repository can no longer be read (last known state)"
	case "file-broken":
		return "its repository file is invalid (last valid version)"
	case staleAmbiguous:
		return "it uses a short API name that another repository provided first; the full name is owner/repository/api"
	default:
		return "last known state: " + checks.Escape(stale, checks.InProse)
	}
}
