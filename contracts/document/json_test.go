package document

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// plain turns a node into what encoding/json would make of it.
func plain(n Node) any {
	switch n.Kind() {
	case Object:
		m := map[string]any{}
		for name, value := range n.Members() {
			m[name] = plain(value)
		}
		return m
	case Array:
		list := []any{}
		for _, item := range n.Items() {
			list = append(list, plain(item))
		}
		return list
	case String:
		return n.Text()
	case Number:
		return json.Number(n.Text())
	case Bool:
		return n.True()
	}
	return nil
}

func TestJSONFaults(t *testing.T) {
	for text, want := range map[string]string{
		`{"a": }`:               "1:7: expected a value, found '}'",
		"{\n  \"a\": 1\n \"":    "3:2: expected a comma or the end of an object, found '\"'",
		`{"a": 1`:               "1:8: the text ends inside an object",
		`[1, 01]`:               `1:5: expected a value, found "01"`,
		`{"a": "x`:              "1:7: the string is not closed",
		`{a: 1} x`:              "1:2: expected a member's name in double quotes",
		`{} {}`:                 "1:4: text follows the end of the document",
		`{"a" 1}`:               `1:6: expected a colon behind the member's name "a"`,
		strings.Repeat("[", 30): "1:21: nested deeper than 20 levels",
	} {
		_, err := Parse("x.json", []byte(text), Limits{Depth: 20})
		fault, ok := errors.AsType[*Error](err)
		if !ok || fault.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestPositionAndPath(t *testing.T) {
	d, err := Parse("x.json", []byte("{\n  \"a\": {\"b\": [1,\n    {\"c\": true}]}\n}"), testLimits)
	if err != nil {
		t.Fatal(err)
	}
	n := NewFinder(d).Find(d.Root(), "/a/b/1/c")
	if line, column := n.Position(); line != 3 || column != 11 || strings.Join(n.Path(), "/") != "a/b/1/c" || !n.True() {
		t.Errorf("got %d:%d %v", line, column, n.Path())
	}
}

// TestPathsOfManyChildren: the way to every node leads back to it, also through
// objects and arrays with many children.
func TestPathsOfManyChildren(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"list": [0`)
	for i := range 300 {
		fmt.Fprintf(&b, `, {"a": [%d]}`, i)
	}
	b.WriteString(`], "names": {"": 0`)
	for i := range 300 {
		fmt.Fprintf(&b, `, "n%d": {"a": %d}`, i, i)
	}
	b.WriteString("}}")
	d, err := Parse("x.json", []byte(b.String()), testLimits)
	if err != nil {
		t.Fatal(err)
	}
	finder, values := NewFinder(d), 0
	var visit func(n Node, parents int)
	visit = func(n Node, parents int) {
		values++
		pointer := ""
		for _, step := range n.Path() {
			pointer += "/" + step
		}
		if found := finder.Find(d.Root(), pointer); found != n || len(n.Ancestors()) != parents {
			t.Fatalf("%q leads to %v, not to %v; %d ancestors", pointer, found.Index(), n.Index(), len(n.Ancestors()))
		}
		for _, child := range n.Members() {
			visit(child, parents+1)
		}
		for _, child := range n.Items() {
			visit(child, parents+1)
		}
	}
	visit(d.Root(), 0)
	if values != 1+2+301+600+301+300 {
		t.Errorf("visited %d values", values)
	}
}

// FuzzJSON: what encoding/json takes, the scanner takes, and the other way round,
// and both understand the same. Duplicate keys only encoding/json takes.
func FuzzJSON(f *testing.F) {
	f.Add(`{"a": [1, -2.5e3, "x\n", null, true], "$ref": "#/b"}`)
	f.Add(`[[[]]]`)
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse("x.json", []byte(text), Limits{Depth: 1000})
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		var want any
		wantErr := decoder.Decode(&want)
		if wantErr == nil && strings.TrimSpace(text[decoder.InputOffset():]) != "" {
			wantErr = errors.New("more follows")
		}
		if err == nil && wantErr == nil && !reflect.DeepEqual(plain(d.Root()), want) {
			t.Errorf("%q: got %v, want %v", text, plain(d.Root()), want)
		}
		if err != nil && wantErr == nil && json.Valid([]byte(text)) && strings.TrimSpace(text) != "" && !strings.HasPrefix(text, "\ufeff") {
			if !strings.Contains(err.Error(), "UTF-8") && !strings.Contains(err.Error(), "duplicate key") {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}
