package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// Step is one request of a journey. Exactly one of Get, Head and Post is given.
type Step struct {
	At        Position
	Name      StepName            `key:"name,required" example:"login" doc:"Name of the step, such as login. Later steps use it in {{steps.login.json.token}}."`
	Get       RequestPath         `key:"get" json:",omitempty" doc:"Path to request with GET, such as /orders/{{steps.order.json.id}}."`
	Head      RequestPath         `key:"head" json:",omitempty" doc:"Path to request with HEAD."`
	Post      RequestPath         `key:"post" json:",omitempty" doc:"Path to request with POST. The operator allows POST for each host (probes.post)."`
	Headers   map[string]Template `key:"headers" json:",omitempty" doc:"Headers, such as {Authorization: \"Bearer {{secrets.shop-login}}\"}."`
	Body      *Body               `key:"body" json:",omitempty" doc:"Body of a POST: json or form."`
	Redirects int                 `key:"redirects" json:",omitempty" doc:"Number of redirects to follow, 0 (default) to 3; only to the same host, and not with post."`
	Expect    Expect              `key:"expect" doc:"Expected response. Default: any status from 200 to 299."`
}

// Method is the step's HTTP method.
func (s Step) Method() string {
	switch {
	case s.Post != "":
		return "POST"
	case s.Head != "":
		return "HEAD"
	}
	return "GET"
}

// Path is what the step requests.
func (s Step) Path() string { return string(s.Get + s.Head + s.Post) }

// Body is what a POST sends; one of both is given.
type Body struct {
	At   Position
	JSON JSONText            `key:"json" json:",omitempty" doc:"The body as JSON, written as YAML: {item: mug, token: \"{{steps.login.json.token}}\"}. A text that is one placeholder alone keeps the type of its value."`
	Form map[string]Template `key:"form" json:",omitempty" doc:"Fields of a form, such as {user: probe, password: \"{{secrets.shop-password}}\"}."`
}

// Requests are the requests of a probe, in order. A probe without steps is one request.
func (p Probe) Requests() []Step {
	if len(p.Steps) > 0 {
		return p.Steps
	}
	return []Step{{Get: p.Get, Head: p.Head, Post: p.Post, Headers: p.Headers, Body: p.Body, Redirects: p.Redirects, Expect: p.Expect}}
}

// Plain reports whether a probe is one request that nothing is filled into.
func (p Probe) Plain() bool {
	return len(p.Steps) == 0 && p.Post == "" && len(p.Headers) == 0 && len(Placeholders(string(p.Get+p.Head))) == 0
}

// StepName is the name of a step.
type StepName string

var stepNamePattern = newShape(`^[A-Za-z][A-Za-z0-9_-]{0,49}$`)

func (StepName) form() form {
	return form{expects: "the name of a step", tags: onlyText, hint: "use at most 50 letters, digits, dashes and underscores; begin with a letter", pattern: stepNamePattern.String(), examples: []string{"login"}}
}

func (n *StepName) parse(text string) *wrong {
	if !stepNamePattern.MatchString(text) {
		return &wrong{message: "expected the name of a step, found " + quote(text)}
	}
	*n = StepName(text)
	return nil
}

// Template is text that may hold placeholders such as {{secrets.shop-login}}.
type Template string

// maxTemplate bounds a text with placeholders, in bytes.
const maxTemplate = 4096

func (Template) form() form { return form{expects: "text", tags: onlyText} }

func (t *Template) parse(text string) *wrong {
	switch {
	case len(text) > maxTemplate:
		return &wrong{"a text of more than 4,096 bytes", "shorten it"}
	case strings.ContainsFunc(text, unicode.IsControl):
		return &wrong{"a line break or another control character in the text", "remove it"}
	}
	*t = Template(text)
	return nil
}

// JSONText is a JSON value, written as YAML in the file.
type JSONText string

// maxBody bounds what a POST sends, as declared, in bytes.
const maxBody = 16 << 10

// read takes the value that stands at a node.
func (j *JSONText) read(n *yaml.Node) *wrong {
	value, bad := plainValue(n)
	if bad != nil {
		return bad
	}
	text, err := json.Marshal(value)
	if err != nil {
		return &wrong{"a value that JSON does not have", "write text, numbers, true, false, null, lists and mappings"}
	}
	if len(text) > maxBody {
		return &wrong{"a body of more than 16 KiB", "shorten it"}
	}
	*j = JSONText(text)
	return nil
}

