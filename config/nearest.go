package config

import (
	"slices"
	"strings"
)

// longestWord bounds what is compared: longer words are no typing errors.
const longestWord = 64

// Nearest gives the word that a writer most probably meant, or "" where none is
// near: at most a third of its letters differ (a swap of neighbours counts
// once), or one is the beginning of the other.
func Nearest(word string, words []string) string {
	if word == "" || len(word) > longestWord {
		return ""
	}
	folded := strings.ToLower(word)
	best, bestDistance := "", len(word)+longestWord
	for _, candidate := range words {
		if len(candidate) > longestWord {
			continue
		}
		lower := strings.ToLower(candidate)
		d := distance([]rune(folded), []rune(lower))
		limit := min(max(1, max(len(folded), len(lower))/3), len(folded)-1)
		if min(len(folded), len(lower)) >= 3 && (strings.HasPrefix(lower, folded) || strings.HasPrefix(folded, lower)) {
			limit = longestWord
		}
		if d <= limit && d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	return best
}

// distance is the optimal string alignment distance: insertions, deletions,
// substitutions and swaps of neighbours.
func distance(a, b []rune) int {
	before, previous := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := range a {
		current := make([]int, len(b)+1)
		current[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			current[j+1] = min(previous[j+1]+1, current[j]+1, previous[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				current[j+1] = min(current[j+1], before[j-1]+1)
			}
		}
		before, previous = previous, current
	}
	return previous[len(b)]
}

// oneOf lists words for a message: a, b or c.
func oneOf(words []string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// didYouMean gives the hint for a word that is not among words.
func didYouMean(word string, words []string) string {
	if near := Nearest(word, words); near != "" {
		return "did you mean " + near + "?"
	}
	sorted := slices.Sorted(slices.Values(words))
	return "use one of " + strings.Join(sorted, ", ")
}
