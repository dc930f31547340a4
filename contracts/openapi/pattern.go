package openapi

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
)

// Matches tells whether a regular expression of the contract matches a text. known is
// false if it cannot be read: Go's expressions have no lookahead and no backreferences.
func (v *View) Matches(pattern, text string) (is, known bool) {
	re, ok := v.patterns[pattern]
	if !ok {
		if v.patterns == nil {
			v.patterns = map[string]*regexp.Regexp{}
		}
		re, _ = regexp.Compile(pattern) // nil where it is none
		v.patterns[pattern] = re
	}
	if re == nil {
		return false, false
	}
	return re.MatchString(text), true
}

// MatchesAnyText tells whether a pattern certainly matches every text. A dot counts as any
// character here: "^.*$" is written to say that nothing is limited, although strictly it
// refuses line breaks.
func (v *View) MatchesAnyText(pattern string) bool {
	if pattern == "" {
		return true
	}
	known, ok := v.anyText[pattern]
	if !ok {
		if v.anyText == nil {
			v.anyText = map[string]bool{}
		}
		known = matchesAnyText(pattern)
		v.anyText[pattern] = known
	}
	return known
}

// maxAnyText is how long a pattern may be that is looked at.
const maxAnyText = 100

func matchesAnyText(pattern string) bool {
	if len(pattern) > maxAnyText || !strings.ContainsAny(pattern, "^$*?{|") || !isPlainPattern(pattern) {
		return false
	}
	re, err := syntax.Parse(pattern, syntax.Perl)
	return err == nil && findsInAny(re)
}

// isPlainPattern tells whether a pattern means the same in JavaScript and in Go: no escapes
// but those of classes and white space, no special groups, no POSIX classes. A "]" that begins a
// class ends it in JavaScript.
func isPlainPattern(pattern string) bool {
	for i := 0; i < len(pattern); i++ {
		switch rest := pattern[i:]; {
		case rest[0] == '\\':
			if len(rest) < 2 || !strings.ContainsRune("sSdDwWnrt", rune(rest[1])) {
				return false
			}
			i++
		case strings.HasPrefix(rest, "(?") && !strings.HasPrefix(rest, "(?:"), strings.HasPrefix(rest, "[:"), strings.HasPrefix(rest, "[]"), strings.HasPrefix(rest, "[^]"):
			return false
		}
	}
	return true
}

// findsInAny tells whether an expression is found in every text.
func findsInAny(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpCapture:
		return findsInAny(re.Sub[0])
	case syntax.OpAlternate:
		return oneIs(re.Sub, findsInAny)
	case syntax.OpBeginText, syntax.OpEndText:
		return true
	case syntax.OpConcat:
		parts := re.Sub
		begin, end := false, false
		for len(parts) > 0 && parts[0].Op == syntax.OpBeginText {
			begin, parts = true, parts[1:]
		}
		for len(parts) > 0 && parts[len(parts)-1].Op == syntax.OpEndText {
			end, parts = true, parts[:len(parts)-1]
		}
		if begin && end {
			return isAll(parts...)
		}
		return mayBeEmpty(parts...)
	}
	return mayBeEmpty(re)
}

// mayBeEmpty tells whether expressions, one after the other, match the empty text anywhere.
func mayBeEmpty(list ...*syntax.Regexp) bool {
	for _, re := range list {
		switch re.Op {
		case syntax.OpEmptyMatch, syntax.OpStar, syntax.OpQuest:
		case syntax.OpRepeat:
			if re.Min > 0 && !mayBeEmpty(re.Sub[0]) {
				return false
			}
		case syntax.OpCapture, syntax.OpPlus, syntax.OpConcat:
			if !mayBeEmpty(re.Sub...) {
				return false
			}
		case syntax.OpAlternate:
			if !oneIs(re.Sub, func(sub *syntax.Regexp) bool { return mayBeEmpty(sub) }) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// isAll tells whether expressions, one after the other, match every text as a whole: one
// does, and the others may be empty.
func isAll(list ...*syntax.Regexp) bool {
	return mayBeEmpty(list...) && oneIs(list, func(re *syntax.Regexp) bool {
		switch re.Op {
		case syntax.OpStar:
			return isAnyCharacter(re.Sub[0])
		case syntax.OpRepeat:
			return re.Max < 0 && isAnyCharacter(re.Sub[0])
		case syntax.OpCapture, syntax.OpConcat, syntax.OpPlus, syntax.OpQuest:
			return isAll(re.Sub...)
		case syntax.OpAlternate:
			return oneIs(re.Sub, func(sub *syntax.Regexp) bool { return isAll(sub) })
		}
		return false
	})
}

func isAnyCharacter(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return true
	case syntax.OpCharClass:
		return len(re.Rune) == 2 && re.Rune[0] == 0 && re.Rune[1] == unicode.MaxRune
	case syntax.OpCapture:
		return isAnyCharacter(re.Sub[0])
	case syntax.OpAlternate:
		return oneIs(re.Sub, isAnyCharacter)
	}
	return false
}

func oneIs(list []*syntax.Regexp, fits func(*syntax.Regexp) bool) bool {
	for _, re := range list {
		if fits(re) {
			return true
		}
	}
	return false
}
