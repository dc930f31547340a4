package config

import (
	"bytes"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// diagnosis finds the line and the cause of a YAML syntax error. The parser names the
// line on which the enclosing list or mapping begins, or a line after the mistake.
type diagnosis struct {
	lines []string
	// reported is the parser's message, reportedLine its line, which may be 0.
	reported     string
	reportedLine int
	// at is the index of the faulty line.
	at int
}

// cause is what is wrong with a line, and what to do. Message and hint may quote the file;
// plain is the hint for a file with secrets.
type cause struct {
	line, column         int
	message, hint, plain string
}

// rescanBytes bounds how much is parsed again to find the line of an error.
const rescanBytes = 4 << 20

// SyntaxError turns what the YAML parser reports about a file into a position, a cause and
// something to do.
func SyntaxError(file string, data []byte, err error) *Error {
	message, line := parserMessage(err)
	d := &diagnosis{lines: strings.Split(string(data), "\n"), reported: message, reportedLine: line}
	for i := range d.lines {
		d.lines[i] = strings.TrimSuffix(d.lines[i], "\r")
	}
	d.at = min(max(d.faultyLine(data)-1, 0), len(d.lines)-1)
	found := d.cause()
	return &Error{File: file, Line: found.line + 1, Column: found.column + 1, Message: "not YAML: " + found.message, Hint: found.hint, plainHint: found.plain}
}

// parserMessage splits the parser's error into its message and its line; 0 without.
func parserMessage(err error) (message string, line int) {
	message = strings.TrimPrefix(err.Error(), "yaml: ")
	if m := errorLine.submatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = m[2]
	}
	return message, line
}

// faultyLine gives the last line of the shortest beginning of the file that the parser
// refuses as it refuses the whole. Where that costs too much, it is the parser's own line.
func (d *diagnosis) faultyLine(data []byte) int {
	ends := []int{}
	for i, b := range data {
		if b == '\n' {
			ends = append(ends, i+1)
		}
	}
	ends = append(ends, len(data))
	budget := rescanBytes
	refused := func(count int) (message string, line int) {
		if budget -= ends[count-1]; budget < 0 {
			return "", 0
		}
		for decoder := yaml.NewDecoder(bytes.NewReader(data[:ends[count-1]])); ; {
			var document yaml.Node
			if err := decoder.Decode(&document); err != nil {
				return parserMessage(err)
			}
		}
	}
	// The line is compared as well: the beginning of a list over several lines is refused
	// with the same message, until its end.
	found := 1 + sort.Search(len(ends)-1, func(i int) bool {
		message, line := refused(i + 1)
		return message == d.reported && line == d.reportedLine
	})
	for found > 1 { // the parser counts the line of some errors from where it notices them
		if message, _ := refused(found - 1); message != d.reported {
			break
		}
		found--
	}
	if budget < 0 {
		return d.reportedLine
	}
	return found
}

// cause gives what is wrong, as far as the lines show it.
func (d *diagnosis) cause() cause {
	for _, find := range []func() (cause, bool){d.conflict, d.tab, d.unknownAnchor, d.indicator, d.quoting, d.brackets, d.colon, d.indentation} {
		if c, ok := find(); ok {
			return c
		}
	}
	return cause{line: d.at, column: indentOf(d.lines[d.at]), message: d.reported}
}

// conflict finds what git leaves in a file with a merge conflict.
func (d *diagnosis) conflict() (cause, bool) {
	i := slices.IndexFunc(d.lines, func(line string) bool { return strings.HasPrefix(line, "<<<<<<< ") })
	return cause{line: i, message: "a merge conflict is not resolved", hint: "resolve it and remove the lines <<<<<<<, ======= and >>>>>>>"}, i >= 0
}

// tab finds a tab in the indentation, on the line or beside it.
func (d *diagnosis) tab() (cause, bool) {
	for _, i := range []int{d.at, d.at - 1, d.at + 1} {
		if i < 0 || i >= len(d.lines) {
			continue
		}
		line := d.lines[i]
		blank := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if column := strings.IndexByte(blank, '\t'); column >= 0 {
			return cause{line: i, column: column, message: "a tab in the indentation", hint: "indent with spaces"}, true
		}
	}
	return cause{}, false
}

var unknownAnchorError = newShape(`^unknown anchor '([^']+)' referenced`)

// unknownAnchor finds an alias of nothing: the parser gives no line for it.
func (d *diagnosis) unknownAnchor() (cause, bool) {
	m := unknownAnchorError.submatch(d.reported)
	if m == nil {
		return cause{}, false
	}
	for i, line := range d.lines {
		if column := strings.Index(line, "*"+m[1]); column >= 0 && !strings.HasPrefix(strings.TrimSpace(line), "#") {
			return cause{line: i, column: characterCount(line[:column]), message: "an alias (*…) without its anchor",
				hint: "write &" + m[1] + " before the value that it should repeat, or put a text that begins with * into quotes", plain: "put a text that begins with * into quotes"}, true
		}
	}
	return cause{line: d.at, message: "an alias (*…) without its anchor", hint: "put a text that begins with * into quotes"}, true
}

