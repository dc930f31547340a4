package evidence

import (
	"fmt"
	"strings"
	"testing"
)

// A Pact with more than anybody needs is refused or cut, never slow without end.
func TestPactBounds(t *testing.T) {
	many := `{"consumer": {"name": "a"}, "provider": {"name": "b"}, "interactions": [{"request": {"path": "/"}, "response": {"body": [` + strings.Repeat("1,", 600_000) + `1]}}]}`
	if _, err := readPact("pacts/a.json", []byte(many)); err == nil || !strings.Contains(err.Error(), "more than 600000 keys and values") {
		t.Errorf("too many values: %.200v", err)
	}
	deep := `{"consumer": {"name": "a"}, "provider": {"name": "b"}, "interactions": [{"request": {"path": "/"}, "response": {"body": ` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `}}]}`
	if _, err := readPact("pacts/a.json", []byte(deep)); err == nil || !strings.Contains(err.Error(), "nested deeper than 256 levels") {
		t.Errorf("too deep: %.200v", err)
	}
	var rules, body strings.Builder
	for i := range 600 {
		fmt.Fprintf(&rules, `"$.body.k%d": {"match": "equality"},`, i)
	}
	for i := range 3000 {
		fmt.Fprintf(&body, `"k%d": "v",`, i)
	}
	wide := `{"consumer": {"name": "a"}, "provider": {"name": "b"}, "interactions": [{"request": {"path": "/"}, "response": {
"matchingRules": {` + strings.TrimSuffix(rules.String(), ",") + `}, "body": {` + strings.TrimSuffix(body.String(), ",") + `}}}]}`
	facts, err := readPact("pacts/a.json", []byte(wide))
	if err != nil {
		t.Fatal(err)
	}
	use := facts[0].usage.Operations[0]
	if use.Reads != nil {
		t.Errorf("%d fields of 3,000 were taken for all of them", len(*use.Reads))
	}
}

func TestJSONPathWays(t *testing.T) {
	for text, want := range map[string]string{
		"$":                        "",
		"$.body":                   "body",
		"$.body.a[0].b":            "body a * b",
		"$['body']['a b'][*]['c']": "body a b * c",
		`$.body["x.y"].*`:          "body x.y *",
		"$.body[":                  "body *",
	} {
		if got := strings.Join(jsonPath(text), " "); got != want {
			t.Errorf("jsonPath(%s) = %q, expected %q", text, got, want)
		}
	}
}

func TestFilterSelectors(t *testing.T) {
	for filter, want := range map[string]string{
		"operationId:a|b":        "a b",
		"method:get|post":        "GET /** POST /**",
		"path:/v1|/v2/x":         "* /v1*/** * /v2/x*/**",
		"tag:pets":               "",
		"tag:pets;operationId:a": "a",
		"":                       "",
		"operationId: a b | ":    "",
		"nonsense":               "",
	} {
		if got := strings.Join(filterSelectors(filter), " "); got != want {
			t.Errorf("FILTER=%s gives %q, expected %q", filter, got, want)
		}
	}
}
