package preset

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Operation is one operation of a contract.
type Operation struct {
	// Method in capitals.
	Method string
	// Path as the contract writes it, such as /orders/{id}.
	Path string
}

// String returns "GET /orders/{id}".
func (o Operation) String() string { return o.Method + " " + o.Path }

const (
	// maxOperations is how many changed operations are watched one by one.
	maxOperations = 20
	maxRoute      = 512 // bytes of a path
	// maxParameters of a path: a metric server compares the pattern with every route.
	maxParameters = 10
)

// placeholder is what frameworks write for a parameter: {id} with a pattern or without
// (gorilla, chi, Spring, ASP.NET, Go), :id (express, gin, echo, Rails), <int:id> (Flask,
// Django), [id] (Next, SvelteKit), $id, *, and the patterns of Django and of ingresses.
//
// Its classes name the characters of ASCII that there may be. A class of those that there
// may not be ([^/]*) takes Prometheus 3 five to ten milliseconds each to look through, and
// a query has it a hundred times.
const placeholder = `(?:\{[ -z|~]*(?:\{[ -z|~]*\}[ -z|~]*)*\}|:[!-.0-~]+|<[!-;=?-~]+>|\[\^/\][+*]|\[[!-.0-Z\\^-~]+\]|\(\?P<[!-;=?-~]+>[!-'*-~]*\)|\([!-'*-~]*\)|\$[!-.0-~]+|\*)`

var parameter = regexp.MustCompile(`\{[^{}/]*\}`)

// Changed are the operations that a deployment changed.
type Changed struct {
	Operations []Operation
	// Prefixes are the paths of the contract's servers (/api/v1), which a framework may
	// have in its routes or not.
	Prefixes []string
}

// first are the operations that are measured one by one.
func (c Changed) first() []Operation { return c.Operations[:min(len(c.Operations), maxOperations)] }

// pattern returns the pattern of what frameworks write for an operation; ok is false if
// there can't be one. Prometheus anchors it at both ends.
func (c Changed) pattern(o Operation) (text string, ok bool) {
	if !method.MatchString(o.Method) {
		return "", false
	}
	return c.path(o.Path, o.Method)
}

// path returns the pattern for a path, with a method's pattern before it or not.
func (c Changed) path(path, method string) (text string, ok bool) {
	if path == "" || path[0] != '/' || len(path) > maxRoute || !utf8.ValidString(path) {
		return "", false
	}
	var b strings.Builder
	b.WriteString(`(?:(?:HTTP: )?` + method + ` )?\^?`)
	var below []string
	for _, prefix := range c.Prefixes {
		if prefix = strings.Trim(prefix, "/"); prefix != "" && len(prefix) <= maxRoute && utf8.ValidString(prefix) {
			below = append(below, "/?"+regexp.QuoteMeta(prefix))
		}
	}
	slices.Sort(below)
	if len(below) > 0 {
		b.WriteString("(?:" + strings.Join(slices.Compact(below), "|") + ")?")
	}
	rest := strings.Trim(path, "/")
	if len(parameter.FindAllStringIndex(rest, maxParameters+1)) > maxParameters {
		return "", false
	}
	if rest == "" { // a pattern that matches nothing at all matches series without the label
		return b.String() + `/\$?`, true
	}
	b.WriteString("/?")
	for {
		at := parameter.FindStringIndex(rest)
		if at == nil {
			break
		}
		b.WriteString(regexp.QuoteMeta(rest[:at[0]]) + placeholder)
		rest = rest[at[1]:]
	}
	b.WriteString(regexp.QuoteMeta(rest) + `/?\$?`)
	if _, err := regexp.Compile(b.String()); err != nil {
		return "", false
	}
	return b.String(), true
}

var method = regexp.MustCompile(`^[A-Z]{1,20}$`)

// compiled returns the patterns of the first operations; nil for one that has none.
func (c Changed) compiled() []*regexp.Regexp {
	var all []*regexp.Regexp
	for _, o := range c.first() {
		var re *regexp.Regexp
		if text, ok := c.pattern(o); ok {
			re = regexp.MustCompile("^(?s:" + text + ")$")
		}
		all = append(all, re)
	}
	return all
}
