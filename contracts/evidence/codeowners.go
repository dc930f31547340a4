package evidence

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"plimsoll/contracts"
)

// codeownersFiles are the places of CODEOWNERS in the order in which GitHub
// looks (https://docs.github.com/articles/about-code-owners). Only the first that
// is there counts.
var codeownersFiles = []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}

// Codeowners says who owns which paths, as GitHub reads a CODEOWNERS file. See
// docs/adr/0012-own-codeowners.md for why no library does it.
type Codeowners []ownerRule

// ownerRule is one line: a pattern and its owners, who may be nobody.
type ownerRule struct {
	segments []segment
	reach    reach
	size     int // of the pattern, in characters
	owners   []string
}

// segment is what stands between two slashes of a pattern; nil is **, any number of folders.
type segment []rune

// Characters of a segment that stand for others.
const (
	anyText rune = -1 - iota // *
	anyOne                   // ?
)

// reach says which paths a rule covers, from the path that its pattern names.
type reach int

const (
	withBelow reach = iota // that path and all below it
	itself                 // that path only
	below                  // all below it
)

// ParseCodeowners reads a CODEOWNERS file. Lines with invalid syntax are skipped, as
// GitHub skips them: the rules before them count.
func ParseCodeowners(data []byte) Codeowners {
	var rules Codeowners
	for line := range strings.Lines(string(data)) {
		line = strings.TrimLeft(strings.TrimRight(line, "\r\n"), " \t")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if rule, ok := parseOwnerRule(line); ok {
			rules = append(rules, rule)
		}
	}
	return rules
}

func parseOwnerRule(line string) (rule ownerRule, ok bool) {
	if strings.HasPrefix(line, "!") || strings.HasPrefix(line, `\#`) { // not supported by GitHub
		return rule, false
	}
	pattern, rest, ok := readOwnerPattern(line)
	if !ok {
		return rule, false
	}
	rest, _, _ = strings.Cut(rest, "#")
	rule = ownerRule{owners: strings.Fields(rest), size: len(pattern)}
	for _, owner := range rule.owners {
		if at := strings.Index(owner, "@"); at < 0 || at == len(owner)-1 { // neither @user, @org/team nor an e-mail address
			return rule, false
		}
	}
	rule.segments, rule.reach = ownerSegments(pattern)
	return rule, len(rule.segments) > 0
}

// readOwnerPattern reads the pattern that a line begins with. A backslash makes the next
// character an ordinary one.
func readOwnerPattern(line string) (pattern []rune, rest string, ok bool) {
	escaped, stars := false, 0
	for i, c := range line {
		if c != '*' || escaped {
			stars = 0
		}
		switch {
		case escaped:
			pattern, escaped = append(pattern, c), false
		case c == '\\':
			escaped = true
		case c == ' ', c == '\t', c == '#':
			return pattern, line[i:], true
		case c == '[': // a range is not supported by GitHub
			return nil, "", false
		case c == '?':
			pattern = append(pattern, anyOne)
		case c == '*':
			if stars++; stars > 2 {
				return nil, "", false
			}
			pattern = append(pattern, anyText)
		default:
			pattern = append(pattern, c)
		}
	}
	return pattern, "", !escaped
}

// ownerSegments splits a pattern at its slashes. A slash at the front or in the middle
// ties it to the root, one at the end means what is in a folder, and * for a whole name
// at the end does not reach into folders.
func ownerSegments(pattern []rune) ([]segment, reach) {
	var segments []segment
	from := 0
	for i := 0; i <= len(pattern); i++ {
		if i < len(pattern) && pattern[i] != '/' {
			continue
		}
		one := segment(pattern[from:i:i])
		if slices.Equal(one, segment{anyText, anyText}) {
			one = nil
		} else if one == nil {
			one = segment{}
		}
		segments, from = append(segments, one), i+1
	}
	switch single := len(segments) == 1 || len(segments) == 2 && segments[1] != nil && len(segments[1]) == 0; {
	case segments[0] != nil && len(segments[0]) == 0:
		segments = segments[1:]
	case single && segments[0] != nil:
		segments = append([]segment{nil}, segments...)
	}
	last := len(segments) - 1
	switch {
	case last < 0:
		return nil, withBelow
	case segments[last] != nil && len(segments[last]) == 0, segments[last] == nil && last > 0:
		return segments[:last], below
	case slices.Equal(segments[last], segment{anyText}):
		return segments, itself
	}
	return segments, withBelow
}

