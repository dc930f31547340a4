package images

import (
	"fmt"
	"strings"
	"testing"
)

func TestParseCompose(t *testing.T) {
	for _, c := range []struct{ name, file, text, want string }{
		{"a health check", "compose.yaml", "services:\n  web:\n    build: .\n    healthcheck:\n      test: [CMD, wget, localhost]\n", `web:2 builds Dockerfile declared:4 "wget localhost"`},
		{"in a folder", "services/orders/compose.yaml", "services:\n  web:\n    build: {context: ../.., dockerfile: services/orders/Dockerfile.prod, target: prod}\n    healthcheck: {test: wget localhost}\n", `web:2 builds services/orders/Dockerfile.prod target prod declared:4 "wget localhost"`},
		{"an image", "compose.yaml", "services:\n  db:\n    image: postgres:16\n    profiles: [db]\n", "db:2 image postgres:16 profiles [db]"},
		{"disabled", "compose.yaml", "services:\n  web:\n    build: .\n    healthcheck:\n      test: [CMD, a]\n      disable: true\n", "web:2 builds Dockerfile disabled:4"},
		{"disabled by its test", "compose.yaml", "services:\n  web:\n    build: .\n    healthcheck:\n      test: [NONE]\n", "web:2 builds Dockerfile disabled:4"},
		{"only tuned", "compose.yaml", "services:\n  web:\n    build: .\n    healthcheck:\n      interval: 5s\n", "web:2 builds Dockerfile"},
		{"list without its kind", "compose.yaml", "services:\n  web:\n    build: .\n    healthcheck:\n      test: [wget, localhost]\n", "web:2 builds Dockerfile"},
		{"merged", "compose.yaml", "x-base: &base\n  build: ./web\n  healthcheck: &check\n    test: wget localhost\nservices:\n  a:\n    <<: *base\n  b:\n    build: b\n    healthcheck: *check\n  c:\n    <<: [*base]\n    healthcheck: {disable: true}\n",
			`a:6 builds web/Dockerfile declared:3 "wget localhost"; b:8 builds b/Dockerfile declared:10 "wget localhost"; c:11 builds web/Dockerfile disabled:13`},
		{"merged into a health check", "compose.yaml", "x-check: &check {interval: 5s, test: wget localhost}\nservices:\n  a:\n    build: .\n    healthcheck:\n      <<: *check\n      interval: 9s\n", `a:3 builds Dockerfile declared:5 "wget localhost"`},
		{"extends", "compose.yaml", "services:\n  a:\n    extends: {file: base.yaml, service: base}\n", "a:2 extends base; compose.yaml:3:5: service \"a\" extends another one, which is not followed"},
		{"include", "compose.yaml", "include: [other.yaml]\nservices: {}\n", "; compose.yaml:1:1: include: other Compose files are not followed"},
		{"elsewhere", "compose.yaml", "services:\n  a: {build: https://github.com/a/b.git}\n  b: {build: ../other}\n  c: {build: {dockerfile_inline: FROM a}}\n  d: {build: $DIR}\n  e: {build: '${DIR:-web}'}\n",
			"a:2 builds ?; b:3 builds ?; c:4 builds ?; d:5 builds ?; e:6 builds web/Dockerfile"},
		{"comment", "compose.yaml", "services:\n  a:\n    build: .\n    # healthcheck: {test: true}\n", "a:2 builds Dockerfile"},
		{"environment is no health check", "compose.yaml", "services:\n  a:\n    build: .\n    environment: {healthcheck: 'true'}\n", "a:2 builds Dockerfile"},
		{"no services", "compose.yaml", "name: x\n", ""},
		{"services is a list", "compose.yaml", "services: [a]\n", "error compose.yaml:1: services must be a mapping of names to services (write each service's name, a colon and its settings below)"},
		{"empty", "compose.yaml", "# nothing\n", "error compose.yaml: the file is empty (name the services under services:)"},
		{"a list", "compose.yaml", "- a\n", "error compose.yaml:1: expected a mapping with services (name the services under services:)"},
		{"alias of itself", "compose.yaml", "services: &a\n  b: *a\n", "error compose.yaml:2:6: the alias *a refers to a value that contains it (write the value out)"},
		{"two documents", "compose.yaml", "a: 1\n---\nb: 1\n", "error compose.yaml:3:1: another document begins here, the limit is 1 (remove the --- line and what follows it)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := shownCompose(ParseCompose(c.file, []byte(c.text))); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func shownCompose(c *Compose, err error) string {
	if err != nil {
		return "error " + err.Error()
	}
	var all []string
	for _, s := range c.Services {
		text := fmt.Sprintf("%s:%d", s.Name, s.At.Line)
		if s.Image != "" {
			text += " image " + s.Image
		}
		if s.Build != nil {
			name := s.Build.Dockerfile
			if name == "" {
				name = "?"
			} else if !s.Builds(name) || s.Builds("x") {
				name += " (but does not)"
			}
			text += " builds " + name
			if s.Build.Target != "" {
				text += " target " + s.Build.Target
			}
		}
		if s.Health.State != Unset {
			text += fmt.Sprintf(" %s:%d", s.Health.State, s.Health.At.Line)
		}
		if s.Health.Command != "" {
			text += fmt.Sprintf(" %q", s.Health.Command)
		}
		if s.Extends != "" {
			text += " extends " + s.Extends
		}
		if len(s.Profiles) > 0 {
			text += fmt.Sprintf(" profiles %v", s.Profiles)
		}
		all = append(all, text)
	}
	result := strings.Join(all, "; ")
	for _, each := range c.NotFollowed {
		result += "; " + each.Position.String() + ": " + each.Message
	}
	return result
}

func FuzzCompose(f *testing.F) {
	for _, seed := range []string{
		"services:\n  a:\n    build: {context: ., target: x}\n    healthcheck: {test: [CMD, a]}\n    extends: b\n", "x-a: &a {b: 1}\nservices:\n  c: {<<: [*a, *a], profiles: [d]}\n", "services: {a: {<<: 1}}\n", `{"services": {"a": null}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseCompose("docker-compose.yml", data)
		if (c == nil) == (err == nil) {
			t.Fatalf("%v and %v", c, err)
		}
		if err != nil {
			return
		}
		for _, s := range c.Services {
			if s.At.Line < 1 || s.Build != nil && strings.HasPrefix(s.Build.Dockerfile, "..") && strings.HasPrefix(s.Build.Dockerfile, "../") {
				t.Fatalf("%+v %+v", s, s.Build)
			}
		}
	})
}
