package registry

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server/version"
)

// A server of another major version is named before its answer is shown.
func TestAServerOfAnotherMajorVersion(t *testing.T) {
	asked := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.UserAgent()
		w.Header().Set(version.Header, "v2.1.0")
		_, _ = w.Write([]byte(`{"answer":"yes"}`))
	}))
	defer server.Close()
	for own, want := range map[string]string{
		"v1.4.0":  "plimsoll: the server is v2.1.0, and this program is v1.4.0: use a program with the server's major version\n",
		"v2.0.0":  "",
		"(devel)": "",
	} {
		var warnings strings.Builder
		client, err := New(terminal.New(func(name string) string { return map[string]string{"PLIMSOLL_TOKEN": "t"}[name] }, nil, &warnings), server.URL)
		if err != nil {
			t.Fatal(err)
		}
		client.release = own
		if given, _, err := client.Ask(t.Context(), "x", nil); err != nil || given.Answer != "yes" {
			t.Errorf("%s: %+v, %v", own, given, err)
		}
		if warnings.String() != want || asked != "plimsoll/"+own {
			t.Errorf("%s: warned %q, want %q; asked as %q", own, warnings.String(), want, asked)
		}
	}
}
