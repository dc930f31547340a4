// Package promql bounds what it costs to parse untrusted PromQL, before Prometheus'
// parser sees it.
//
// The parser's work grows with the square of the tokens where they nest (2,000 signs in a
// row: 25 ms), and with the size that a regular expression unfolds to. The package must
// know neither rule files nor signals, and asks nobody.
package promql

import (
	"regexp/syntax"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

// Cost is what an expression costs to parse.
type Cost struct {
	// Tokens are words, signs and comments.
	Tokens int
	// Patterns is about how many states and ranges its regular expressions unfold to.
	Patterns int
	// Wide is how many runes their classes hold, in 250: the parser looks through a class
	// rune by rune where letters have cases, 2 to 5 ms for [^/], which counts as 501.
	Wide int
}

// mostPatterns is where the counting of patterns ends: far beyond what is let through.
const mostPatterns = 100_000_000

// Measure counts an expression's tokens, up to one more than most, and what its
// patterns unfold to.
func Measure(text string, most int) (cost Cost) {
	lexer := parser.Lex(text)
	var item parser.Item
	for pattern := false; cost.Tokens <= most; cost.Tokens++ {
		lexer.NextItem(&item)
		switch item.Typ {
		case parser.EOF, parser.ERROR:
			return cost
		case parser.EQL_REGEX, parser.NEQ_REGEX:
			pattern = true
			continue
		case parser.COMMENT:
			continue // it may stand between the operator and its pattern
		case parser.STRING:
			if pattern {
				patterns, wide := unfolded(item.Val)
				cost.Patterns, cost.Wide = min(cost.Patterns+patterns, mostPatterns), min(cost.Wide+wide, mostPatterns)
			}
		}
		pattern = false
	}
	return cost
}

// unfolded is about how many states and ranges a quoted pattern compiles to, and how
// wide its classes are; one that does not compile costs nothing.
func unfolded(quoted string) (patterns, wide int) {
	tree, err := syntax.Parse(unquoted(quoted), syntax.Perl|syntax.DotNL)
	if err != nil {
		return 0, 0
	}
	return states(tree)
}

// unquoted reads a string of PromQL: Go's, or the same between single quotes.
func unquoted(text string) string {
	if len(text) < 2 {
		return ""
	}
	inner := text[1 : len(text)-1]
	if text[0] == '\'' {
		text = `"` + strings.ReplaceAll(strings.ReplaceAll(inner, `\'`, `'`), `"`, `\"`) + `"`
	}
	if plain, err := strconv.Unquote(text); err == nil {
		return plain
	}
	return inner
}

// lastFold is the last rune that has a case (regexp/syntax, maxFold).
const lastFold = 0x1e943

func states(re *syntax.Regexp) (patterns, wide int) {
	patterns = 1 + len(re.Rune)
	if re.Op == syntax.OpCharClass {
		for i := 0; i+1 < len(re.Rune); i += 2 {
			wide += int(max(0, min(re.Rune[i+1], lastFold)-max(re.Rune[i], 'A'))) / 250
		}
	}
	for _, sub := range re.Sub {
		p, w := states(sub)
		patterns, wide = patterns+p, wide+w
	}
	if re.Op == syntax.OpRepeat {
		times := max(re.Min, re.Max, 1)
		patterns, wide = patterns*times, wide*times
	}
	return min(patterns, mostPatterns), min(wide, mostPatterns)
}

// Shorten bounds a message that quotes untrusted text, on one line.
func Shorten(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	const most = 300
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
