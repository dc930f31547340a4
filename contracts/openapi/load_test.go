package openapi

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"plimsoll/contracts"
)

// files is a Source over texts.
type files map[string]string

func (f files) ReadFile(_ context.Context, name string) ([]byte, error) {
	text, ok := f[name]
	if !ok {
		return nil, fmt.Errorf("read %s: %w", name, fs.ErrNotExist)
	}
	return []byte(text), nil
}

// schemaOf is a contract with one schema S of a type.
func schemaOf(kind string) string {
	return fmt.Sprintf(`{"openapi":"3.0.3","info":{},"paths":{},"components":{"schemas":{"S":{"type":%q}}}}`, kind)
}

func TestLoadLimits(t *testing.T) {
	minimal := `{"openapi":"3.0.3","info":{},"paths":{%s}}`
	cases := map[string]struct {
		src    files
		limits Limits
		want   string
	}{
		"bytes": {files{"c.json": fmt.Sprintf(minimal, "")}, Limits{FileBytes: 10}, "bytes, the limit is 10"},
		"files": {files{"c.yaml": "openapi: 3.0.3\npaths:\n  /a: {$ref: a.yaml}\n  /b: {$ref: b.yaml}\n", "a.yaml": "get: {responses: {}}\n", "b.yaml": "get: {responses: {}}\n"},
			Limits{Files: 2}, "more than 2 files"},
		"total": {files{"c.yaml": "openapi: 3.0.3\npaths:\n  /a: {$ref: a.yaml}\n", "a.yaml": "get: {responses: {}}\n"}, Limits{TotalBytes: 50}, "more than 50 bytes together"},
		"depth": {files{"c.json": fmt.Sprintf(minimal, `"/a":`+strings.Repeat(`{"x":`, 60)+"1"+strings.Repeat("}", 60))}, Limits{Depth: 50}, "deeper than 50"},
		"bomb": {files{"c.yaml": "openapi: 3.0.3\npaths: {}\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n"},
			Limits{}, "aliases add more than"},
		"outside":      {files{"api/c.yaml": "openapi: 3.0.3\npaths:\n  /a: {$ref: ../../x.yaml}\n"}, Limits{}, "outside the repository"},
		"anchor cycle": {files{"c.yaml": "openapi: 3.0.3\npaths: {}\na: &a {b: *a}\n"}, Limits{}, "refers to a value that contains it"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			file := "c.json"
			for f := range tc.src {
				if strings.Contains(f, "c.yaml") {
					file = f
				}
			}
			_, err := Load(t.Context(), tc.src, file, LoadOptions{Limits: tc.limits})
			problem, ok := errors.AsType[*contracts.Problem](err)
			if !ok || !strings.Contains(problem.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestCacheGivesTheSameDocument(t *testing.T) {
	src := files{"b.json": schemaOf("string")}
	cache := NewCache(0)
	one, err := Load(t.Context(), src, "b.json", LoadOptions{Cache: cache})
	if err != nil {
		t.Fatal(err)
	}
	two, err := Load(t.Context(), src, "b.json", LoadOptions{Cache: cache})
	if err != nil {
		t.Fatal(err)
	}
	if one.root != two.root {
		t.Error("equal content was parsed twice")
	}
	src["b.json"] = "\ufeff" + schemaOf("string")
	if three, err := Load(t.Context(), src, "b.json", LoadOptions{Cache: cache, Like: one}); err != nil || three.root == one.root {
		t.Errorf("got %v", err)
	}
	src["b.json"] = schemaOf("integer")
	other, err := Load(t.Context(), src, "b.json", LoadOptions{Cache: cache, Like: one})
	if err != nil {
		t.Fatal(err)
	}
	leaf := other.Root().Get("components").Get("schemas").Get("S").Get("type")
	if leaf.Text() != "integer" {
		t.Errorf("the cache gave the earlier text: %q", leaf.Text())
	}
	small := NewCache(10)
	if _, err := Load(t.Context(), src, "b.json", LoadOptions{Cache: small}); err != nil {
		t.Fatal(err)
	}
	if entries, bytes := small.documents.Stats(); entries != 0 || bytes != 0 {
		t.Error("a cache holds more than its budget")
	}
}
