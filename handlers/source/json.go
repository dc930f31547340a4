package source

import (
	"encoding/json"
	"fmt"
)

// JSON returns a value as text: equal texts, equal values.
func JSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("plain data: %v", err))
	}
	return string(text)
}
