package openapi

import (
	"maps"
	"math"
	"math/big"
	"slices"
	"strings"

	"plimsoll/contracts/document"
)

// TypeSet is a set of JSON types. "number" is both integer and fraction, so that
// integer → number is a widening.
type TypeSet uint8

const (
	TypeNull TypeSet = 1 << iota
	TypeBoolean
	TypeInteger
	typeFraction
	TypeString
	TypeArray
	TypeObject

	TypeNumber = TypeInteger | typeFraction
	TypeAny    = TypeNull | TypeBoolean | TypeNumber | TypeString | TypeArray | TypeObject
)

var typeNames = []struct {
	set  TypeSet
	name string
}{
	{TypeObject, "object"}, {TypeArray, "array"}, {TypeString, "string"}, {TypeNumber, "number"},
	{TypeInteger, "integer"}, {typeFraction, "fraction"}, {TypeBoolean, "boolean"}, {TypeNull, "null"},
}

// String gives the names joined by "|"; "any" for the set of all.
func (t TypeSet) String() string {
	if t|TypeNull == TypeAny {
		return "any"
	}
	var names []string
	for _, n := range typeNames {
		if t&n.set == n.set {
			names = append(names, n.name)
			t &^= n.set
		}
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, "|")
}

// typeNamed gives the set of one type name; 0 for an unknown one.
func typeNamed(name string) TypeSet {
	if name == "file" { // Swagger 2.0
		return TypeString
	}
	for _, n := range typeNames {
		if n.name == name && n.set != typeFraction {
			return n.set
		}
	}
	return 0
}

// typesOf reads the keyword "type": a name or, from 3.1 on, a list of names.
func typesOf(n document.Node) (TypeSet, bool) {
	switch n.Kind() {
	case document.String:
		t := typeNamed(n.Text())
		return t, t != 0
	case document.Array:
		var t TypeSet
		for _, item := range n.Items() {
			if item.IsNull() { // an unquoted null in YAML
				t |= TypeNull
			}
			t |= typeNamed(item.Text())
		}
		return t, t != 0
	}
	return TypeAny, false
}

// typeOfValue gives the type of a literal.
func typeOfValue(n document.Node) TypeSet {
	switch n.Kind() {
	case document.Null:
		return TypeNull
	case document.Bool:
		return TypeBoolean
	case document.Number:
		if f, ok := n.Float(); ok && f == math.Trunc(f) {
			return TypeInteger
		}
		return typeFraction
	case document.String:
		return TypeString
	case document.Array:
		return TypeArray
	case document.Object:
		return TypeObject
	}
	return 0
}

// Literal gives a value as the canonical text by which enum values are compared.
func Literal(n document.Node) string {
	if n.Kind() == document.Number {
		if f, ok := n.Float(); ok && math.Abs(f) < 1e15 {
			text := trimFloat(f)
			short, okShort := new(big.Rat).SetString(text)
			if r, ok := n.Exact(); ok && okShort && r.Cmp(short) == 0 {
				return text
			}
		}
	}
	if n.Kind() == document.String {
		return n.Text()
	}
	return string(n.AppendJSON(nil))
}

// LiteralKey tells "1" from 1.
func LiteralKey(n document.Node) string {
	if n.Kind() == document.String {
		return "s" + n.Text()
	}
	return "v" + Literal(n)
}

// integerFormats are the formats of integers in OpenAPI's format registry: whether they have
// negative values, and by how many bits their values are at most long.
var integerFormats = map[string]struct {
	signed bool
	bits   int
}{
	"int8": {true, 7}, "int16": {true, 15}, "int32": {true, 31}, "int64": {true, 63}, "double-int": {true, 53},
	"uint8": {false, 8}, "uint16": {false, 16}, "uint32": {false, 32}, "uint64": {false, 64},
}

// IntegerFormat gives the range of a format of integers in OpenAPI's format registry:
// whether its values have a sign, and by how many bits they are at most long without it.
func IntegerFormat(name string) (signed bool, bits int, ok bool) {
	f, ok := integerFormats[name]
	return f.signed, f.bits, ok
}

// IntegerFormats gives the names of the formats of integers.
func IntegerFormats() []string { return slices.Sorted(maps.Keys(integerFormats)) }

// FormatHolds tells whether each value of one format has the other as well: every int32 is
// an int64, and a double without rounding.
func FormatHolds(wide, narrow string) bool {
	n, isInteger := integerFormats[narrow]
	switch wide {
	case "float":
		return isInteger && n.bits <= 24
	case "double":
		return isInteger && n.bits <= 53 || narrow == "float"
	}
	w, ok := integerFormats[wide]
	return ok && isInteger && n.bits <= w.bits && (w.signed || !n.signed)
}
