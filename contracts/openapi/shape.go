package openapi

import (
	"fmt"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
)

// checkTarget refuses references to what is no object, and to objects of another kind
// than the place asks for.
func (l *loader) checkTarget(ref document.Ref, n document.Node) error {
	problem := func(found, expected string) error {
		return &contracts.Problem{Position: PositionOf(ref.Value), Path: ref.Target,
			Message: fmt.Sprintf("refers to %s, which is %s; expected %s", ref.Target, found, expected), Hint: "correct the $ref"}
	}
	if n.Kind() == document.String && isProse(ref.Value.Path()) {
		return nil // of which nothing is compared
	}
	if kind := n.Kind(); kind != document.Object && (kind != document.Bool || !l.c.version.jsonSchema()) {
		return problem(kind.String(), "an object")
	}
	found := targetSection(ref.Target)
	if found == "" {
		return nil
	}
	if expected := placeSection(ref.Value.Path()); expected != "" && expected != found {
		return problem(sections[found], sections[expected])
	}
	return nil
}

// isProse tells whether a $ref stands where a text for people does: tools that bundle files
// put the text there.
func isProse(path []string) bool {
	if len(path) < 3 {
		return false
	}
	name, parent := path[len(path)-2], path[len(path)-3]
	return (name == "description" || name == "summary" || name == "title") && !named[parent] && parent != "properties" && parent != "patternProperties" && parent != "$defs"
}

// sections are the sections of "components" and what stands in them.
var sections = map[string]string{"schemas": "a schema", "responses": "a response", "parameters": "a parameter", "examples": "an example",
	"requestBodies": "a request body", "headers": "a header", "securitySchemes": "a security scheme", "links": "a link", "callbacks": "a callback",
	"pathItems": "a path item", "mediaTypes": "a media type"}

// targetSection gives the section of what a reference names; "" for schemas, which most
// are, and where the text does not say it.
func targetSection(target string) string {
	_, pointer, _ := strings.Cut(target, "#")
	if rest, ok := strings.CutPrefix(pointer, "/components/"); ok {
		section, name, _ := strings.Cut(rest, "/")
		if section != "schemas" && sections[section] != "" && name != "" && !strings.Contains(name, "/") {
			return section
		}
	}
	if name, ok := strings.CutPrefix(pointer, "/paths/"); ok && !strings.Contains(name, "/") {
		return "pathItems"
	}
	return ""
}

// placeSection gives the section of what may stand where a $ref stands; "" where the
// steps do not say it for certain.
func placeSection(path []string) string {
	if len(path) < 3 {
		return ""
	}
	name, parent := path[len(path)-2], path[len(path)-3]
	byParent := map[string]string{"properties": "schemas", "patternProperties": "schemas", "$defs": "schemas", "dependentSchemas": "schemas", "allOf": "schemas", "oneOf": "schemas", "anyOf": "schemas",
		"prefixItems": "schemas", "schemas": "schemas", "responses": "responses", "parameters": "parameters", "requestBodies": "requestBodies", "headers": "headers",
		"securitySchemes": "securitySchemes", "links": "links", "callbacks": "callbacks", "paths": "pathItems", "webhooks": "pathItems", "pathItems": "pathItems", "content": "mediaTypes"}[parent]
	byName := map[string]string{"schema": "schemas", "itemSchema": "schemas", "items": "schemas", "additionalProperties": "schemas", "not": "schemas", "requestBody": "requestBodies"}[name]
	switch {
	case byParent == "" || byParent == byName:
		return byName
	case byName == "":
		return byParent
	}
	return ""
}

