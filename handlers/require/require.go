// Package require checks that values are made with everything that they need. What is
// missing is found when the server starts and not by the first event that needs it.
package require

import (
	"fmt"
	"reflect"
	"strings"
)

// All returns an error that names the fields of a struct that are nil, also in structs
// within it. Only a field with the tag `require:"optional"` may be nil.
func All(deps any) error {
	v := reflect.ValueOf(deps)
	if missing := missingIn(v, ""); len(missing) > 0 {
		return fmt.Errorf("make %s: missing %s", v.Type(), strings.Join(missing, ", "))
	}
	return nil
}

func missingIn(v reflect.Value, path string) (missing []string) {
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		if field.Tag.Get("require") == "optional" {
			continue
		}
		name := path + field.Name
		switch {
		case value.Kind() == reflect.Struct && value.Type().Name() != "":
			missing = append(missing, missingIn(value, name+".")...)
		case isNil(value):
			missing = append(missing, name)
		}
	}
	return missing
}

// isNil reports whether nothing can be called: an interface that holds a nil pointer is
// as useless as a nil interface.
func isNil(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Interface:
		return v.IsNil() || isNil(v.Elem())
	case reflect.Pointer, reflect.Func, reflect.Map, reflect.Chan:
		return v.IsNil()
	}
	return false
}