// plainValue gives what a node stands for, as package encoding/json takes it.
func plainValue(n *yaml.Node) (any, *wrong) {
	switch n.Kind {
	case yaml.AliasNode:
		return plainValue(n.Alias)
	case yaml.MappingNode:
		object := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if isMerge(key) || key.Kind != yaml.ScalarNode {
				return nil, &wrong{"<< can't be used in a body", "write out its keys"}
			}
			if len(Placeholders(key.Value)) > 0 {
				return nil, &wrong{"a placeholder in a key of the body", "use placeholders in values only"}
			}
			value, bad := plainValue(n.Content[i+1])
			if bad != nil {
				return nil, bad
			}
			object[key.Value] = value
		}
		return object, nil
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, child := range n.Content {
			var bad *wrong
			if list[i], bad = plainValue(child); bad != nil {
				return nil, bad
			}
		}
		return list, nil
	}
	if !slices.Contains([]string{"!!int", "!!float", "!!bool", "!!null"}, n.Tag) {
		return n.Value, nil
	}
	var value any
	if err := n.Decode(&value); err != nil {
		return nil, &wrong{"a value that can't be read", "put it into quotes"}
	}
	return value, nil
}

// Kinds of placeholders.
const (
	OfDeployment = "deployment"
	OfSecret     = "secrets"
	OfStep       = "steps"
)

// Placeholder is a part of a text that is filled in when a request is made.
type Placeholder struct {
	// Text is what stands there, with its braces.
	Text string
	// Kind is OfDeployment, OfSecret or OfStep; "": unknown.
	Kind string
	// Name of the value of the deployment, of the secret or of the step.
	Name string
	// Field of the step's JSON answer.
	Field string
}

var (
	secretPlaceholder = newShape(`^secrets\.([A-Za-z0-9][A-Za-z0-9._-]{0,99})$`)
	stepPlaceholder   = newShape(`^steps\.([A-Za-z][A-Za-z0-9_-]{0,49})\.json\.(.+)$`)
)

// Placeholders lists the placeholders of a text, in order.
func Placeholders(text string) (all []Placeholder) {
	if !strings.Contains(text, "{{") {
		return nil
	}
	for _, m := range template.submatches(text) {
		p := Placeholder{Text: m[0]}
		if slices.Contains(Templates, m[1]) {
			p.Kind, p.Name = OfDeployment, strings.TrimPrefix(m[1], "deployment.")
		} else if secret := secretPlaceholder.submatch(m[1]); secret != nil {
			p.Kind, p.Name = OfSecret, secret[1]
		} else if step := stepPlaceholder.submatch(m[1]); step != nil && jsonField.MatchString(step[2]) {
			p.Kind, p.Name, p.Field = OfStep, step[1], step[2]
		}
		all = append(all, p)
	}
	return all
}

// Bounds of a journey.
const (
	maxSteps   = 10
	maxHeaders = 20
	maxJourney = 30 * time.Second
	maxText    = 500
)

// probe checks a probe: one request, or a journey of several.
func (d *decoder) probe(p Probe, path string) {
	if !d.given(path + ".steps") {
		d.request(p.Requests()[0], "a probe", path, nil)
		for _, key := range []string{"name", "within"} {
			if at := path + "." + key; d.given(at) {
				d.faultAt(at, key+" needs steps", "put the request under steps, or remove "+key)
			}
		}
		return
	}
	for _, key := range []string{"get", "head", "post", "headers", "body", "redirects", "expect"} {
		if at := path + "." + key; d.given(at) {
			d.faultAt(at, key+" can't be combined with steps", "move it into a step")
		}
	}
	if !d.given(path + ".name") {
		d.faultAt(path, "a journey needs name", "add name: followed by its name in reports, such as place an order")
	}
	d.between(p.Within.Value(), time.Second, maxJourney, path+".within")
	if steps := path + ".steps"; !d.failed(steps) && (len(p.Steps) == 0 || len(p.Steps) > maxSteps) {
		d.faultAt(steps, fmt.Sprintf("expected 1 to %d steps, found %d", maxSteps, len(p.Steps)), "write another journey")
	}
	names, earlier := map[string]string{}, []string{}
	for i, step := range p.Steps {
		at := fmt.Sprintf("%s.steps[%d]", path, i)
		d.unique(names, string(step.Name), at+".name", "step")
		d.request(step, "a step", at, earlier)
		earlier = append(earlier, string(step.Name))
	}
}

// request checks one request of a probe or of a journey. earlier are the steps before it.
func (d *decoder) request(s Step, what, path string, earlier []string) {
	get, head, post := d.given(path+".get"), d.given(path+".head"), d.given(path+".post")
	switch {
	case get && head, get && post, head && post:
		d.faultAt(path, what+" has one of get, head and post", "write two of them")
	case !get && !head && !post:
		d.faultAt(path, what+" needs get, head or post", "add get: /healthz")
	}
	if s.Redirects < 0 || s.Redirects > 3 {
		d.faultAt(path+".redirects", fmt.Sprintf("expected 0 to 3 redirects, found %d", s.Redirects), "")
	} else if s.Redirects > 0 && post {
		d.faultAt(path+".redirects", "redirects of a POST are not followed", "expect the status of the redirect, or remove redirects")
	}
	for method, at := range map[string]string{string(s.Get): ".get", string(s.Head): ".head", string(s.Post): ".post"} {
		d.placeholders(method, path+at, "a path", earlier, OfDeployment, OfStep)
	}
	d.headers(s.Headers, path+".headers", earlier)
	if s.Body != nil {
		d.body(*s.Body, path+".body", post, earlier)
	}
	d.expect(s, path+".expect", earlier)
}

