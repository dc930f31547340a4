// Command trim cuts GitHub's REST description down to the operations that the
// simulator answers (operations.txt) and writes it beside the simulator.
//
// The source is generated/api.github.com.json of the npm package
// @octokit/openapi (MIT, GitHub and Octokit contributors):
//
//	npm pack @octokit/openapi@23.0.2
//	tar xzf octokit-openapi-23.0.2.tgz package/generated/api.github.com.json
//	go run ./server/simulator/internal/description/trim package/generated/api.github.com.json
//
// What it does to the description: keeps the named operations and the components
// they reach; drops prose, examples and extensions; lets path parameters that may
// hold slashes do so; writes the schema of each request body out in place and
// closes it (additionalProperties: false), so that a field GitHub does not know is
// refused. The package's version stands in info.version of the result.
package main

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

//go:embed operations.txt
var operations string

func main() {
	out := flag.String("o", "server/simulator/internal/description/rest.json.gz", "file to write")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: trim [-o FILE] api.github.com.json")
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *out); err != nil {
		fmt.Fprintln(os.Stderr, "trim:", err)
		os.Exit(1)
	}
}

func run(in, out string) error {
	raw, err := os.ReadFile(in)
	if err != nil {
		return fmt.Errorf("read description: %w", err)
	}
	trimmed, err := Trim(raw, wanted(operations))
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	zip, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := zip.Write(trimmed); err != nil {
		return err
	}
	if err := zip.Close(); err != nil {
		return err
	}
	if err := os.WriteFile(out, packed.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write description: %w", err)
	}
	fmt.Printf("%d operations, %d bytes, %d packed\n", len(wanted(operations)), len(trimmed), packed.Len())
	return nil
}

// wanted reads operations.txt: one operationId a line, # begins a comment.
func wanted(text string) []string {
	var ids []string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			ids = append(ids, line)
		}
	}
	return ids
}

type object = map[string]any

// Trim returns the description with only the operations in ids.
// An id that the description does not have is an error.
func Trim(raw []byte, ids []string) ([]byte, error) {
	var doc object
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("decode description: %w", err)
	}
	missing := map[string]bool{}
	for _, id := range ids {
		missing[id] = true
	}
	components, _ := doc["components"].(object)
	paths := object{}
	all, _ := doc["paths"].(object)
	for _, path := range slices.Sorted(maps.Keys(all)) {
		item, _ := all[path].(object)
		kept := object{}
		for method, value := range item {
			operation, ok := value.(object)
			if !ok {
				continue
			}
			id, _ := operation["operationId"].(string)
			if !missing[id] {
				continue
			}
			delete(missing, id)
			if body, ok := operation["requestBody"].(object); ok {
				operation["requestBody"] = closeBody(body, components)
			}
			kept[method] = clean(operation, false)
		}
		if len(kept) > 0 {
			if shared, ok := item["parameters"]; ok {
				kept["parameters"] = clean(shared, false)
			}
			paths[slashes(path)] = kept
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("the description has no operation %s", strings.Join(slices.Sorted(maps.Keys(missing)), ", "))
	}
	amend(paths)
	info, _ := doc["info"].(object)
	result := object{
		"openapi": doc["openapi"],
		"info": object{
			"title":       "GitHub REST API, trimmed",
			"description": "From the npm package @octokit/openapi, generated/api.github.com.json; see trim/main.go.",
			"version":     info["version"],
			"license":     info["license"],
		},
		"servers":    []any{object{"url": "/api/v3"}},
		"paths":      paths,
		"components": reached(paths, components),
	}
	return json.Marshal(result)
}

// amend fixes what the package itself broke: in one place it turns "an account is a
// user or an enterprise" into "is both", which no answer of GitHub's can be. The
// same object is right under its own name.
func amend(paths object) {
	item, ok := paths["/app/installations"].(object)
	if !ok {
		return
	}
	responses := item["get"].(object)["responses"].(object)
	content := responses["200"].(object)["content"].(object)
	schema := content["application/json"].(object)["schema"].(object)
	schema["items"] = object{"$ref": "#/components/schemas/installation"}
}

// slashes lets the parameters that may hold slashes match them.
func slashes(path string) string {
	switch {
	case strings.HasSuffix(path, "/contents/{path}"):
		return strings.TrimSuffix(path, "{path}") + "{path:.*}"
	case strings.HasSuffix(path, "/git/ref/{ref}"), strings.HasSuffix(path, "/git/matching-refs/{ref}"), strings.HasSuffix(path, "/tarball/{ref}"):
		return strings.TrimSuffix(path, "{ref}") + "{ref:.+}"
	case strings.HasSuffix(path, "/releases/tags/{tag}"):
		return strings.TrimSuffix(path, "{tag}") + "{tag:.+}"
	case strings.HasSuffix(path, "/branches/{branch}"):
		return strings.TrimSuffix(path, "{branch}") + "{branch:.+}"
	}
	return path
}
