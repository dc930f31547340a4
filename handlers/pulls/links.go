package pulls

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// mostLinks is how many linked pull requests are read.
const mostLinks = 10

// pullName is a pull request as a person writes it.
type pullName struct {
	owner, name string
	number      int
}

var (
	dependsLine = regexp.MustCompile(`(?i)^depends[- ]on:[ \t]*(\S.*)$`)
	shortLink   = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9-]*)/([A-Za-z0-9._-]+)#([1-9][0-9]{0,8})$`)
	urlLink     = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9-]*)/([A-Za-z0-9._-]+)/pull/([1-9][0-9]{0,8})(?:[/?#]\S*)?$`)
)

// DependsLines returns the lines "Depends-on: …" of a pull request's text. Lines in code
// blocks or hidden in an HTML comment do not count.
func DependsLines(body string) []string {
	var lines []string
	fence, hidden := "", false
	for line := range strings.Lines(body) {
		line = strings.TrimRight(line, " \t\r\n")
		start := strings.TrimLeft(line, " ")
		switch {
		case fence != "":
			if strings.HasPrefix(start, fence) {
				fence = ""
			}
			continue
		case hidden:
			hidden = !strings.Contains(line, "-->")
			continue
		case strings.HasPrefix(start, "```"), strings.HasPrefix(start, "~~~"):
			fence = start[:3]
			continue
		}
		if open := strings.LastIndex(line, "<!--"); open >= 0 {
			hidden = !strings.Contains(line[open:], "-->")
		}
		if found := dependsLine.FindStringSubmatch(line); found != nil {
			lines = append(lines, found[1])
		}
	}
	return lines
}

// linksIn returns the pull requests that a text says it depends on, each once, at
// most mostLinks. webURL is this GitHub's.
func linksIn(body, webURL string) []pullName {
	var names []pullName
	for _, line := range DependsLines(body) {
		for word := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
			link, ok := linkOf(word, webURL)
			same := func(other pullName) bool {
				return strings.EqualFold(other.owner, link.owner) && strings.EqualFold(other.name, link.name) && other.number == link.number
			}
			if ok && !slices.ContainsFunc(names, same) && len(names) < mostLinks {
				names = append(names, link)
			}
		}
	}
	return names
}

func linkOf(word, webURL string) (pullName, bool) {
	found := shortLink.FindStringSubmatch(word)
	if page, ok := strings.CutPrefix(word, strings.TrimRight(cmp.Or(webURL, "https://github.com"), "/")+"/"); ok && found == nil {
		found = urlLink.FindStringSubmatch(page)
	}
	if found == nil {
		return pullName{}, false
	}
	number, err := strconv.Atoi(found[3])
	return pullName{found[1], found[2], number}, err == nil
}
