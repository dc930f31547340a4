package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// Whatever the bytes are: a repository or errors with places inside the file,
// each of them one line, and the same file parsed under another name the same.
func FuzzParseRepository(f *testing.F) {
	files, err := filepath.Glob("../testdata/config/*.yml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"version": 1, "components": [{"name": "a", "consumes": [{"api": "\ud83d", "operations": []}]}]}`))
	f.Add([]byte("version: 1\na: &a {<<: *a}\n"))
	f.Add([]byte("version: 1\ncomponents: [{<<: [{name: a}, {name: b}], path: x}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ParseRepository("f.yml", data)
		if (r == nil) == (err == nil) {
			t.Fatalf("repository %v and error %v", r, err)
		}
		if err == nil {
			merged, _ := Merge(r, r)
			if len(merged.Components) != len(r.Components) {
				t.Fatal("merging lost a component")
			}
			return
		}
		errs, ok := errors.AsType[Errors](err)
		if !ok || len(errs) == 0 {
			t.Fatalf("error %v (%T)", err, err)
		}
		lines := strings.Count(string(data), "\n") + 1
		for _, e := range errs {
			text := e.Error()
			if e.Line > lines || e.Line < 0 || e.Column < 0 || e.Message == "" || strings.ContainsAny(text, "\n\r\x00") || !utf8.ValidString(text) {
				t.Errorf("line %d of %d: %q", e.Line, lines, text)
			}
		}
	})
}

func FuzzGlob(f *testing.F) {
	f.Add("pacts/**/*.{json,yml}", "pacts/a/b.json")
	f.Add("{a,b}{c,d}{e,{f", "ace")
	f.Fuzz(func(t *testing.T, pattern, path string) {
		glob := Glob(pattern)
		if len(pattern) > 1024 || len(path) > 1024 || strings.Count(pattern, "*") > 16 {
			return
		}
		if glob.Match(path) && glob.Literal() && pattern != path {
			t.Errorf("%q matches %q", pattern, path)
		}
		if !strings.ContainsAny(path, "*?{}") && !Glob(path).Match(path) {
			t.Errorf("%q does not match itself", path)
		}
	})
}
