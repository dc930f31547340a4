package deploy

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestArtifactOf(t *testing.T) {
	a, b := "sha256:"+strings.Repeat("a", 64), "sha256:"+strings.Repeat("b", 64)
	for _, c := range []struct{ name, payload, want string }{
		{"nothing", ``, ""},
		{"empty", `{}`, ""},
		{"a list", `["` + a + `"]`, ""},
		{"digest", `{"digest": "` + a + `"}`, a},
		{"artifact_digest", `{"artifact_digest": "` + a + `"}`, a},
		{"image", `{"image": "ghcr.io/acme/orders:1@` + a + `"}`, a},
		{"a string that holds an object", `"{\"digest\": \"` + a + `\"}"`, a},
		{"nested", `{"build": {"digest": "` + a + `"}}`, a},
		{"nested twice", `{"build": {"image": {"digest": "` + a + `"}}}`, ""},
		{"two that agree", `{"digest": "` + a + `", "image": "orders@` + a + `"}`, a},
		{"two that do not", `{"digest": "` + a + `", "image": "orders@` + b + `"}`, ""},
		{"the component's own", `{"orders": {"digest": "` + a + `"}, "web": {"digest": "` + b + `"}}`, a},
		{"the component's own before the whole's", `{"orders": {"digest": "` + a + `"}, "digest": "` + b + `"}`, a},
		{"other components'", `{"web": {"digest": "` + a + `"}, "admin": {"digest": "` + b + `"}}`, ""},
		{"others that agree", `{"web": {"digest": "` + a + `"}, "admin": {"digest": "` + a + `"}}`, a},
		{"one below that disagrees with itself", `{"web": {"digest": "` + a + `", "image": "x@` + b + `"}, "admin": {"digest": "` + a + `"}}`, ""},
		{"too short", `{"digest": "sha256:abc"}`, ""},
		{"too long", `{"digest": "` + a + `0"}`, ""},
		{"capitals", `{"digest": "` + strings.ToUpper(a) + `"}`, ""},
		{"a tag", `{"image": "orders:1.2"}`, ""},
		{"words around it", `{"digest": "see ` + a + `"}`, ""},
		{"two ats", `{"image": "x@y@` + a + `"}`, ""},
		{"a number", `{"digest": 12}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ArtifactOf(json.RawMessage(c.payload), "orders"); got != c.want {
				t.Errorf("got %q, expected %q", got, c.want)
			}
		})
	}
}
