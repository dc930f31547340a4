package probe

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"plimsoll/config"
	"plimsoll/deploy"
)

// maxValue bounds a value of an answer that is used in a later request, in bytes.
const maxValue = 4096

// filler puts values into what a step sends. What a value holds is never read as a
// placeholder, and each value is escaped for the place where it stands. The first value that
// can't be used is noted.
type filler struct {
	*run
	// target of the request, which secrets are compared with.
	target target
	lack   lack
}

// place escapes a value; ok is false if it can't stand there.
type place func(value string) (escaped string, ok bool)

func anywhere(value string) (string, bool) { return value, true }

// fill puts the values into a text.
func (f *filler) fill(text string, escape place) string {
	var out strings.Builder
	for _, p := range config.Placeholders(text) {
		before, after, _ := strings.Cut(text, p.Text)
		out.WriteString(before)
		text = after
		value, _, ok := f.value(p)
		if !ok {
			continue
		}
		escaped, fits := escape(value)
		if !fits {
			f.note(lack{placeholder: p.Text, problem: deploy.ValueUnfit})
		}
		out.WriteString(escaped)
	}
	out.WriteString(text)
	return out.String()
}

func (f *filler) note(why lack) {
	if f.lack == (lack{}) {
		f.lack = why
	}
}

// value finds what a placeholder stands for. kind is that of a JSON value.
func (f *filler) value(p config.Placeholder) (value, kind string, ok bool) {
	switch p.Kind {
	case config.OfDeployment:
		return f.Values.value(p.Name), "string", true
	case config.OfSecret:
		secret, ok := f.secret(p.Name, f.target)
		if !ok {
			f.note(lack{placeholder: p.Name, refusal: deploy.RefusedSecret})
		}
		return secret.Value.Reveal(), "string", ok
	case config.OfStep:
		return f.captured(p)
	}
	f.note(lack{placeholder: p.Text, problem: deploy.ValueMissing})
	return "", "", false
}

// captured finds a value in the answer to an earlier step.
func (f *filler) captured(p config.Placeholder) (value, kind string, ok bool) {
	a, asked := f.answers[p.Name]
	document, readable := parsed(a.body)
	found, there := find(document, p.Field)
	if readable && there {
		kind, value = describe(found)
	}
	switch {
	case a.more, len(value) > maxValue:
		f.note(lack{placeholder: p.Text, problem: deploy.ValueLarge})
	case !asked, value == "", kind == "null":
		f.note(lack{placeholder: p.Text, problem: deploy.ValueMissing})
	default:
		return value, kind, true
	}
	return "", "", false
}

// path fills in a path with its query.
func (f *filler) path(text string) string {
	path, query, asks := strings.Cut(text, "?")
	filled := f.fill(path, func(value string) (string, bool) { return url.PathEscape(value), true })
	if filled != path && slices.ContainsFunc(strings.Split(filled, "/"), func(part string) bool { return part == "." || part == ".." }) {
		f.note(lack{placeholder: config.Placeholders(path)[0].Text, problem: deploy.ValueUnfit})
	}
	if asks {
		filled += "?" + f.fill(query, func(value string) (string, bool) { return url.QueryEscape(value), true })
	}
	return filled
}

// header fills in the value of a header, in which only visible ASCII and blanks may stand.
func (f *filler) header(text string) string {
	return f.fill(text, func(value string) (string, bool) {
		return value, !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r >= 0x7f })
	})
}

// body fills in a body, and says what it is.
func (f *filler) body(b config.Body) (text []byte, contentType string) {
	if b.JSON == "" {
		form := url.Values{}
		for _, name := range slices.Sorted(maps.Keys(b.Form)) {
			form.Set(name, f.fill(string(b.Form[name]), anywhere))
		}
		return []byte(form.Encode()), "application/x-www-form-urlencoded"
	}
	document, _ := parsed([]byte(b.JSON))
	text, err := json.Marshal(f.document(document))
	if err != nil {
		f.note(lack{problem: deploy.ValueUnfit})
	}
	return text, "application/json"
}

// document fills in the texts of a JSON value. One that is a placeholder alone becomes its
// value, of whatever type.
func (f *filler) document(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			v[key] = f.document(v[key])
		}
	case []any:
		for i := range v {
			v[i] = f.document(v[i])
		}
	case string:
		if all := config.Placeholders(v); len(all) == 1 && all[0].Text == v {
			found, kind, ok := f.value(all[0])
			switch {
			case ok && kind == "number":
				return json.Number(found)
			case ok && kind == "boolean":
				return found == "true"
			}
			return found
		}
		return f.fill(v, anywhere)
	}
	return value
}

// expected fills in an expected value.
func (f *filler) expected(declared config.Literal) config.Literal {
	if all := config.Placeholders(declared.Text); len(all) == 1 && all[0].Text == declared.Text {
		value, kind, _ := f.value(all[0])
		return config.Literal{Text: value, Kind: kind}
	}
	return config.Literal{Text: f.fill(declared.Text, anywhere), Kind: declared.Kind}
}

// secretsOf names the secrets that a step sends.
func secretsOf(step config.Step) (names []string) {
	texts := []string{}
	for _, value := range step.Headers {
		texts = append(texts, string(value))
	}
	if step.Body != nil {
		texts = append(texts, string(step.Body.JSON))
		for _, value := range step.Body.Form {
			texts = append(texts, string(value))
		}
	}
	for _, text := range texts {
		for _, p := range config.Placeholders(text) {
			if p.Kind == config.OfSecret {
				names = append(names, p.Name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// leastHidden is how long a part of a secret must be to be hidden by itself.
const leastHidden = 8

// forms are the ways in which an answer may repeat a secret: as it is, escaped, encoded, or
// decoded if it is the name and password of basic authentication.
func forms(secret string) []string {
	all := []string{secret}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		if decoded, err := encoding.DecodeString(secret); err == nil && !bytes.ContainsFunc(decoded, unicode.IsControl) {
			_, password, _ := strings.Cut(string(decoded), ":")
			all = append(all, string(decoded), password)
		}
	}
	for _, plain := range slices.Clone(all) {
		escaped, err := json.Marshal(plain)
		if err == nil {
			all = append(all, strings.Trim(string(escaped), `"`))
		}
		all = append(all, url.QueryEscape(plain), url.PathEscape(plain), base64.RawStdEncoding.EncodeToString([]byte(plain)),
			base64.RawURLEncoding.EncodeToString([]byte(plain)), hex.EncodeToString([]byte(plain)))
	}
	all = slices.DeleteFunc(all, func(form string) bool { return len(form) < leastHidden })
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(all)
}

// hide takes the secrets that were sent out of an answer. What is compared, and what later
// steps use, holds none.
func (r *run) hide(body []byte) []byte {
	for _, form := range r.hidden {
		body = bytes.ReplaceAll(body, []byte(form), []byte("[secret]"))
	}
	return body
}
