package preset

import (
	"strings"
	"testing"
	"time"
)

func TestRoutes(t *testing.T) {
	for _, c := range []struct {
		operation string
		routes    []string // that are the operation's
		others    []string
	}{
		{"GET /orders/{id}", []string{
			"/orders/{id}", "/orders/{orderId}", "/orders/{id:[0-9]+}", "/orders/{id:[0-9]{3,5}}", "/orders/{id:int}", "/orders/{id...}", // templates
			"/orders/:id", "/orders/:orderId(\\d+)", "/orders/<id>", "/orders/<int:id>", "/orders/[id]", "/orders/$id", "/orders/*",
			"/orders/[^/]+", "/orders/([^/]+)", "^orders/(?P<id>[0-9]+)/$", "orders/{id}", "/orders/{id}/",
			"/api/v1/orders/:id", "api/v1/orders/{id}", "GET /orders/{id}", "HTTP: GET /api/v1/orders/{id}",
		}, []string{
			"", "/", "/orders", "/orders/", "/orders/search", "/orders/42", "/orders/:id/lines", "/users/:id/orders/:id", "/users/:id",
			"POST /orders/{id}", "/v2/orders/:id", "/ordersx/:id", "/orders/:id\n/x",
		}},
		{"GET /orders", []string{"/orders", "/orders/", "orders", "^orders/$", "GET /orders", "/api/v1/orders"}, []string{"", "/orders/:id", "/Orders", "/order", "/xorders"}},
		{"GET /", []string{"/", "GET /", "/api/v1/"}, []string{"", "/orders", "/*"}},
		{"GET /{tenant}/orders/{id}.json", []string{"/:tenant/orders/:id.json", "/{t}/orders/{id}.json"}, []string{"/:tenant/orders/:id", "/:tenant/orders/:idxjson"}},
		{"GET /a.b+c", []string{"/a.b+c"}, []string{"/axb+c", "/a.bbc"}},
		{"GET /{a}-{b}", []string{"/{a}-{b}", "/:a-:b"}, []string{"/{a}", "/-"}},
		{"GET /odd/{", []string{"/odd/{"}, []string{"/odd/x"}},
		{"GET /odd/|.*", []string{"/odd/|.*"}, []string{"/odd/", "/x", ""}},
	} {
		method, path, _ := strings.Cut(c.operation, " ")
		re := Changed{Operations: []Operation{{method, path}}, Prefixes: []string{"/api/v1/", "/", "/api/v1"}}.compiled()[0]
		for _, route := range c.routes {
			if !re.MatchString(route) {
				t.Errorf("%s: %q is not found by %s", c.operation, route, re)
			}
		}
		for _, route := range c.others {
			if re.MatchString(route) {
				t.Errorf("%s: %q is found by %s", c.operation, route, re)
			}
		}
	}
	for _, o := range []Operation{{"get", "/a"}, {"GET", "a"}, {"GET", ""}, {"WEBHOOK", "paid"}, {"GET|.*", "/"}, {"GET", "/\xff"}, {"GET", "/" + strings.Repeat("a", 512)}, {"GET", strings.Repeat("/{x}", 11)}} {
		if pattern, ok := (Changed{}).pattern(o); ok {
			t.Errorf("%s: %s", o, pattern)
		}
	}
}

// The label is the one in which the operations are found, though another has values too.
func TestRouteLabel(t *testing.T) {
	changed := Changed{Operations: []Operation{{"GET", "/orders/{id}"}}}
	for _, c := range []struct {
		found []map[string]string
		want  string
	}{
		{[]map[string]string{{"handler": "prometheus", "path": "/orders/:id"}}, "path"},
		{[]map[string]string{{"route": "/orders/:id", "path": "/orders/:id"}}, "route"},
		{[]map[string]string{{"handler": "getOrder", "code": "200"}}, "handler"},
		{[]map[string]string{{"code": "200"}}, ""},
	} {
		s, err := named(t, "http_requests_total").Read(nil, Found{Requests: c.found}, changed)
		if err != nil || s.Route != c.want {
			t.Errorf("%v: %q, %v", c.found, s.Route, err)
		}
	}
}

// A server with very many and long routes does not hold a verification up.
func TestRouteLabelOfManyPaths(t *testing.T) {
	changed := Changed{}
	for range 1000 {
		changed.Operations = append(changed.Operations, Operation{"GET", "/a" + strings.Repeat("/{x}", 10)})
	}
	var found []map[string]string
	for i := range 3_000 {
		found = append(found, map[string]string{"path": "/a" + strings.Repeat("/{x}", i%11) + strings.Repeat("{x", i), "code": "200"})
	}
	began := time.Now()
	if _, err := named(t, "http_requests_total").Read(nil, Found{Requests: found}, changed); err != nil {
		t.Fatal(err)
	}
	t.Logf("took %s", time.Since(began))
}
