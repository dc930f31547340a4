// Package markdown renders the part of GitHub's Markdown that comments and check
// runs are written in, for the simulator's pages: headings, paragraphs, lists,
// tables, quotes, code, details, links, emphasis. Whatever it does not know it shows
// as text; nothing of the source reaches the page unescaped, and nothing on the page
// makes the browser fetch anything. It must not know of repositories or requests.
package markdown

import (
	"html"
	"html/template"
	"regexp"
	"strings"
)

// depthLimit bounds how deep quotes and lists nest; deeper ones are text.
const depthLimit = 12

// Render gives the HTML of a Markdown source. As in GitHub's comments a line break
// in a paragraph is a line break on the page.
func Render(source string) template.HTML {
	source = strings.ReplaceAll(source, "\r\n", "\n")
	source = strings.ReplaceAll(source, "\t", "    ")
	source = comments.ReplaceAllString(source, "")
	var b strings.Builder
	blocks(&b, strings.Split(source, "\n"), 0, false)
	return template.HTML(b.String()) //nolint:gosec // every text in it is escaped
}

var (
	comments  = regexp.MustCompile(`(?s)<!--.*?-->`)
	heading   = regexp.MustCompile(`^ {0,3}(#{1,6})(?:[ ]+(.*?))?(?:[ ]+#+)?[ ]*$`)
	rule      = regexp.MustCompile(`^ {0,3}(?:(?:\*[ ]*){3,}|(?:-[ ]*){3,}|(?:_[ ]*){3,})$`)
	fence     = regexp.MustCompile("^( {0,3})(`{3,}|~{3,})[ ]*([^`]*)$")
	item      = regexp.MustCompile(`^( {0,3})([-*+]|\d{1,9}[.)])( +|$)`)
	quote     = regexp.MustCompile(`^ {0,3}> ?`)
	delimiter = regexp.MustCompile(`^ {0,3}\|?[ ]*:?-+:?[ ]*(?:\|[ ]*:?-+:?[ ]*)*\|?[ ]*$`)
	htmlBlock = regexp.MustCompile(`(?i)^ {0,3}</?(details|summary|p|div|hr)\b`)
	task      = regexp.MustCompile(`^\[([ xX])\] `)
)

// blocks renders lines. tight leaves the paragraph tags out, as in a tight list.
func blocks(b *strings.Builder, lines []string, depth int, tight bool) {
	for len(lines) > 0 {
		line := lines[0]
		switch {
		case strings.TrimSpace(line) == "":
			lines = lines[1:]
		case fence.MatchString(line):
			lines = codeBlock(b, lines)
		case heading.MatchString(line):
			m := heading.FindStringSubmatch(line)
			level := string(rune('0' + len(m[1])))
			b.WriteString("<h" + level + ">" + inline(m[2]) + "</h" + level + ">\n")
			lines = lines[1:]
		case rule.MatchString(line):
			b.WriteString("<hr>\n")
			lines = lines[1:]
		case htmlBlock.MatchString(line):
			lines = rawBlock(b, lines)
		case depth < depthLimit && quote.MatchString(line):
			lines = quoteBlock(b, lines, depth)
		case depth < depthLimit && item.MatchString(line):
			lines = listBlock(b, lines, depth)
		case len(lines) > 1 && strings.Contains(line, "|") && delimiter.MatchString(lines[1]):
			lines = tableBlock(b, lines)
		default:
			lines = paragraph(b, lines, depth, tight)
		}
	}
}

// starts says whether a line begins a block that ends a paragraph.
func starts(line string, depth int) bool {
	return strings.TrimSpace(line) == "" || fence.MatchString(line) || heading.MatchString(line) || rule.MatchString(line) ||
		htmlBlock.MatchString(line) || depth < depthLimit && (quote.MatchString(line) || item.MatchString(line))
}

func paragraph(b *strings.Builder, lines []string, depth int, tight bool) []string {
	n := 1
	for n < len(lines) && !starts(lines[n], depth) {
		n++
	}
	texts := make([]string, n)
	for i, line := range lines[:n] {
		texts[i] = strings.TrimSpace(line)
	}
	content := strings.ReplaceAll(inline(strings.Join(texts, "\n")), "\n", "<br>\n")
	if tight {
		b.WriteString(content + "\n")
	} else {
		b.WriteString("<p>" + content + "</p>\n")
	}
	return lines[n:]
}

func codeBlock(b *strings.Builder, lines []string) []string {
	m := fence.FindStringSubmatch(lines[0])
	indent, mark := len(m[1]), m[2]
	b.WriteString("<pre><code>")
	lines = lines[1:]
	for len(lines) > 0 {
		line := lines[0]
		lines = lines[1:]
		if bare := strings.TrimSpace(line); len(bare) >= len(mark) && strings.Trim(bare, mark[:1]) == "" {
			break
		}
		for i := 0; i < indent; i++ {
			line = strings.TrimPrefix(line, " ")
		}
		b.WriteString(html.EscapeString(line) + "\n")
	}
	b.WriteString("</code></pre>\n")
	return lines
}