// valueOf gives where the value of a line begins: behind "key: ", "- " or both.
func valueOf(line string) (column int, value string) {
	column = indentOf(line)
	for strings.HasPrefix(line[column:], "- ") {
		column += 2 + indentOf(line[column+2:])
	}
	if m := keyBefore.submatch(line[column:]); m != nil {
		column += len(m[0])
	}
	return column, line[column:]
}

var keyBefore = newShape(`^[A-Za-z0-9_."/{}-]+:\s+`)

// indicator finds a value that begins with a character that YAML keeps for itself.
func (d *diagnosis) indicator() (cause, bool) {
	if !strings.Contains(d.reported, "cannot start any token") && !strings.Contains(d.reported, "expected alphabetic or numeric character") {
		return cause{}, false
	}
	column, value := valueOf(d.lines[d.at])
	if value == "" || !strings.ContainsAny(value[:1], "@`%*&!|>") {
		return cause{}, false
	}
	return cause{line: d.at, column: characterCount(d.lines[d.at][:column]), message: "a value can't begin with " + value[:1],
		hint: "put it into quotes: " + doubleQuoted(strings.TrimSpace(value)), plain: "put the value into quotes"}, true
}

// doubleQuoted gives a value as YAML writes it in double quotes, shortened.
func doubleQuoted(value string) string { return quote(strings.Trim(value, "`\"'")) }

var textBehindQuote = newShape(`^("[^"]*"|'[^']*')\s*[^\s#,\]}:]`)

// quoting finds quotes that are not closed, text behind them, and bad escapes.
func (d *diagnosis) quoting() (cause, bool) {
	line := d.lines[d.at]
	column, value := valueOf(line)
	at := cause{line: d.at, column: characterCount(line[:column])}
	switch {
	case strings.Contains(d.reported, "unknown escape character"):
		at.message, at.hint = "a backslash between double quotes begins an escape such as \\n", `use single quotes, or write \\ for a backslash`
		at.plain = at.hint
	case strings.Contains(d.reported, "unexpected end of stream"), strings.Contains(d.reported, "unexpected document indicator"):
		if i := strings.IndexAny(line[column:], `"'`); i > 0 {
			at.column = characterCount(line[:column+i])
		}
		at.message, at.hint = "a quote is not closed", "add the closing quote"
	case textBehindQuote.MatchString(value):
		at.message, at.hint = "text follows the closing quote", "put all of it into one pair of quotes, or remove what follows"
	default:
		return cause{}, false
	}
	return at, true
}

// brackets finds a list or mapping in brackets that is not closed.
func (d *diagnosis) brackets() (cause, bool) {
	if !strings.Contains(d.reported, "expected ',' or") && !strings.Contains(d.reported, "expected node content") {
		return cause{}, false
	}
	line := d.lines[d.at]
	column, value := valueOf(line)
	if i := strings.IndexAny(value, "[{"); i > 0 {
		column += i
	}
	at := cause{line: d.at, column: characterCount(line[:column])}
	switch {
	case strings.Contains(value, "[]"), strings.Contains(value, "{}"), strings.Contains(value, "{{"):
		at.message, at.hint = "[ ] { } inside of a value", `put the value into quotes: "lines[].sku"`
		at.plain = "put the value into quotes"
		return at, true
	case strings.Contains(d.reported, "expected ',' or ']'"), strings.Contains(d.reported, "node content") && strings.Count(value, "[") > strings.Count(value, "]"):
		at.message, at.hint = "a list […] is not closed, or a comma is missing", "separate the entries with commas and close the list with ]"
	case strings.Contains(d.reported, "expected ',' or '}'"), strings.Contains(d.reported, "node content") && strings.Count(value, "{") > strings.Count(value, "}"):
		at.message, at.hint = "a mapping {…} is not closed, or a comma is missing", "separate the keys with commas and close the mapping with }"
	default:
		return cause{}, false
	}
	for i := d.at; i >= 0; i-- { // where the bracket is that is not closed
		bare := d.lines[i]
		if bracket := at.message[strings.IndexAny(at.message, "[{"):][:1]; strings.Count(bare, bracket) > strings.Count(bare, closing[bracket]) {
			at.line, at.column = i, characterCount(bare[:strings.Index(bare, bracket)])
			break
		}
	}
	return at, true
}

var closing = map[string]string{"[": "]", "{": "}"}

