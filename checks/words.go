package checks

import (
	"fmt"
	"strconv"
	"strings"
)

// MostNames is how many names a sentence or a cell of a table lists.
const MostNames = 5

// Count gives "1 consumer" or "3 consumers".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	switch {
	case strings.HasSuffix(noun, "y") && !strings.HasSuffix(noun, "ay"):
		noun = strings.TrimSuffix(noun, "y") + "ie"
	case strings.HasSuffix(noun, "s"), strings.HasSuffix(noun, "x"):
		noun += "e"
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Grouped writes a number with commas: 1,202.
func Grouped[T int | int64](n T) string {
	text := strconv.FormatInt(int64(n), 10)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// Join gives "a", "a and b", "a, b and c", and "a, b and 3 more" beyond most.
func Join(words []string, most int) string {
	if len(words) > most {
		rest := len(words) - most
		words = append(append([]string(nil), words[:most]...), fmt.Sprintf("%d more", rest))
	}
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// UpperFirst makes the first letter of our own sentence a capital.
func UpperFirst(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

// Short gives the first characters of a commit's name.
func Short(sha string) string {
	if len(sha) > 7 {
		return sha[:7]
	}
	return sha
}

// Sentence ends with a full stop.
func Sentence(s string) string {
	if s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

// Singular gives the "s" of a verb that has one subject.
func Singular(n int) string {
	if n == 1 {
		return "s"
	}
	return ""
}
