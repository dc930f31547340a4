package handlers

import (
	"strings"
	"testing"

	"plimsoll/handlers/work"
)

func TestRoutePress(t *testing.T) {
	const press = `{"action":"requested_action","installation":{"id":1},"repository":{"id":2},"requested_action":{"identifier":"ack"},` +
		`"check_run":{"id":9,"name":"plimsoll/contracts","external_id":"pr/3"},"sender":{"login":"ana","type":"User"}}`
	kinds := map[string]bool{}
	for name, test := range map[string]struct{ old, new, ignore string }{
		"acknowledge":    {"", "", ""},
		"recheck":        {`"ack"`, `"recheck"`, ""},
		"another button": {`"ack"`, `"deploy"`, "button deploy"},
		"another check":  {`plimsoll/contracts`, `other`, "check run other"},
		"a bot":          {`"User"`, `"Bot"`, "by a bot"},
		"no pull":        {`pr/3`, `x`, "a check run that belongs to no pull request"},
	} {
		route, err := routes(t).Route("check_run", []byte(strings.Replace(press, test.old, test.new, 1)))
		if err != nil || route.Ignore != test.ignore || route.Ignore == "" && route.Key != work.PullKey(2, 3) {
			t.Errorf("%s: %+v, %v", name, route, err)
		}
		if route.Ignore == "" && kinds[route.Kind] {
			t.Errorf("%s: another press has the kind %s and would take its place", name, route.Kind)
		}
		kinds[route.Kind] = true
	}
}