var (
	colonInValue = newShape(`^[^"'\[{|>#][^#]*?:(\s|$)`)
	bareWord     = newShape(`^[A-Za-z_][A-Za-z0-9_-]*$`)
	noBlank      = newShape(`^\s*(?:- )*([A-Za-z_][A-Za-z0-9_-]*):([^\s/:][^\s]*)\s*$`)
)

// colon finds a key without its colon or without the blank behind it, and a value with a
// colon in it.
func (d *diagnosis) colon() (cause, bool) {
	line := d.lines[d.at]
	if strings.Contains(d.reported, "could not find expected ':'") {
		word := strings.TrimSpace(line)
		return cause{line: d.at, column: indentOf(line), message: "a key without a colon", hint: "write " + quote(word+":"), plain: "write a colon after the key"}, true
	}
	if !strings.Contains(d.reported, "mapping values are not allowed") {
		return cause{}, false
	}
	if column, value := valueOf(line); colonInValue.MatchString(value) && column > indentOf(line) && !strings.HasSuffix(strings.TrimSpace(line[:column]), "-") {
		return cause{line: d.at, column: characterCount(line[:column]), message: "a colon inside of a value", hint: "put the value into quotes: " + doubleQuoted(strings.TrimSpace(value)), plain: "put the value into quotes"}, true
	}
	if before := d.before(d.at); before >= 0 {
		if bare := strings.TrimSpace(d.lines[before]); indentOf(d.lines[before]) == indentOf(line) && bareWord.MatchString(bare) {
			return cause{line: before, column: indentOf(line), message: "a key without a colon", hint: "write " + quote(bare+":"), plain: "write a colon after the key"}, true
		}
		if m := noBlank.submatch(d.lines[before]); m != nil && indentOf(d.lines[before]) <= indentOf(line) {
			return cause{line: before, column: characterCount(d.lines[before][:strings.Index(d.lines[before], ":")+1]), message: "no blank after the colon", hint: "write " + quote(m[1]+": "+m[2]), plain: "write a blank after the colon"}, true
		}
	}
	return cause{}, false
}

// before gives the line before one that is neither empty nor a comment; -1 without.
func (d *diagnosis) before(i int) int {
	for i--; i >= 0; i-- {
		if bare := strings.TrimSpace(d.lines[i]); bare != "" && bare[0] != '#' {
			return i
		}
	}
	return -1
}

// started is a key or a list entry of a line, and the column in which it begins.
type started struct {
	column, line int
	name         string
}

// indentation finds a line that begins in a column in which nothing can begin.
func (d *diagnosis) indentation() (cause, bool) {
	line := d.lines[d.at]
	column := indentOf(line)
	if column == len(line) {
		return cause{}, false
	}
	isEntry := strings.HasPrefix(line[column:], "- ") || line[column:] == "-"
	var open, candidates []started // open: what encloses the line before
	for i := range d.at {
		begun := startsOf(d.lines[i], i)
		if len(begun) == 0 {
			continue
		}
		open = slices.DeleteFunc(open, func(s started) bool { return s.column >= begun[0].column })
		open = append(open, begun...)
	}
	for _, s := range open {
		if strings.HasPrefix(s.name, "-") == isEntry {
			candidates = append(candidates, s)
		}
		if s.column == column {
			return cause{}, false // a line may begin here
		}
	}
	if len(candidates) == 0 {
		return cause{}, false
	}
	if before := d.before(d.at); before >= 0 && column > open[len(open)-1].column && strings.HasSuffix(strings.TrimSpace(d.lines[before]), ":") {
		return cause{}, false // the value of the key before may begin here
	}
	slices.Reverse(candidates) // the innermost of two that are as near
	nearest := slices.MinFunc(candidates, func(a, b started) int {
		return max(a.column-column, column-a.column) - max(b.column-column, column-b.column)
	})
	like := "the list entry"
	if !isEntry {
		like = nearest.name
	}
	hint := fmt.Sprintf("begin it in column %d, like %s on line %d", nearest.column+1, like, nearest.line+1)
	return cause{line: d.at, column: column, message: "wrong indentation", hint: hint, plain: fmt.Sprintf("begin it in column %d", nearest.column+1)}, true
}

var keyStart = newShape(`^("[^"]*"|'[^']*'|[^\s"'\[\]{}#&*!|>%@,][^:#]*):(\s|$)`)

// startsOf gives the entries and the key that begin on a line.
func startsOf(line string, number int) (all []started) {
	column := indentOf(line)
	for strings.HasPrefix(line[column:], "- ") {
		all = append(all, started{column, number, "-"})
		column += 2 + indentOf(line[column+2:])
	}
	if m := keyStart.submatch(line[column:]); m != nil {
		all = append(all, started{column, number, m[1]})
	}
	return all
}

// indentOf counts the blanks before a line.
func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// characterCount gives the characters of a text, as columns are counted.
func characterCount(text string) int { return utf8.RuneCountInString(text) }