// ownHeaders are set by the request itself, or say where it comes from and whose it is.
var ownHeaders = []string{
	"host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "keep-alive", "te", "trailer",
	"upgrade", "expect", "accept-encoding", "forwarded", "via", "x-real-ip",
}

var headerName = newShape("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")

func (d *decoder) headers(headers map[string]Template, path string, earlier []string) {
	if len(headers) > maxHeaders {
		d.faultAt(path, fmt.Sprintf("expected at most %d headers, found %d", maxHeaders, len(headers)), "")
	}
	names := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		at, folded := join(path, name), strings.ToLower(name)
		switch {
		case !headerName.MatchString(name):
			d.faultAt(at, "expected the name of a header, found "+quote(name), "such as Authorization")
		case slices.Contains(ownHeaders, folded), strings.HasPrefix(folded, "proxy-"), strings.HasPrefix(folded, "x-forwarded-"):
			d.faultAt(at, "the header "+name+" can't be set", "remove it; Content-Type follows from the body")
		default:
			d.unique(names, name, at, "header")
		}
		d.placeholders(string(headers[name]), at, "a header", earlier, OfDeployment, OfSecret, OfStep)
	}
}

func (d *decoder) body(b Body, path string, post bool, earlier []string) {
	asJSON, form := d.given(path+".json"), d.given(path+".form")
	switch {
	case !post:
		d.faultAt(path, "body needs post", "use post instead of get or head")
	case asJSON == form:
		d.faultAt(path, "a body has either json or form", "write json: {…} or form: {…}")
	}
	size := 0
	for _, name := range slices.Sorted(maps.Keys(b.Form)) {
		size += len(name) + len(b.Form[name])
		d.placeholders(string(b.Form[name]), join(path+".form", name), "a form", earlier, OfDeployment, OfSecret, OfStep)
	}
	if size > maxBody {
		d.faultAt(path+".form", "a body of more than 16 KiB", "shorten it")
	}
	d.placeholders(string(b.JSON), path+".json", "a body", earlier, OfDeployment, OfSecret, OfStep)
}

// placeholders checks those of a text, which may be of some kinds only.
func (d *decoder) placeholders(text, path, where string, earlier []string, kinds ...string) {
	for _, p := range Placeholders(text) {
		name := strings.TrimSpace(strings.Trim(p.Text, "{}"))
		switch {
		case p.Kind == "":
			hint := "use {{deployment.sha}}, {{secrets.NAME}} or {{steps.NAME.json.FIELD}}"
			if near := Nearest(name, Templates); near != "" {
				hint = "did you mean " + near + "?"
			}
			d.faultAt(path, "unknown placeholder {{"+name+"}}", hint)
		case !slices.Contains(kinds, p.Kind):
			d.faultAt(path, "a secret can't be used in "+where, "use it in a header or a body")
		case p.Kind == OfStep && len(earlier) == 0:
			d.faultAt(path, "{{"+name+"}} names a step, and there is none before", "put both requests under steps")
		case p.Kind == OfStep && !slices.Contains(earlier, p.Name):
			d.faultAt(path, "{{"+name+"}} names no step before this one", nearestOr(p.Name, earlier, "steps before this one: "+strings.Join(earlier, ", ")))
		}
	}
}

// jsonField is the only form of a field's name in a probe's answer that reports show.
var jsonField = newShape(`^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*|\[\d{1,3}\]){0,15}$`)

func (d *decoder) expect(s Step, path string, earlier []string) {
	d.between(s.Expect.Within.Value(), time.Millisecond, maxWithin, path+".within")
	for _, at := range []string{path + ".json", path + ".text"} {
		if s.Head != "" && d.given(at) {
			d.faultAt(at, "a response to HEAD has no body to check", "use get instead of head")
		}
	}
	for i, text := range s.Expect.Text {
		at := fmt.Sprintf("%s.text[%d]", path, i)
		if text == "" || len(text) > maxText {
			d.faultAt(at, fmt.Sprintf("expected a text of 1 to %d bytes", maxText), "write words that stand in the response")
		}
		d.placeholders(string(text), at, "an expected text", earlier, OfDeployment, OfStep)
	}
	for _, field := range slices.Sorted(maps.Keys(s.Expect.JSON)) {
		at := join(path+".json", field)
		if !jsonField.MatchString(field) {
			d.faultAt(at, "expected the name of a JSON field, found "+quote(field), "such as status, build.sha or checks[0].state")
		}
		d.placeholders(s.Expect.JSON[field].Text, at, "an expected value", earlier, OfDeployment, OfStep)
	}
}
