package handlers

import (
	"strings"
	"testing"

	"plimsoll/handlers/work"
)

func TestRouteComment(t *testing.T) {
	const command = `{"action":"created","installation":{"id":1},"repository":{"id":2},"issue":{"number":3,"pull_request":{"url":"x"}},` +
		`"comment":{"id":4,"body":"/plimsoll recheck","user":{"login":"ana","type":"User"}},"sender":{"login":"ana","type":"User"}}`
	for name, test := range map[string]struct{ old, new, ignore string }{
		"a command":           {"", "", ""},
		"edited":              {`"created"`, `"edited"`, "action edited"},
		"deleted":             {`"created"`, `"deleted"`, "action deleted"},
		"an issue":            {`,"pull_request":{"url":"x"}`, "", "not on a pull request"},
		"an issue, with null": {`{"url":"x"}`, "null", "not on a pull request"},
		"a bot":               {`"user":{"login":"ana","type":"User"}`, `"user":{"login":"renovate[bot]","type":"Bot"}`, "by a bot"},
		"a bot by its name":   {`"user":{"login":"ana","type":"User"}`, `"user":{"login":"renovate[bot]","type":"User"}`, "by a bot"},
		"sent by a bot":       {`"sender":{"login":"ana","type":"User"}`, `"sender":{"login":"x[bot]","type":"Bot"}`, "by a bot"},
		"nobody":              {`"user":{"login":"ana","type":"User"}`, `"user":null`, "by a bot"},
		"no command":          {`/plimsoll recheck`, `hello /plimsoll`, "no command"},
		"quoted":              {`/plimsoll recheck`, `> /plimsoll recheck`, "no command"},
	} {
		route, err := RouteEvent(1, "issue_comment", []byte(strings.Replace(command, test.old, test.new, 1)))
		if err != nil || route.Ignore != test.ignore || route.Ignore == "" && (route.Kind != "issue_comment/4" || route.Key != work.PullKey(2, 3)) {
			t.Errorf("%s: %+v, %v", name, route, err)
		}
	}
}

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
		route, err := RouteEvent(1, "check_run", []byte(strings.Replace(press, test.old, test.new, 1)))
		if err != nil || route.Ignore != test.ignore || route.Ignore == "" && route.Key != work.PullKey(2, 3) {
			t.Errorf("%s: %+v, %v", name, route, err)
		}
		if kinds[route.Kind] {
			t.Errorf("%s: another press has the kind %s and would take its place", name, route.Kind)
		}
		kinds[route.Kind] = true
	}
}
