package diff

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// FuzzLoad: any text is a contract or a problem with a place, in bounded time; a
// contract compared with itself has not changed.
func FuzzLoad(f *testing.F) {
	files, _ := filepath.Glob(filepath.Join(goldenDir, "*", "base.yaml"))
	for i, file := range files {
		if data, err := os.ReadFile(file); err == nil && i%8 == 0 {
			f.Add(string(data))
		}
	}
	f.Add(`{"openapi":"3.1.0","paths":{"/a":{"get":{"responses":{"200":{"$ref":"#/paths/~1a/get/responses/200"}}}}}}`)
	f.Add("swagger: '2.0'\nhost: a.dev\nschemes: [http]\nproduces: [a/b]\nparameters: {p: {name: p, in: formData, type: array, items: {type: array, items: {}}}, b: {name: b, in: body, schema: {$ref: '#/definitions/O'}}}\n" +
		"responses: {r: {description: r, schema: {type: file}, headers: {h: {type: array}}}}\nsecurityDefinitions: {s: {type: oauth2, flow: implicit}}\ndefinitions: {O: {discriminator: k, x-nullable: true, allOf: [{$ref: '#/definitions/O'}]}}\n" +
		"paths: {/a: {parameters: [{$ref: '#/parameters/p'}], post: {consumes: [c/d], responses: {200: {$ref: '#/responses/r'}}}}, /b: {put: {schemes: [https], parameters: [{$ref: '#/parameters/b'}, {name: q, in: query, type: array, collectionFormat: x}]}}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		limits := openapi.Limits{FileBytes: 1 << 16, Depth: 500, Aliases: 5000}
		c, err := openapi.Load(ctx, memory{"c.yaml": text}, "c.yaml", openapi.LoadOptions{Limits: limits})
		if err != nil {
			if _, ok := errors.AsType[*contracts.Problem](err); !ok {
				t.Fatalf("no problem with a place: %v", err)
			}
			return
		}
		comparison, err := Compare(ctx, c, c, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(comparison.found); n > 0 {
			t.Fatalf("%d changes against itself, the first %s", n, comparison.found[0].Rule)
		}
		// without the shortcut over equal text as well
		c2, err := openapi.Load(ctx, memory{"c.yaml": text + "\n"}, "c.yaml", openapi.LoadOptions{Limits: limits})
		if err != nil {
			return
		}
		if _, _, err := comparison.Judge(ctx, []contracts.Consumer{{Component: "c"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := Compare(ctx, c2, c, Options{}); err != nil {
			t.Fatal(err)
		}
	})
}
