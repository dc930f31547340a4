package config

import (
	"strings"
	"unicode/utf8"
)

// Match says whether a path of the repository is one that the glob names: * and
// ? within one name, ** for any folders (none as well), {a,b} for either.
func (g Glob) Match(path string) bool {
	for _, pattern := range alternatives(string(g)) {
		if matchFolders(strings.Split(pattern, "/"), strings.Split(path, "/")) {
			return true
		}
	}
	return false
}

// Literal says whether the glob can match one path only.
func (g Glob) Literal() bool { return !strings.ContainsAny(string(g), "*?{") }

// maxAlternatives bounds what braces may write out.
const maxAlternatives = 64

// alternatives writes out {a,b}; braces do not nest.
func alternatives(pattern string) []string {
	before, rest, open := strings.Cut(pattern, "{")
	inner, after, closed := strings.Cut(rest, "}")
	if !open || !closed {
		return []string{pattern}
	}
	var all []string
	tails := alternatives(after)
	for choice := range strings.SplitSeq(inner, ",") {
		for _, tail := range tails {
			if len(all) < maxAlternatives {
				all = append(all, before+choice+tail)
			}
		}
	}
	return all
}

// matchFolders matches names one by one; ** may stand for none or many.
func matchFolders(pattern, names []string) bool {
	// reached[i]: the pattern up to here can match the first i names.
	reached := make([]bool, len(names)+1)
	reached[0] = true
	for _, part := range pattern {
		next := make([]bool, len(names)+1)
		for i := range reached {
			switch {
			case part == "**":
				next[i] = reached[i] || i > 0 && next[i-1]
			case i > 0:
				next[i] = reached[i-1] && matchName(part, names[i-1])
			}
		}
		reached = next
	}
	return reached[len(names)]
}

// characters gives a text's runes; bytes that are none are kept apart.
func characters(text string) []rune {
	all := make([]rune, 0, len(text))
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && size == 1 {
			r = utf8.MaxRune + 1 + rune(text[0])
		}
		all, text = append(all, r), text[size:]
	}
	return all
}

// matchName matches * and ? within one name, in at most len(pattern)·len(name) steps.
func matchName(pattern, name string) bool {
	p, n := characters(pattern), characters(name)
	reached := make([]bool, len(n)+1)
	reached[0] = true
	for _, c := range p {
		next := make([]bool, len(n)+1)
		for i := range reached {
			switch {
			case c == '*':
				next[i] = reached[i] || i > 0 && next[i-1]
			case i > 0:
				next[i] = reached[i-1] && (c == '?' || c == n[i-1])
			}
		}
		reached = next
	}
	return reached[len(n)]
}
