package config

import (
	"errors"
	"strings"
	"testing"
)

const journeyFile = `version: 1
components:
  - name: shop
    environments:
      production:
        verify:
          probes:
            - name: place an order
              within: 20s
              steps:
                - name: login
                  post: /login
                  headers: {X-Client: "plimsoll {{deployment.environment}}"}
                  body: {form: {user: probe, password: "{{secrets.shop-password}}"}}
                - name: order
                  post: /orders?for={{steps.login.json.user.id}}
                  headers: {Authorization: "Bearer {{steps.login.json.token}}"}
                  body:
                    json: {item: mug, count: 2, day: 2027-01-31, gift: false, note: null, lines: ["{{ steps.login.json.lines[0] }}"]}
                  expect: {status: 201, text: [placed], json: {user: "{{steps.login.json.user.name}}"}}
            - post: /search
              body: {json: {q: mug}}
`

func TestJourneysAreRead(t *testing.T) {
	r, err := ParseRepository("f.yml", []byte(journeyFile))
	if err != nil {
		t.Fatal(err)
	}
	probes := r.Components[0].Environments["production"].Verify.Probes
	order := probes[0].Steps[1]
	if got, want := string(order.Body.JSON), `{"count":2,"day":"2027-01-31","gift":false,"item":"mug","lines":["{{ steps.login.json.lines[0] }}"],"note":null}`; got != want {
		t.Errorf("the body is %s, expected %s", got, want)
	}
	if order.Method() != "POST" || probes[0].Plain() || probes[1].Plain() || len(probes[1].Requests()) != 1 {
		t.Errorf("%+v", probes)
	}
	if found := Placeholders(string(order.Post)); len(found) != 1 || found[0] != (Placeholder{"{{steps.login.json.user.id}}", OfStep, "login", "user.id"}) {
		t.Errorf("placeholders: %+v", found)
	}
	if err := compiledSchema(t).Validate(asJSON(t, []byte(journeyFile))); err != nil {
		t.Errorf("the schema refuses it: %v", err)
	}
}

// Each case replaces a part of the file; the error names line and column.
func TestJourneysThatAreWrong(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"an unknown step":       {"{{steps.login.json.token}}", "{{steps.logon.json.token}}", `17:44: components[0].environments.production.verify.probes[0].steps[1].headers.Authorization: {{steps.logon.json.token}} names no step before this one (did you mean login?)`},
		"a later step":          {`"plimsoll {{deployment.environment}}"`, `"{{steps.order.json.a}}"`, "names a step, and there is none before"},
		"itself":                {"{{steps.login.json.token}}", "{{steps.order.json.token}}", "names no step before this one"},
		"a secret in a path":    {"/orders?for={{steps.login.json.user.id}}", "/orders?for={{secrets.shop-password}}", "a secret can't be used in a path (use it in a header or a body)"},
		"an expected secret":    {"{{steps.login.json.user.name}}", "{{secrets.shop-password}}", "a secret can't be used in an expected value"},
		"a secret as a text":    {"text: [placed]", `text: ["{{secrets.shop-password}}"]`, "a secret can't be used in an expected text"},
		"another placeholder":   {"{{deployment.environment}}", "{{deployment.env}}", "unknown placeholder {{deployment.env}} (did you mean deployment."},
		"no field":              {"{{steps.login.json.token}}", "{{steps.login.body}}", "unknown placeholder {{steps.login.body}}"},
		"a name twice":          {"name: order\n", "name: login\n", `duplicate step "login"`},
		"no name":               {"name: place an order\n              within", "within", "a journey needs name"},
		"a request beside":      {"within: 20s", "get: /healthz", "get can't be combined with steps"},
		"too long":              {"within: 20s", "within: 31s", "9:23: components[0].environments.production.verify.probes[0].within: expected 1s to 30s, found 31s"},
		"a header twice":        {"headers: {X-Client:", "headers: {x-client: a, X-Client:", `duplicate header "x-client"`},
		"a header of its own":   {"headers: {X-Client:", "headers: {Host:", "the header Host can't be set"},
		"a forged client":       {"headers: {X-Client:", "headers: {X-Forwarded-For:", "the header X-Forwarded-For can't be set"},
		"no name of a header":   {"headers: {X-Client:", `headers: {"X Client":`, "expected the name of a header"},
		"a line break":          {`"plimsoll {{deployment.environment}}"`, `"a\r\nX-Admin: 1"`, "a line break or another control character"},
		"two bodies":            {"body: {json: {q: mug}}", "body: {json: {q: mug}, form: {q: mug}}", "a body has either json or form"},
		"a body of a GET":       {"post: /search", "get: /search", "body needs post"},
		"redirects of a POST":   {"post: /search", "post: /search\n              redirects: 1", "redirects of a POST are not followed"},
		"a key to fill in":      {"{item: mug,", `{"{{steps.login.json.x}}": mug,`, "a placeholder in a key of the body"},
		"a large body":          {"{json: {q: mug}}", "{json: {q: " + strings.Repeat("x", 17<<10) + "}}", "a body of more than 16 KiB"},
		"a step without a name": {"- name: order\n                  post", "- post", "name: this key is required (add name: login)"},
		"a dotted step":         {"name: login", "name: log.in", "expected the name of a step"},
		"eleven steps":          {"            - post: /search\n", "            - name: many\n              steps: [" + strings.Repeat("{name: a, get: /}, ", 11) + "]\n            - post: /search\n", "expected 1 to 10 steps, found 11"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(journeyFile, c.old) {
				t.Fatalf("%q is not in the file", c.old)
			}
			_, err := ParseRepository("f.yml", []byte(strings.Replace(journeyFile, c.old, c.new, 1)))
			errs, ok := errors.AsType[Errors](err)
			if !ok || !strings.Contains(errs.Error(), c.want) {
				t.Errorf("got %v, expected %s", err, c.want)
			}
		})
	}
}
