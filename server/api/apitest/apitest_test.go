package apitest

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// What the description does not say is found, so a scenario that passes shows something.
func TestCheck(t *testing.T) {
	const running = `{"schema":"plimsoll.running/v1","repository":"acme/shop","running":[{"component":"shop","production":true,"commit":"abc"`
	const entry = `{"seq":1,"installation":1,"at":"2026-11-30T00:00:00Z","kind":"verdict","body":{"x":1},"previous":"a","hash":"b"}` + "\n"
	for name, test := range map[string]struct {
		path, kind string
		status     int
		body       string
		ok         bool
	}{
		"as described":           {"running?repository=acme/shop", "application/json", 200, running + `}]}`, true},
		"a field nobody said":    {"running?repository=acme/shop", "application/json", 200, running + `,"more":1}]}`, false},
		"a list is null":         {"running?repository=acme/shop", "application/json", 200, `{"schema":"s","repository":"acme/shop","running":null}`, false},
		"a field is missing":     {"running?repository=acme/shop", "application/json", 200, `{"schema":"s","running":[]}`, false},
		"another kind of answer": {"running?repository=acme/shop", "text/plain", 200, running + `}]}`, false},
		"without a parameter":    {"running", "application/json", 200, running + `}]}`, false},
		"a refusal":              {"running", "application/json", 400, `{"error":"repository: expected owner/repo"}`, true},
		"a refusal of another":   {"running", "application/json", 400, `{"message":"no"}`, false},
		"JSON lines":             {"ledger?repository=acme/shop", lines, 200, entry + entry, true},
		"no lines":               {"ledger?repository=acme/shop", lines, 200, "", true},
		"one bad line":           {"ledger?repository=acme/shop", lines, 200, entry + `{"seq":"1"}` + "\n", false},
		"no such path":           {"other", "application/json", 404, `{"error":"not found"}`, true},
		"a path nobody said":     {"other", "application/json", 200, `{}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			asked := httptest.NewRequest(http.MethodGet, "https://plimsoll.example.com/api/v1/"+test.path, nil)
			err := check(asked, test.status, http.Header{"Content-Type": {test.kind}}, []byte(test.body))
			if (err == nil) != test.ok {
				t.Errorf("%v", err)
			}
		})
	}
}
