package probe

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"plimsoll/config"
	"plimsoll/deploy"
)

// evaluate compares an answer with what was expected. fill fills in the placeholders of an
// expected value.
func evaluate(result deploy.ProbeResult, expect config.Expect, fill func(config.Literal) config.Literal, a answer) deploy.ProbeResult {
	result.Status, result.Size, result.AtLeast = a.status, a.size(), a.more
	var compared []deploy.ProbedField
	if len(expect.JSON) > 0 && !a.more {
		compared = fields(expect.JSON, fill, a.body)
	}
	result.Fields = append(result.Fields, compared...)
	absent, missing := absent(expect.Text, fill, a)
	switch {
	case !statusFits(expect.Status, a.status):
		result.Outcome = deploy.ProbeStatus
	case (len(expect.JSON) > 0 || missing) && a.more:
		result.Outcome = deploy.ProbeLarge
	case slices.ContainsFunc(compared, func(f deploy.ProbedField) bool { return !f.Matches }):
		result.Outcome = deploy.ProbeField
	case missing:
		result.Outcome, result.Missing = deploy.ProbeText, absent
	case result.Within > 0 && result.Took > result.Within:
		result.Outcome = deploy.ProbeLate
	default:
		result.Outcome = deploy.ProbePassed
	}
	return result
}

// absent finds the first expected text that is not in a body, as it is declared.
func absent(expected []config.Template, fill func(config.Literal) config.Literal, a answer) (text string, ok bool) {
	body := string(a.body)
	if a.more {
		body += "_" // the last word goes on, as far as anybody knows
	}
	for _, declared := range expected {
		if !holds(body, fill(config.Literal{Text: string(declared)}).Text) {
			return string(declared), true
		}
	}
	return "", false
}

// holds reports whether a text stands in a body as whole words. A part of a word would let a
// secret that an answer holds be guessed letter by letter.
func holds(body, text string) bool {
	for at := 0; text != ""; at++ {
		next := strings.Index(body[at:], text)
		if next < 0 {
			return false
		}
		at += next
		before, _ := utf8.DecodeLastRuneInString(body[:at])
		after, _ := utf8.DecodeRuneInString(body[at+len(text):])
		if (at == 0 || !inWord(before)) && (at+len(text) == len(body) || !inWord(after)) {
			return true
		}
	}
	return false
}

// inWord reports whether a character can be a part of a word or of a token.
func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_-+/=", r)
}

// wantStatus is the expected status in words; without one it is 200 to 299.
func wantStatus(want config.Status) string {
	switch want {
	case "":
		return "2XX"
	case "default":
		return "any"
	}
	return string(want)
}

func statusFits(want config.Status, status int) bool {
	text := wantStatus(want)
	if class, ok := strings.CutSuffix(text, "XX"); ok {
		return strconv.Itoa(status/100) == class
	}
	return text == "any" || text == strconv.Itoa(status)
}

// fields compares each expected field with the body, in the order of their names.
func fields(expected map[string]config.Literal, fill func(config.Literal) config.Literal, body []byte) []deploy.ProbedField {
	document, readable := parsed(body)
	all := make([]deploy.ProbedField, 0, len(expected))
	for _, path := range slices.Sorted(maps.Keys(expected)) {
		literal := expected[path]
		want := fill(literal)
		field := deploy.ProbedField{Path: path, Version: version.MatchString(literal.Text)}
		if value, ok := find(document, path); ok && readable {
			var text string
			field.Kind, text = describe(value)
			field.Matches = field.Kind == want.Kind && equal(want.Kind, want.Text, text)
			if commit, ok := deploy.CommitIn(text); ok && field.Kind == "string" {
				field.Found = commit
			}
		}
		all = append(all, field)
	}
	return all
}

var (
	template = regexp.MustCompile(`\{\{\s*deployment\.(sha|environment|id)\s*\}\}`)
	version  = regexp.MustCompile(`\{\{\s*deployment\.sha\s*\}\}`)
)

// parsed reads a body that is one JSON value.
func parsed(body []byte) (document any, ok bool) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	ok = decoder.Decode(&document) == nil && !decoder.More()
	return document, ok
}

// fill puts the values of the deployment into an expected value, once: what a value holds is
// not read again.
func (v Values) fill(expected config.Literal) config.Literal {
	expected.Text = template.ReplaceAllStringFunc(expected.Text, func(found string) string {
		return v.value(template.FindStringSubmatch(found)[1])
	})
	return expected
}

// value is a value of the deployment by its name in placeholders.
func (v Values) value(name string) string {
	switch name {
	case "sha":
		return v.SHA
	case "environment":
		return v.Environment
	}
	return strconv.FormatInt(v.ID, 10)
}

// step is one name or one index of a field's path.
var step = regexp.MustCompile(`^(?:\.?([A-Za-z_][A-Za-z0-9_-]*)|\[(\d{1,3})\])`)

// find goes down a path such as checks[0].state.
func find(value any, path string) (any, bool) {
	for path != "" {
		m := step.FindStringSubmatch(path)
		if m == nil {
			return nil, false
		}
		path = path[len(m[0]):]
		if m[2] != "" {
			list, ok := value.([]any)
			index, err := strconv.Atoi(m[2])
			if !ok || err != nil || index >= len(list) {
				return nil, false
			}
			value = list[index]
			continue
		}
		object, ok := value.(map[string]any)
		if !ok {
			return nil, false
		}
		if value, ok = object[m[1]]; !ok {
			return nil, false
		}
	}
	return value, true
}

// describe gives a value's kind and, where it is no object and no array, its text.
func describe(value any) (kind, text string) {
	switch v := value.(type) {
	case nil:
		return "null", "null"
	case bool:
		return "boolean", strconv.FormatBool(v)
	case json.Number:
		return "number", v.String()
	case string:
		return "string", v
	case []any:
		return "array", ""
	}
	return "object", ""
}

// equal compares by kind. What was expected is in YAML's notation (True, 0x1F, 1_000).
func equal(kind, want, found string) bool {
	switch kind {
	case "null":
		return true
	case "boolean":
		return strings.EqualFold(want, found)
	case "number":
		return want == found || sameNumber(want, found)
	}
	return want == found
}

func sameNumber(want, found string) bool {
	number, err := strconv.ParseFloat(found, 64)
	if err != nil {
		return false
	}
	if whole, err := strconv.ParseInt(want, 0, 64); err == nil {
		if exact, err := strconv.ParseInt(found, 10, 64); err == nil {
			return whole == exact // beyond 2^53 as well
		}
		return float64(whole) == number
	}
	expected, err := strconv.ParseFloat(want, 64)
	return err == nil && expected == number
}
