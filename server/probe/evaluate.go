package probe

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"plimsoll/config"
	"plimsoll/deploy"
)

// evaluate compares an answer with what was expected.
func evaluate(result deploy.ProbeResult, r Request, a answer) deploy.ProbeResult {
	result.Status, result.Size, result.AtLeast = a.status, len(a.body), a.more
	if len(r.Expect.JSON) > 0 && !a.more {
		result.Fields = fields(r, a.body)
	}
	switch {
	case !statusFits(r.Expect.Status, a.status):
		result.Outcome = deploy.ProbeStatus
	case len(r.Expect.JSON) > 0 && a.more:
		result.Outcome = deploy.ProbeLarge
	case slices.ContainsFunc(result.Fields, func(f deploy.ProbedField) bool { return !f.Matches }):
		result.Outcome = deploy.ProbeField
	case result.Within > 0 && result.Took > result.Within:
		result.Outcome = deploy.ProbeLate
	default:
		result.Outcome = deploy.ProbePassed
	}
	return result
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
func fields(r Request, body []byte) []deploy.ProbedField {
	var document any
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.UseNumber()
	readable := decoder.Decode(&document) == nil && !decoder.More()
	all := make([]deploy.ProbedField, 0, len(r.Expect.JSON))
	for _, path := range slices.Sorted(maps.Keys(r.Expect.JSON)) {
		literal := r.Expect.JSON[path]
		want := filled(literal.Text, r.Values)
		field := deploy.ProbedField{Path: path, Version: version.MatchString(literal.Text)}
		if value, ok := find(document, path); ok && readable {
			var text string
			field.Kind, text = describe(value)
			field.Matches = field.Kind == literal.Kind && equal(literal.Kind, want, text)
			if commit, ok := deploy.CommitIn(text); ok && field.Kind == "string" {
				field.Found = commit
			}
		}
		all = append(all, field)
	}
	return all
}

var (
	template = regexp.MustCompile(`\{\{\s*(deployment\.(?:sha|environment|id))\s*\}\}`)
	version  = regexp.MustCompile(`\{\{\s*deployment\.sha\s*\}\}`)
)

// filled puts the values into an expected text, once: what a value holds is not read again.
func filled(text string, values Values) string {
	return template.ReplaceAllStringFunc(text, func(found string) string {
		switch template.FindStringSubmatch(found)[1] {
		case "deployment.sha":
			return values.SHA
		case "deployment.environment":
			return values.Environment
		}
		return strconv.FormatInt(values.ID, 10)
	})
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
