package document

import (
	"strings"

	yaml "go.yaml.in/yaml/v3"
)

// The texts of YAML's scalars are decoded only when somebody asks for them,
// which for descriptions is never. The rare ones go through the full parser.

func unquoteDouble(raw string) string { return decodeScalar(raw) }

func unquoteSingle(raw string) string {
	inner := raw[1 : len(raw)-1]
	if !strings.ContainsAny(inner, "'\n") {
		return inner
	}
	return decodeScalar(raw)
}

func decodeScalar(raw string) string {
	var s string
	if err := yaml.Unmarshal([]byte(raw), &s); err != nil {
		return raw
	}
	return s
}

// foldLines joins the lines of a plain scalar: a single line break becomes a
// space, n+1 breaks become n (YAML 1.2, section 7.3.3).
func foldLines(raw string) string {
	var b strings.Builder
	breaks := 0
	for i, line := range strings.Split(raw, "\n") {
		line = strings.Trim(line, " \t\r")
		if i > 0 {
			breaks++
		}
		if line == "" {
			continue
		}
		switch {
		case b.Len() == 0:
		case breaks == 1:
			b.WriteByte(' ')
		default:
			for range breaks - 1 {
				b.WriteByte('\n')
			}
		}
		breaks = 0
		b.WriteString(line)
	}
	return b.String()
}

// unfoldBlock decodes a block scalar, given from its indicator to the end of
// its last line; column is that of the key in front of it. The full parser sees it
// as the value of a key.
func unfoldBlock(raw string, column int) string {
	head, body, ok := strings.Cut(raw, "\n")
	if !ok {
		return ""
	}
	if strings.ContainsAny(head, "123456789") { // counted from the key's column
		lines := strings.Split(body, "\n")
		for i, line := range lines {
			lines[i] = line[min(column, len(line)-len(strings.TrimLeft(line, " "))):]
		}
		body = strings.Join(lines, "\n")
	}
	if !strings.Contains(head, "+") {
		body += "\n"
	}
	var v struct{ V string }
	if err := yaml.Unmarshal([]byte("v: "+head+"\n"+body), &v); err != nil {
		return body
	}
	return v.V
}
