package alerts

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"

	"plimsoll/contracts"
	"plimsoll/deploy/promql"
)

// maxTemplate bounds one template, in bytes: the parser calls itself for what nests.
const maxTemplate = 32 << 10

// templateFunctions are the functions that Prometheus gives to templates, beside
// text/template's own. Only their names matter: nothing is executed.
var templateFunctions = func() template.FuncMap {
	functions := template.FuncMap{}
	for name := range strings.FieldsSeq(`query first label value strvalue args reReplaceAll safeHtml match title
		toUpper toLower graphLink tableLink sortByLabel stripPort stripDomain humanize humanize1024
		humanizeDuration humanizePercentage humanizeTimestamp toTime toDuration now pathPrefix
		externalURL parseDuration urlQueryEscape`) {
		functions[name] = func() string { return "" }
	}
	return functions
}()

// templateVariables are what Prometheus declares in front of every template.
const templateVariables = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"

// templateFields are what a template's dot holds.
var templateFields = map[string]bool{"Labels": true, "ExternalLabels": true, "ExternalURL": true, "Value": true}

// templates checks that the texts of an alert's labels and annotations are templates
// that Prometheus can parse.
func (r *reader) templates(rule Rule) {
	for _, p := range rule.Labels {
		r.template("label", p)
	}
	for _, p := range rule.Annotations {
		r.template("annotation", p)
	}
}

var templateLine = regexp.MustCompile(`^template: [^:]*:(\d+):(?:\d+:)? ?`)

func (r *reader) template(what string, p Pair) {
	text := p.Value.Value
	if !strings.Contains(text, "{{") {
		return
	}
	fault := func(at contracts.Position, message, hint string) {
		r.faults.add(Broken, at, fmt.Sprintf("%s %s: %s", what, quote(p.Key), message), hint)
	}
	if len(text) > maxTemplate {
		fault(p.Value.Position, fmt.Sprintf("the template has %d bytes, at most %d are read", len(text), maxTemplate), "shorten it")
		return
	}
	parsed, err := template.New("alert").Funcs(templateFunctions).Parse(templateVariables + text)
	if err == nil && !foreignFieldIn(parsed.Root) {
		return
	}
	if isHelm(text) || strings.Contains(text, "{{`") || strings.Contains(text, "{{ `") {
		if !r.reported[templatedMessage] {
			r.reported[templatedMessage] = true
			r.faults.add(Templated, p.Value.Position, templatedMessage, templatedHint)
		}
		return
	}
	if err == nil {
		return // a field that isn't there: Prometheus loads it, and the text is lost when it fires
	}
	message, offset := err.Error(), 0
	if m := templateLine.FindStringSubmatch(message); m != nil {
		message = message[len(m[0]):]
		number, _ := strconv.Atoi(m[1])
		offset = lineStart(text, number)
	}
	fault(r.lines.position(p.Value.Position, text, offset), "the template does not parse: "+promql.Shorten(message), "")
}

// foreignFieldIn tells whether a template reads a field at its top that Prometheus
// does not fill in.
func foreignFieldIn(list *parse.ListNode) bool {
	if list == nil {
		return false
	}
	for _, node := range list.Nodes {
		action, ok := node.(*parse.ActionNode)
		if !ok || action.Pipe == nil {
			continue
		}
		for _, command := range action.Pipe.Cmds {
			for _, arg := range command.Args {
				if field, ok := arg.(*parse.FieldNode); ok && !templateFields[field.Ident[0]] {
					return true
				}
			}
		}
	}
	return false
}

// lineStart is the offset of the first character of a line, counted from 1.
func lineStart(text string, number int) int {
	offset := 0
	for range number - 1 {
		i := strings.IndexByte(text[offset:], '\n')
		if i < 0 {
			break
		}
		offset += i + 1
	}
	for offset < len(text) && (text[offset] == ' ' || text[offset] == '\t') {
		offset++
	}
	return offset
}
