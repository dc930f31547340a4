package witness

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp/syntax"
	"strings"
)

// textFor gives texts that match an expression: short ones, and one with so many repetitions
// of what may be repeated.
func textFor(expression string, repeat int) []string {
	re, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil
	}
	var out []string
	for _, more := range []int{0, 1, 2, max(repeat-1, 2), max(repeat, 2)} {
		var b strings.Builder
		if write(&b, re, more, 0) {
			out = append(out, b.String())
		}
	}
	return out
}

// maxText bounds the texts that are made.
const maxText = 5000

// write writes a text that an expression matches, with so many repetitions beyond the least.
func write(b *strings.Builder, re *syntax.Regexp, more, depth int) bool {
	if b.Len() > 2*maxText || depth > 100 {
		return false
	}
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
		return true
	case syntax.OpCharClass:
		return writeClass(b, re.Rune)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('x')
		return true
	case syntax.OpCapture:
		return write(b, re.Sub[0], more, depth+1)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if !write(b, sub, more, depth+1) {
				return false
			}
		}
		return true
	case syntax.OpAlternate:
		return write(b, re.Sub[more%len(re.Sub)], more, depth+1)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return writeRepeated(b, re, more, depth)
	}
	return false
}

func writeRepeated(b *strings.Builder, re *syntax.Regexp, more, depth int) bool {
	least, most := 0, -1
	switch re.Op {
	case syntax.OpPlus:
		least = 1
	case syntax.OpQuest:
		most = 1
	case syntax.OpRepeat:
		least, most = re.Min, re.Max
	}
	count := least + more
	if most >= 0 {
		count = min(count, most)
	}
	for range count {
		if !write(b, re.Sub[0], more, depth+1) {
			return false
		}
	}
	return true
}

// writeClass prefers characters that read well.
func writeClass(b *strings.Builder, ranges []rune) bool {
	if len(ranges) == 0 {
		return false
	}
	for _, liked := range "a1A0xX_-" {
		for i := 0; i+1 < len(ranges); i += 2 {
			if ranges[i] <= liked && liked <= ranges[i+1] {
				b.WriteRune(liked)
				return true
			}
		}
	}
	b.WriteRune(ranges[0])
	return true
}

// number writes a number as JSON does; false where it has no finite decimal form.
func number(r *big.Rat) (json.Number, bool) {
	if r.IsInt() {
		return json.Number(r.Num().String()), true
	}
	digits, exact := r.FloatPrec()
	if !exact || digits > 40 {
		return "", false
	}
	return json.Number(r.FloatString(digits)), true
}

// rational reads a number of a document.
func rational(v any) (*big.Rat, bool) {
	n, ok := v.(json.Number)
	if !ok || len(n) > 400 {
		return nil, false
	}
	return new(big.Rat).SetString(n.String())
}

// brief writes a value for a sentence.
func brief(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	if len(text) > 60 {
		return "the value"
	}
	return string(text)
}
