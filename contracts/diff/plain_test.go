package diff

import (
	"encoding/json"
	"maps"
	"slices"
)

// schemaMap is a JSON object as plain values.
type schemaMap = map[string]any

func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

func asList(v any) []any {
	l, _ := v.([]any)
	return l
}

func sortedKeys(m schemaMap) []string { return slices.Sorted(maps.Keys(m)) }

func drop(v any, name string) []any {
	var out []any
	for _, each := range asList(v) {
		if each != name {
			out = append(out, each)
		}
	}
	return out
}