// rawBlock passes lines with HTML on, up to a blank line. Only tags that inline
// allows come through.
func rawBlock(b *strings.Builder, lines []string) []string {
	n := 1
	for n < len(lines) && strings.TrimSpace(lines[n]) != "" {
		n++
	}
	b.WriteString(tagsOnly(strings.Join(lines[:n], "\n")) + "\n")
	return lines[n:]
}

func quoteBlock(b *strings.Builder, lines []string, depth int) []string {
	var inner []string
	for len(lines) > 0 && (quote.MatchString(lines[0]) || len(inner) > 0 && !starts(lines[0], depth)) {
		inner = append(inner, quote.ReplaceAllString(lines[0], ""))
		lines = lines[1:]
	}
	b.WriteString("<blockquote>\n")
	blocks(b, inner, depth+1, false)
	b.WriteString("</blockquote>\n")
	return lines
}

// listBlock renders the items of one list.
func listBlock(b *strings.Builder, lines []string, depth int) []string {
	ordered := isOrdered(lines[0])
	tag := "ul"
	if ordered {
		tag = "ol"
	}
	var items [][]string
	loose, blank := false, false
	for len(lines) > 0 {
		m := item.FindStringSubmatch(lines[0])
		if m == nil || isOrdered(lines[0]) != ordered || rule.MatchString(lines[0]) {
			break
		}
		loose = loose || blank
		width := len(m[0])
		own := []string{lines[0][len(m[0]):]}
		lines = lines[1:]
		blank = false
		for len(lines) > 0 {
			switch {
			case strings.TrimSpace(lines[0]) == "":
				blank = true
				own = append(own, "")
			case len(lines[0])-len(strings.TrimLeft(lines[0], " ")) >= min(width, 4):
				loose = loose || blank && len(own) > 1 && !item.MatchString(strings.TrimLeft(lines[0], " "))
				blank = false
				own = append(own, lines[0][min(width, len(lines[0])-len(strings.TrimLeft(lines[0], " "))):])
			case !blank && !starts(lines[0], depth):
				own = append(own, lines[0])
			default:
				goto done
			}
			lines = lines[1:]
		}
	done:
		items = append(items, own)
	}
	b.WriteString("<" + tag + ">\n")
	for _, own := range items {
		b.WriteString("<li>")
		if m := task.FindStringSubmatch(own[0]); m != nil {
			box := "☐ "
			if m[1] != " " {
				box = "☑ "
			}
			own[0] = box + own[0][len(m[0]):]
		}
		blocks(b, own, depth+1, !loose)
		b.WriteString("</li>\n")
	}
	b.WriteString("</" + tag + ">\n")
	return lines
}

func isOrdered(line string) bool {
	m := item.FindStringSubmatch(line)
	return m != nil && m[2][0] >= '0' && m[2][0] <= '9'
}

func tableBlock(b *strings.Builder, lines []string) []string {
	head, marks := cells(lines[0]), cells(lines[1])
	b.WriteString("<table>\n<thead><tr>")
	for _, text := range head {
		b.WriteString("<th>" + inline(text) + "</th>")
	}
	b.WriteString("</tr></thead>\n<tbody>\n")
	lines = lines[2:]
	for len(lines) > 0 && strings.TrimSpace(lines[0]) != "" && strings.Contains(lines[0], "|") {
		b.WriteString("<tr>")
		row := cells(lines[0])
		for i := range head {
			align := ""
			if i < len(marks) && strings.HasSuffix(marks[i], ":") {
				align = ` class="right"`
			}
			text := ""
			if i < len(row) {
				text = inline(row[i])
			}
			b.WriteString("<td" + align + ">" + text + "</td>")
		}
		b.WriteString("</tr>\n")
		lines = lines[1:]
	}
	b.WriteString("</tbody></table>\n")
	return lines
}

// cells splits a row at its pipes; \| is a pipe of the text, in code too.
func cells(line string) []string {
	line = strings.TrimSpace(line)
	line = strings.TrimPrefix(line, "|")
	var out []string
	var cell strings.Builder
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\' && i+1 < len(line) && line[i+1] == '|':
			cell.WriteByte('|')
			i++
		case line[i] == '|':
			out = append(out, strings.TrimSpace(cell.String()))
			cell.Reset()
		default:
			cell.WriteByte(line[i])
		}
	}
	if rest := strings.TrimSpace(cell.String()); rest != "" {
		out = append(out, rest)
	}
	return out
}
