package document

import (
	"encoding/json"
	"strings"
)

// keyIs compares a key with a name without decoding what need not be.
func (d *Doc) keyIs(i int32, name string) bool {
	e := &d.tape[i]
	switch e.style {
	case styleRaw:
		return d.src[e.start:e.end] == name
	case styleJSON:
		return int(e.end-e.start) == len(name)+2 && d.src[e.start+1:e.end-1] == name
	default:
		return d.value(i) == name
	}
}

// value gives the text of a scalar.
func (d *Doc) value(i int32) string {
	e := &d.tape[i]
	if e.style == styleText {
		return d.text[e.start]
	}
	raw := d.src[e.start:e.end]
	switch e.style {
	case styleRaw:
		return raw
	case styleJSON:
		return raw[1 : len(raw)-1]
	case styleEscaped:
		if !d.yaml {
			return unquoteJSON(raw)
		}
		return unquoteDouble(raw)
	case styleSingle:
		return unquoteSingle(raw)
	case styleFold:
		return foldLines(raw)
	default:
		line := strings.LastIndexByte(d.src[:e.start], '\n') + 1
		text := d.src[line:e.start]
		return unfoldBlock(raw, len(text)-len(strings.TrimLeft(text, " ")))
	}
}

func unquoteJSON(raw string) string {
	var s string
	if err := json.Unmarshal([]byte(raw), &s); err != nil {
		return strings.ToValidUTF8(raw[1:len(raw)-1], "�")
	}
	return s
}
