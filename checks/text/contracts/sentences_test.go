package contracttext

import (
	"regexp"
	"strings"
	"testing"

	"plimsoll/checks"
	"plimsoll/checks/markdowntest"
	"plimsoll/contracts"
	"plimsoll/contracts/diff"
)

// kindOf guesses the edge that a rule speaks of.
func kindOf(rule string) contracts.EdgeKind {
	for _, k := range []struct {
		word string
		kind contracts.EdgeKind
	}{
		{"operation", contracts.KindOperation}, {"api-", contracts.KindOperation}, {"callback", contracts.KindOperation}, {"path-", contracts.KindOperation},
		{"parameter", contracts.KindParameter}, {"body", contracts.KindBody}, {"media-type", contracts.KindMediaType}, {"status", contracts.KindStatus},
		{"header", contracts.KindHeader}, {"enum-value", contracts.KindEnumValue}, {"branch", contracts.KindBranch}, {"security", contracts.KindSecurity}, {"server", contracts.KindServer},
	} {
		if strings.Contains(rule, k.word) {
			return k.kind
		}
	}
	return contracts.KindProperty
}

// TestEveryRuleHasItsText walks the rules of the comparison: each has a sentence
// of its own, a meaning and an example.
func TestEveryRuleHasItsText(t *testing.T) {
	rules := diff.Rules()
	if len(rules) < 50 {
		t.Fatalf("%d rules", len(rules))
	}
	proper := regexp.MustCompile("^[a-z][^‹›\n]*[^ .,:]$")
	seen := map[string]string{}
	for _, rule := range rules {
		if _, ok := template(rule.Name, checks.InCode); !ok {
			t.Errorf("%s has no sentence", rule.Name)
		}
		oneLine, example := RuleText(rule.Name)
		if len(oneLine) < 10 || !strings.HasSuffix(oneLine, ".") || strings.Contains(oneLine, "\n") || example == "" {
			t.Errorf("%s: %q, example %q", rule.Name, oneLine, example)
		}
		c := contracts.Change{
			Rule: rule.Name, Direction: rule.Direction, From: ptr("old"), To: ptr("new"),
			Edge: contracts.Edge{Schema: "Order", Name: "sku", Kind: kindOf(rule.Name)},
		}
		if strings.HasPrefix(rule.Name, "callback-") {
			c.Edge = contracts.Edge{Name: "CALLBACK POST /orders shipped", Kind: contracts.KindOperation}
		}
		for _, s := range []string{ChangeSentence(c), PlainChangeSentence(c)} {
			if !proper.MatchString(s) || len(s) < 12 {
				t.Errorf("%s: %q is no proper sentence", rule.Name, s)
			}
		}
		if strings.Contains(PlainChangeSentence(c), "`") {
			t.Errorf("%s: Markdown in a plain sentence", rule.Name)
		}
		order := strings.Join(safeOrder(c), " ")
		if strings.Count(order, "‹consumers›") != 1 || strings.Count(order, "‹move›") > 1 || !strings.HasSuffix(order, ".") {
			t.Errorf("%s: safe order %q", rule.Name, order)
		}
		// Two rules read differently, but for errors among statuses.
		s := ChangeSentence(c)
		if other, ok := seen[s]; ok && strings.Replace(rule.Name, "error-", "", 1) != strings.Replace(other, "error-", "", 1) {
			t.Errorf("%s and %s both read %q", rule.Name, other, s)
		}
		seen[s] = rule.Name
	}
}

