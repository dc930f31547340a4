package images

import "strings"

// maxExpanded bounds a text whose variables are filled in: ENV A=$A$A doubles.
const maxExpanded = 4096

// expand fills in $NAME and ${NAME} (with a default: ${NAME:-x} and ${NAME-x})
// from what value knows. It is not ok where something stays unknown: no value, an
// operator that is not read here, a text that grows past maxExpanded. An unknown
// name never counts as empty.
func expand(text string, value func(name string) (string, bool)) (result string, ok bool) {
	var out strings.Builder
	for out.Len() <= maxExpanded {
		before, rest, more := strings.Cut(text, "$")
		out.WriteString(before)
		if !more {
			return out.String(), true
		}
		var name string
		if inner, braced := strings.CutPrefix(rest, "{"); braced {
			if name, text, more = strings.Cut(inner, "}"); !more {
				return "", false
			}
		} else {
			end := 0
			for end < len(rest) && isNameByte(rest[end]) {
				end++
			}
			name, text = rest[:end], rest[end:]
		}
		plain, fallback, hasFallback := strings.Cut(name, "-")
		plain, emptyToo := strings.CutSuffix(plain, ":")
		found, known := value(plain)
		switch {
		case plain == "" || strings.TrimFunc(plain, func(r rune) bool { return r < 128 && isNameByte(byte(r)) }) != "":
			return "", false
		case known && (found != "" || !emptyToo):
			out.WriteString(found)
		case hasFallback && !strings.Contains(fallback, "$"):
			out.WriteString(fallback)
		default:
			return "", false
		}
	}
	return "", false
}

func isNameByte(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}
