package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const small = `{
 "openapi": "3.0.3", "info": {"title": "x", "version": "7", "license": {"name": "MIT"}}, "servers": [{"url": "https://api.github.com"}],
 "paths": {
  "/things/{path}": {"get": {"operationId": "a/drop", "responses": {"200": {"description": "d"}}}},
  "/repos/{owner}/contents/{path}": {
   "parameters": [{"$ref": "#/components/parameters/owner"}],
   "put": {"operationId": "a/keep", "summary": "s", "description": "d", "x-github": {}, "externalDocs": {},
    "requestBody": {"content": {"application/json": {"example": 1, "schema": {"$ref": "#/components/schemas/body"}}}},
    "responses": {"200": {"description": "long prose", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/answer"}}}}}},
   "get": {"operationId": "a/other", "responses": {}}}},
 "components": {
  "parameters": {"owner": {"name": "owner", "in": "path", "description": "d", "schema": {"type": "string"}}, "unused": {}},
  "schemas": {
   "answer": {"type": "object", "title": "t", "properties": {"description": {"type": "string", "description": "d"}, "next": {"$ref": "#/components/schemas/answer"}}},
   "body": {"type": "object", "properties": {"title": {"type": "string", "example": "e"}, "inner": {"$ref": "#/components/schemas/inner"},
     "list": {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "string"}}}}, "open": {"type": "object", "additionalProperties": true, "properties": {"y": {}}}},
     "anyOf": [{"properties": {"title": {"enum": ["a"]}}}]},
   "inner": {"oneOf": [{"type": "object", "properties": {"z": {"type": "string"}}}, {"type": "string"}]},
   "unused": {}}}}`

func TestTrim(t *testing.T) {
	got, err := Trim([]byte(small), []string{"a/keep"})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
 "openapi": "3.0.3", "servers": [{"url": "/api/v3"}],
 "info": {"title": "GitHub REST API, trimmed", "version": "7", "license": {"name": "MIT"}, "description": "From the npm package @octokit/openapi, generated/api.github.com.json; see trim/main.go."},
 "paths": {
  "/repos/{owner}/contents/{path:.*}": {
   "parameters": [{"$ref": "#/components/parameters/owner"}],
   "put": {"operationId": "a/keep",
    "requestBody": {"content": {"application/json": {"schema": {"type": "object", "additionalProperties": false, "properties": {"title": {"type": "string"},
       "inner": {"oneOf": [{"type": "object", "additionalProperties": false, "properties": {"z": {"type": "string"}}}, {"type": "string"}]},
       "list": {"type": "array", "items": {"type": "object", "additionalProperties": false, "properties": {"x": {"type": "string"}}}},
       "open": {"type": "object", "additionalProperties": true, "properties": {"y": {}}}},
       "anyOf": [{"properties": {"title": {"enum": ["a"]}}}]}}}},
    "responses": {"200": {"description": "Response", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/answer"}}}}}}}},
 "components": {
  "parameters": {"owner": {"name": "owner", "in": "path", "schema": {"type": "string"}}},
  "schemas": {"answer": {"type": "object", "properties": {"description": {"type": "string"}, "next": {"$ref": "#/components/schemas/answer"}}}}}}`
	var a, b any
	if err := json.Unmarshal(got, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, b) {
		t.Errorf("got %s", got)
	}
}

func TestTrimNamesWhatIsMissing(t *testing.T) {
	_, err := Trim([]byte(small), []string{"a/keep", "a/gone"})
	if err == nil || !strings.Contains(err.Error(), "no operation a/gone") {
		t.Errorf("%v", err)
	}
}

func TestRunIsReproducible(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "in.json")
	// Every wanted operation, each with nothing to say.
	paths := map[string]any{}
	for _, id := range wanted(operations) {
		paths["/"+id] = map[string]any{"get": map[string]any{"operationId": id, "responses": map[string]any{}}}
	}
	raw, err := json.Marshal(map[string]any{"openapi": "3.0.3", "info": map[string]any{"version": "1"}, "paths": paths})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(in, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	var packed [2]string
	for i, name := range []string{"a", "b"} {
		out := filepath.Join(dir, name)
		if err := run(in, out); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		packed[i] = string(content)
	}
	if packed[0] != packed[1] {
		t.Error("the same source gives two results")
	}
	if err := run(filepath.Join(dir, "nowhere"), in); err == nil {
		t.Error("a source that is not there is no error")
	}
}