func TestChangeSentence(t *testing.T) {
	property := contracts.Edge{Schema: "Order", Name: "sku", Kind: contracts.KindProperty}
	for want, c := range map[string]contracts.Change{
		"removed `Order.sku` from responses":                                                                      {Rule: "response-property-removed", Edge: property, Direction: contracts.Response, From: ptr("string")},
		"changed the type of `Order.sku` in responses: `string` → `integer`":                                      {Rule: "response-type-changed", Edge: property, Direction: contracts.Response, From: ptr("string"), To: ptr("integer")},
		"tightened `maxLength` of `Order.sku` in requests: `80` → `40`":                                           {Rule: "request-max-length-tightened", Edge: property, Direction: contracts.Request, From: ptr("80"), To: ptr("40")},
		"tightened `uniqueItems` of `Order.tags` in requests: now `true`":                                         {Rule: "request-unique-items-tightened", Edge: contracts.Edge{Schema: "Order", Name: "tags", Kind: contracts.KindProperty}, Direction: contracts.Request, To: ptr("true")},
		"added required parameter `region` of `GET /orders`":                                                      {Rule: "request-parameter-added-required", Edge: contracts.Edge{Schema: "GET /orders", Name: "region", Kind: contracts.KindParameter}, Direction: contracts.Request},
		"removed operation `DELETE /orders/{id}`":                                                                 {Rule: "operation-removed", Edge: contracts.Edge{Schema: "DELETE /orders/{id}", Kind: contracts.KindOperation}, Direction: contracts.Request},
		"removed status `201` of `POST /orders`":                                                                  {Rule: "response-status-removed", Edge: contracts.Edge{Schema: "POST /orders", Name: "201", Kind: contracts.KindStatus}, Direction: contracts.Response},
		"added value `express` to `Order.speed` in responses":                                                     {Rule: "response-enum-value-added", Edge: contracts.Edge{Schema: "Order.speed", Name: "express", Kind: contracts.KindEnumValue}, Direction: contracts.Response, To: ptr("express")},
		"removed value `express` from `Order.sku` in requests":                                                    {Rule: "request-enum-value-removed", Edge: property, Direction: contracts.Request, From: ptr("express")},
		"removed variant `Bank` of `Payment` from responses":                                                      {Rule: "response-branch-removed", Edge: contracts.Edge{Schema: "Payment", Name: "Bank", Kind: contracts.KindBranch}, Direction: contracts.Response},
		"now requires the request body of `POST /orders`":                                                         {Rule: "request-body-became-required", Edge: contracts.Edge{Schema: "POST /orders", Kind: contracts.KindBody}, Direction: contracts.Request},
		"may now send null for `Order.items[]` in responses":                                                      {Rule: "response-became-nullable", Edge: contracts.Edge{Schema: "Order.items", Kind: contracts.KindItem}, Direction: contracts.Response},
		"changed the type of `Order.labels{}` in responses: `string` → `object`":                                  {Rule: "response-type-changed", Edge: contracts.Edge{Schema: "Order", Name: "labels", Kind: contracts.KindMapValue}, Direction: contracts.Response, From: ptr("string"), To: ptr("object")},
		"removed `OrderLine.sku` from responses":                                                                  {Rule: "response-property-removed", Edge: contracts.Edge{Schema: "schemas#OrderLine", Name: "sku", Kind: contracts.KindProperty}, Direction: contracts.Response},
		"removed the whole API":                                                                                   {Rule: "api-removed"},
		"no longer allows additional properties in `Order` in requests":                                           {Rule: "request-additional-properties-closed", Edge: contracts.Edge{Schema: "Order", Kind: contracts.KindSchema}, Direction: contracts.Request},
		"changed `Order.sku` in requests: `a` → `b`":                                                              {Rule: "request-frobnication-inverted", Edge: property, Direction: contracts.Request, From: ptr("a"), To: ptr("b")},
		"removed link `GetOrder` in the `200` response of `POST /orders`":                                         {Rule: "response-link-removed", Edge: contracts.Edge{Schema: "POST /orders 200", Name: "link GetOrder", Kind: contracts.KindSchema}, Direction: contracts.Response},
		"added required `context` in the request of `POST /v2/webhooks` (`application/json`)":                     {Rule: "request-property-added-required", Edge: contracts.Edge{Schema: "POST /v2/webhooks request application/json", Name: "context", Kind: contracts.KindProperty}, Direction: contracts.Request, To: ptr("string")},
		"added media type `application/cbor` in the `200` response of `GET /api/v1/`":                             {Rule: "response-media-type-added", Edge: contracts.Edge{Schema: "GET /api/v1/ 200", Name: "application/cbor", Kind: contracts.KindMediaType}, Direction: contracts.Response},
		"added value `x` to `status` in the `default` response of `GET /a` (`application/json`)":                  {Rule: "response-enum-value-added", Edge: contracts.Edge{Schema: "GET /a default application/json", Name: "status", Kind: contracts.KindProperty}, Direction: contracts.Response, To: ptr("x")},
		"added callback `POST /v2/webhooks updated {$request.body#/endpoint}`":                                    {Rule: "callback-added", Edge: contracts.Edge{Name: "CALLBACK POST /v2/webhooks updated {$request.body#/endpoint}", Kind: contracts.KindOperation}},
		"renamed parameter `id` of `/orders/{id}`: `id` → `orderId`":                                              {Rule: "path-parameter-renamed", Edge: contracts.Edge{Schema: "/orders/{id}", Name: "id", Kind: contracts.KindParameter}, From: ptr("id"), To: ptr("orderId")},
		"renamed a schema: `Order` → `Purchase`":                                                                  {Rule: "schema-renamed", Edge: contracts.Edge{Schema: "Order", Kind: contracts.KindSchema}, Direction: contracts.Response, From: ptr("Order"), To: ptr("Purchase")},
		"now requires credentials for the whole API: `apiKey`":                                                    {Rule: "security-added", Edge: contracts.Edge{Name: "security", Kind: contracts.KindSecurity}, From: ptr("no credentials"), To: ptr("apiKey")},
		"no longer accepts credentials `apiKey` for `GET /orders`":                                                {Rule: "security-alternative-removed", Edge: contracts.Edge{Schema: "GET /orders", Name: "security", Kind: contracts.KindSecurity}, From: ptr("apiKey")},
		"now requires another scope for `GET /orders`: `oauth` → `oauth (orders:read)`":                           {Rule: "security-scope-added", Edge: contracts.Edge{Schema: "GET /orders", Name: "security", Kind: contracts.KindSecurity}, From: ptr("oauth"), To: ptr("oauth (orders:read)")},
		"changed how credentials for security scheme `apiKey` are sent: `apiKey query` → `apiKey header`":         {Rule: "security-scheme-changed", Edge: contracts.Edge{Name: "apiKey", Kind: contracts.KindSecurity}, From: ptr("apiKey query"), To: ptr("apiKey header")},
		"changed the type of the body of the `200` response of `GET /x` (`application/json`): `array` → `object`": {Rule: "response-type-changed", Edge: contracts.Edge{Schema: "GET /x 200 application/json", Kind: contracts.KindBody}, Direction: contracts.Response, From: ptr("array"), To: ptr("object")},
		"deprecated header `X-Next` of `GET /orders` in responses":                                                {Rule: "response-frobnication-deprecated", Edge: contracts.Edge{Schema: "GET /orders", Name: "X-Next", Kind: contracts.KindHeader}, Direction: contracts.Response},
		"removed media type `application/xml` of `GET /orders` from responses":                                    {Rule: "response-media-type-removed", Edge: contracts.Edge{Schema: "GET /orders", Name: "application/xml", Kind: contracts.KindMediaType}, Direction: contracts.Response},
		"changed the default of parameter `limit` of `GET /orders`: was `20`":                                     {Rule: "request-default-changed", Edge: contracts.Edge{Schema: "GET /orders", Name: "limit", Kind: contracts.KindParameter}, Direction: contracts.Request, From: ptr("20")},
		"moved the sunset date of operation `GET /x` earlier: `2027-06-30` → `2027-01-31`":                        {Rule: "operation-sunset-earlier", Edge: contracts.Edge{Schema: "GET /x", Kind: contracts.KindOperation}, From: ptr("2027-06-30"), To: ptr("2027-01-31")},
	} {
		if got := ChangeSentence(c); got != want {
			t.Errorf("%s:\n got %q\nwant %q", c.Rule, got, want)
		}
	}
}

