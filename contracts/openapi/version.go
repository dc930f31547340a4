package openapi

import (
	"fmt"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
)

// specVersion is the version of OpenAPI that a contract is written in.
type specVersion struct {
	swagger bool // 2.0, converted on load
	minor   int  // of 3.x
}

// jsonSchema tells whether schemas follow JSON Schema 2020-12 (3.1 and later):
// type arrays, siblings of $ref, numeric exclusive bounds.
func (v specVersion) jsonSchema() bool { return !v.swagger && v.minor >= 1 }

// JSONSchema tells whether the contract's schemas follow JSON Schema 2020-12, as those of
// OpenAPI 3.1 and later do.
func (c *Contract) JSONSchema() bool { return c.version.jsonSchema() }

// since32 tells whether the additions of OpenAPI 3.2 count.
func (v specVersion) since32() bool { return !v.swagger && v.minor >= 2 }

func (l *loader) checkVersion(root *document.Doc) error {
	top := root.Root()
	if top.Kind() != document.Object {
		return &contracts.Problem{Position: PositionOf(top), Message: fmt.Sprintf("expected an OpenAPI document, found %s", top.Kind())}
	}
	if v := top.Get("swagger"); v.Valid() {
		if !strings.HasPrefix(v.Text(), "2.") {
			return &contracts.Problem{Position: PositionOf(v), Path: "swagger", Message: fmt.Sprintf("expected Swagger version 2.0, found %q", v.Text())}
		}
		l.c.version = specVersion{swagger: true}
		return nil
	}
	v := top.Get("openapi")
	if !v.Valid() {
		return &contracts.Problem{Position: PositionOf(top), Message: `expected "openapi" or "swagger" with the version of the format`,
			Hint: `an OpenAPI document starts with a line such as "openapi: 3.0.3"`}
	}
	text := v.Text()
	switch {
	case text == "3.0" || strings.HasPrefix(text, "3.0."):
		l.c.version = specVersion{minor: 0}
	case text == "3.1" || strings.HasPrefix(text, "3.1."):
		l.c.version = specVersion{minor: 1}
	case text == "3.2" || strings.HasPrefix(text, "3.2."):
		l.c.version = specVersion{minor: 2}
	default:
		return &contracts.Problem{Position: PositionOf(v), Path: "openapi", Message: fmt.Sprintf("expected OpenAPI version 3.0 to 3.2, or Swagger 2.0, found %q", text)}
	}
	l.checkDialect(top.Get("jsonSchemaDialect"))
	return nil
}

// checkDialect notes a dialect of JSON Schema whose keywords are not known.
func (l *loader) checkDialect(dialect document.Node) {
	if !l.c.version.jsonSchema() || dialect.Kind() != document.String {
		return
	}
	uri := strings.TrimSuffix(dialect.Text(), "#")
	for _, known := range []string{"https://spec.openapis.org/oas/3.", "https://json-schema.org/draft/20", "http://json-schema.org/draft-0"} {
		if strings.HasPrefix(uri, known) {
			return
		}
	}
	l.c.gaps = append(l.c.gaps, Gap{Node: dialect, What: "JSON Schema dialect " + uri})
}