// checkShape refuses documents whose outer parts are not what they must be, so
// that nothing is silently overlooked.
func (l *loader) checkShape() error {
	top := l.c.Root()
	paths := top.Get("paths")
	if !paths.Valid() && !top.Get("webhooks").Valid() && !top.Get("components").Valid() {
		return &contracts.Problem{Position: PositionOf(top), Message: `expected "paths"`}
	}
	if err := expectKind(paths, "paths", "an object", document.Object); err != nil {
		return err
	}
	if err := l.checkComponents(top.Get("components")); err != nil {
		return err
	}
	for name, item := range paths.Members() {
		if strings.HasPrefix(name, "x-") {
			continue
		}
		if err := l.checkItem(item, "paths."+name); err != nil {
			return err
		}
	}
	for name, item := range top.Get("webhooks").Members() {
		if err := l.checkItem(item, "webhooks."+name); err != nil {
			return err
		}
	}
	return nil
}

// expectKind refuses a value of another kind. What is not there or null is no fault: an
// empty section of a YAML file is null.
func expectKind(n document.Node, where, expected string, kinds ...document.Kind) error {
	kind := n.Kind()
	if !n.Valid() || kind == document.Null {
		return nil
	}
	for _, k := range kinds {
		if kind == k {
			return nil
		}
	}
	return &contracts.Problem{Position: PositionOf(n), Path: where, Message: fmt.Sprintf("expected %s, found %s", expected, kind)}
}

func (l *loader) checkComponents(components document.Node) error {
	if err := expectKind(components, "components", "an object", document.Object); err != nil {
		return err
	}
	for section, names := range components.Members() {
		what := sections[section]
		if what == "" || section == "examples" {
			continue
		}
		if err := expectKind(names, "components."+section, "an object", document.Object); err != nil {
			return err
		}
		for name, n := range names.Members() {
			if n.Kind() == document.Object || section == "schemas" && n.Kind() == document.Bool || strings.HasPrefix(name, "x-") {
				continue
			}
			if err := expectKind(n, "components."+section+"."+name, what, document.Object); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkItem checks the operations of a path or webhook.
func (l *loader) checkItem(item document.Node, where string) error {
	if err := expectKind(item, where, "an object with operations", document.Object); err != nil {
		return err
	}
	for method, op := range item.Members() {
		if method == "parameters" {
			if err := checkList(op, where+".parameters", "a parameter"); err != nil {
				return err
			}
		}
		if method == additional && l.c.version.since32() {
			if err := checkMap(op, where+"."+additional, "an operation"); err != nil {
				return err
			}
		}
		if !isMethod(method) || method == "query" && !l.c.version.since32() {
			continue
		}
		if op.Kind() != document.Object {
			return &contracts.Problem{Position: PositionOf(op), Path: where + "." + method, Message: fmt.Sprintf("expected an operation, found %s", op.Kind())}
		}
		if err := checkOperation(l.c.Deref(op), where+"."+method); err != nil {
			return err
		}
	}
	return nil
}

func checkOperation(op document.Node, where string) error {
	for keyword, value := range op.Members() {
		var err error
		switch keyword {
		case "parameters":
			err = checkList(value, where+".parameters", "a parameter")
		case "requestBody":
			err = expectKind(value, where+".requestBody", "a request body", document.Object)
		case "responses":
			err = checkMap(value, where+".responses", "a response")
		case "callbacks":
			err = checkMap(value, where+".callbacks", "a callback")
		case "security", "servers", "tags":
			err = expectKind(value, where+"."+keyword, "a list", document.Array)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func checkList(list document.Node, where, what string) error {
	if err := expectKind(list, where, "a list", document.Array); err != nil {
		return err
	}
	for _, item := range list.Items() {
		if err := expectKind(item, where, what, document.Object); err != nil {
			return err
		}
	}
	return nil
}

func checkMap(names document.Node, where, what string) error {
	if err := expectKind(names, where, "an object", document.Object); err != nil {
		return err
	}
	for name, n := range names.Members() {
		if n.Kind() == document.Object || strings.HasPrefix(name, "x-") {
			continue
		}
		if err := expectKind(n, where+"."+name, what, document.Object); err != nil {
			return err
		}
	}
	return nil
}