func TestSentenceOfAHostileName(t *testing.T) {
	c := contracts.Change{Rule: "response-property-removed", Direction: contracts.Response, Edge: contracts.Edge{Schema: "‹v›‹in›", Name: "‹s›", Kind: contracts.KindProperty}, From: ptr("x")}
	if got, want := ChangeSentence(c), "removed `‹v›‹in›.‹s›` from responses"; got != want {
		t.Errorf("a name is taken for a part of the template: %q", got)
	}
	c.Rule = "@everyone <b> [x](https://evil.example) `"
	if wrong := markdowntest.Inert(ChangeSentence(c)); len(wrong) > 0 {
		t.Error(wrong)
	}
	if text, _ := RuleText("@a\nb"); strings.Contains(text, "\n") {
		t.Errorf("%q", text)
	}
}

func TestReasonSentence(t *testing.T) {
	for _, code := range []contracts.ReasonCode{
		contracts.ReasonReads, contracts.ReasonSends, contracts.ReasonUsesOperation, contracts.ReasonReadsUnlisted, contracts.ReasonSendsUnlisted, contracts.ReasonOperationsUnlisted,
		contracts.ReasonNotListed, contracts.ReasonOperationUnused, contracts.ReasonTolerant, contracts.ReasonExhaustive, contracts.ReasonStatus,
		contracts.ReasonMustNowSend, contracts.ReasonIgnoredSilently, contracts.ReasonClosedSchema, contracts.ReasonGenerated, contracts.ReasonCatalogueOnly,
		contracts.ReasonRegistrationError, contracts.ReasonUnproved, contracts.ReasonSafe, contracts.ReasonAlternativeLeft, contracts.ReasonNoWitness,
	} {
		if _, ok := reasons[code]; !ok {
			t.Errorf("%s has no sentence", code)
		}
		for _, node := range []string{"", "items[].sku"} {
			s := ReasonSentence(contracts.Reason{Code: code, Node: node})
			if len(s) < 5 || strings.Contains(s, "…") || strings.HasSuffix(s, ".") {
				t.Errorf("%s: %q", code, s)
			}
		}
	}
	for want, r := range map[string]contracts.Reason{
		"reads `items[].sku`":                             {Code: contracts.ReasonReads, Node: "items[].sku"},
		"does not send `region`, which is now required":   {Code: contracts.ReasonMustNowSend, Node: "region"},
		"uses `GET /x` and does not list what it reads":   {Code: contracts.ReasonReadsUnlisted, Node: "GET /x"},
		"lists no operations, so `GET /x` counts as used": {Code: contracts.ReasonOperationsUnlisted, Node: "GET /x"},
		"likes the colour `blue`":                         {Code: "likes-the-colour", Node: "blue"},
		"gives no reason":                                 {},
	} {
		if got := ReasonSentence(r); got != want {
			t.Errorf("%+v: %q, want %q", r, got, want)
		}
	}
	if got, want := PlainReasonSentence(contracts.Reason{Code: contracts.ReasonReads, Node: "items[].sku"}), "reads items[].sku"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