// mostOwnerSteps bounds the work of one look-up: a file of 3 MB and a long path could
// otherwise keep a processor busy for half a minute. Beyond it there are no owners.
const mostOwnerSteps = 1 << 28

// Owners gives the owners of a path: those of the last rule that matches, which
// may be nobody.
func (c Codeowners) Owners(path string) []string {
	var names [][]rune
	for name := range strings.SplitSeq(path, "/") {
		names = append(names, []rune(name))
	}
	steps := 0
	for _, rule := range slices.Backward(c) {
		if steps += (rule.size + 1) * (len(path) + 1); steps > mostOwnerSteps {
			return nil
		}
		if rule.covers(names) {
			return rule.owners
		}
	}
	return nil
}

// covers tells whether the rule speaks of a path.
func (r *ownerRule) covers(names [][]rune) bool {
	// reached[i]: the segments up to here can match the first i names.
	reached := make([]bool, len(names)+1)
	reached[0] = true
	for _, part := range r.segments {
		next := make([]bool, len(names)+1)
		for i := range reached {
			if part == nil {
				next[i] = reached[i] || i > 0 && next[i-1]
			} else if i > 0 {
				next[i] = reached[i-1] && part.matches(names[i-1])
			}
		}
		reached = next
	}
	switch whole := reached[len(names)]; r.reach {
	case itself:
		return whole
	case below:
		return slices.Contains(reached[1:len(names)], true)
	default:
		return whole || slices.Contains(reached[1:], true)
	}
}

// matches tells whether a segment matches one name.
func (s segment) matches(name []rune) bool {
	star, mark := -1, 0 // the last *, and where what follows it was tried last
	p, n := 0, 0
	for n < len(name) {
		switch {
		case p < len(s) && s[p] == anyText:
			star, mark = p, n
			p++
		case p < len(s) && (s[p] == anyOne || s[p] == name[n]):
			p++
			n++
		case star >= 0:
			mark++
			p, n = star+1, mark
		default:
			return false
		}
	}
	for p < len(s) && s[p] == anyText {
		p++
	}
	return p == len(s)
}

// first gives the first owner of a path that is a user or a team; "" without any.
func (c Codeowners) first(path string) string {
	for _, owner := range c.Owners(path) {
		if strings.HasPrefix(owner, "@") {
			return owner
		}
	}
	return ""
}

// maxCodeowners bounds a CODEOWNERS file; GitHub reads those under 3 MB.
const maxCodeowners = 3 << 20

// readOwners reads the CODEOWNERS among the paths of a tree; none is nobody.
func readOwners(ctx context.Context, src contracts.Source, paths []string) (Codeowners, error) {
	for _, file := range codeownersFiles {
		if !slices.Contains(paths, file) {
			continue
		}
		data, err := src.ReadFile(ctx, file)
		if _, ok := errors.AsType[*contracts.Problem](err); ok {
			return nil, nil // no file that can be read: nobody
		}
		if err != nil || len(data) >= maxCodeowners {
			return nil, err
		}
		return ParseCodeowners(data), nil
	}
	return nil, nil
}

// FileOwners gives the owners of a path by the CODEOWNERS of a tree, as
// written there; without a file of owners that can be read: nobody.
func FileOwners(ctx context.Context, tree contracts.Tree, path string) ([]string, error) {
	files, err := tree.Files(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the owners of %s: %w", path, err)
	}
	paths := make([]string, len(files))
	for i, file := range files {
		paths[i] = file.Path
	}
	owners, err := readOwners(ctx, tree, paths)
	if err != nil {
		return nil, fmt.Errorf("read the owners of %s: %w", path, err)
	}
	return owners.Owners(path), nil
}
