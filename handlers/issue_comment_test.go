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
		route, err := routes(t).Route("issue_comment", []byte(strings.Replace(command, test.old, test.new, 1)))
		if err != nil || route.Ignore != test.ignore || route.Ignore == "" && (route.Kind != "issue_comment/4" || route.Key != work.PullKey(2, 3)) {
			t.Errorf("%s: %+v, %v", name, route, err)
		}
	}
}
