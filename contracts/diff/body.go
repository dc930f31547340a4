package diff

import (
	"slices"
	"strconv"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

func (c *comparer) compareRequestBody(at int32, b, h *openapi.Operation, dir contracts.Direction) {
	old, now := b.Node.Get("requestBody"), h.Node.Get("requestBody")
	edge := func() contracts.Edge { return contracts.Edge{Schema: b.Name(), Kind: contracts.KindBody} }
	body := usage.Step{Kind: usage.StepBody}
	switch {
	case !old.Valid() && !now.Valid():
		return
	case !old.Valid():
		rule := "request-body-added-optional"
		if c.head.Contract.Deref(now).Get("required").True() {
			rule = "request-body-added-required"
		}
		c.reportAs(at, dir, change{rule: turned(rule, dir), edge: edge, b: b.Key, h: h.Node.Key("requestBody"), step: body})
		return
	case !now.Valid():
		c.reportAs(at, dir, change{rule: turned("request-body-removed", dir), edge: edge, b: b.Node.Key("requestBody"), h: h.Key, step: body})
		return
	}
	to := c.nodePair("body", old, now, dir, (*comparer).compareBody)
	c.link(at, to, body, c.base.Contract.Deref(old).Get("required").True())
}

// turned gives the rule for a message's part when the provider is the sender:
// what it stops sending is taken away from those who read it.
func turned(rule string, dir contracts.Direction) string {
	if strings.HasPrefix(rule, string(dir)) {
		return rule
	}
	if other, ok := turnedRules[rule]; ok {
		return other
	}
	return rule
}

var turnedRules = map[string]string{
	"request-body-removed":              "response-media-type-removed",
	"request-body-added-required":       "response-media-type-added",
	"request-body-added-optional":       "response-media-type-added",
	"request-body-became-optional":      "response-property-became-optional",
	"request-body-became-required":      "response-property-became-required",
	"request-parameter-removed":         "response-header-removed",
	"request-parameter-added-required":  "response-header-added",
	"request-parameter-added-optional":  "response-header-added",
	"request-parameter-became-required": "response-header-became-required",
	"request-parameter-became-optional": "response-header-became-optional",
	"request-parameter-style-changed":   "response-header-style-changed",
	"request-parameter-content-changed": "response-header-style-changed",
	"request-media-type-removed":        "response-media-type-removed",
	"request-media-type-added":          "response-media-type-added",
	"request-encoding-changed":          "response-media-type-changed",
	"response-header-removed":           "request-parameter-removed",
	"response-header-added":             "request-parameter-added-optional",
	"response-header-became-optional":   "request-parameter-became-optional",
	"response-header-became-required":   "request-parameter-became-required",
	"response-header-style-changed":     "request-parameter-style-changed",
	"response-media-type-removed":       "request-media-type-removed",
	"response-media-type-added":         "request-media-type-added",
	"response-media-type-changed":       "request-media-type-removed",
}

// compareBody compares a request body, which many operations may share.
func (c *comparer) compareBody(id int32) {
	p := c.pairs[id]
	edge := func() contracts.Edge { return contracts.Edge{Schema: c.base.OwnerName(p.b), Kind: contracts.KindBody} }
	was, is := p.b.Get("required").True(), p.h.Get("required").True()
	if was != is {
		rule, from, to := "request-body-became-required", "optional", "required"
		if was {
			rule, from, to = "request-body-became-optional", "required", "optional"
		}
		c.report(id, change{rule: turned(rule, p.dir), edge: edge, b: document.FirstValid(p.b.Get("required"), p.b), h: document.FirstValid(p.h.Get("required"), p.h),
			from: from, to: to, hasFrom: true, hasTo: true})
	}
	c.compareContent(id, p.b, p.h)
}

// compareContent compares the media types of a body.
func (c *comparer) compareContent(id int32, b, h document.Node) {
	dir := c.pairs[id].dir
	old, now := b.Get("content"), h.Get("content")
	count := old.Len()
	for media, value := range old.Members() {
		other := now.Get(media)
		if !other.Valid() {
			other = sameMedia(now, media, old)
		}
		if !other.Valid() && c.rangeNarrowed(id, now, media, value) && dir == contracts.Response {
			continue
		}
		if !other.Valid() {
			edge := func() contracts.Edge {
				return contracts.Edge{Schema: c.base.OwnerName(b), Name: media, Kind: contracts.KindMediaType}
			}
			c.report(id, change{rule: string(dir) + "-media-type-removed", edge: edge, b: value.KeyNode(), h: document.FirstValid(now, h),
				from: media, hasFrom: true, detail: media, step: usage.Step{Kind: usage.StepMedia, Name: media}, fact: fact{sole: count == 1 && !openapi.IsMediaRange(media)}})
			continue
		}
		if c.dirty.Same(value, other) {
			continue
		}
		to := c.nodePair("media", value, other, dir, (*comparer).compareMedia)
		c.link(id, to, usage.Step{Kind: usage.StepMedia, Name: media}, count == 1)
	}
	for media, value := range now.Members() {
		if old.Get(media).Valid() || sameMedia(old, media, now).Valid() {
			continue
		}
		rule := "-media-type-added"
		if dir == contracts.Response && count == 0 {
			rule = "-media-type-changed"
		}
		edge := func() contracts.Edge {
			return contracts.Edge{Schema: c.base.OwnerName(b), Name: media, Kind: contracts.KindMediaType}
		}
		c.report(id, change{rule: string(dir) + rule, edge: edge, b: document.FirstValid(old, b), h: value.KeyNode(), to: media, hasTo: true,
			detail: media, step: usage.Step{Kind: usage.StepMedia, Name: media}})
	}
}

// rangeNarrowed compares a range of media types ("application/*") with the media types
// that are left of it; false where none is.
func (c *comparer) rangeNarrowed(id int32, now document.Node, media string, value document.Node) bool {
	if !openapi.IsMediaRange(media) {
		return false
	}
	narrowed := false
	for other, left := range now.Members() {
		if openapi.InMediaRange(media, other) {
			narrowed = true
			c.link(id, c.nodePair("media", value, left, c.pairs[id].dir, (*comparer).compareMedia), usage.Step{Kind: usage.StepMedia, Name: media}, false)
		}
	}
	return narrowed
}

// sameMedia finds a media type that is written in another way only
// ("application/json; charset=utf-8"), or a range that holds it. One that the
// version of the media type lists as well is another one ("application/json" and
// "application/json;stream=watch").
func sameMedia(content document.Node, media string, beside document.Node) document.Node {
	want := openapi.MediaKey(media)
	for other, value := range content.Members() {
		if openapi.MediaKey(other) == want && !beside.Get(other).Valid() {
			return value
		}
	}
	for other, value := range content.Members() {
		if openapi.InMediaRange(other, media) {
			return value
		}
	}
	return document.Node{}
}

// compareMedia compares a body in one media type: as a whole, and the items of a
// sequence, one after the other.
func (c *comparer) compareMedia(id int32) {
	c.compareMediaSchema(id, "schema", usage.Step{Kind: usage.StepStay})
	c.compareMediaSchema(id, "itemSchema", usage.Step{Kind: usage.StepItem})
	c.compareEncodings(id)
}

func (c *comparer) compareMediaSchema(id int32, keyword string, step usage.Step) {
	p := c.pairs[id]
	b, h := p.b.Get(keyword), p.h.Get(keyword)
	switch {
	case b.Valid() && h.Valid():
		c.link(id, c.schemaPair([]document.Node{b}, []document.Node{h}, p.dir), step, step.Kind == usage.StepStay)
		c.renamed(id, []document.Node{b}, []document.Node{h})
	case b.Valid() && !c.base.Unconstrained(b), h.Valid() && !c.head.Unconstrained(h):
		from, to, rule := "any", "any", "-type-changed"
		if b.Valid() {
			from = c.base.TypeText([]document.Node{b})
		}
		if h.Valid() {
			to = c.head.TypeText([]document.Node{h})
		}
		switch {
		case p.dir == contracts.Request && !h.Valid():
			rule = "-type-widened"
		case p.dir == contracts.Response && !b.Valid():
			rule = "-type-narrowed"
		}
		edge := contracts.Edge{Kind: contracts.KindBody}
		if step.Kind == usage.StepItem {
			edge = contracts.Edge{Name: "[]", Kind: contracts.KindItem}
		}
		c.report(id, change{rule: string(p.dir) + rule, b: document.FirstValid(b, p.b), h: document.FirstValid(h, p.h), from: from, to: to, hasFrom: true, hasTo: true,
			detail: edge.Name, step: step, edge: func() contracts.Edge {
				edge.Schema = c.base.OwnerName(p.b)
				return edge
			}})
	}
}

// compareEncodings compares how the parts of a form are written: by name, or by position.
func (c *comparer) compareEncodings(id int32) {
	p := c.pairs[id]
	c.compareEncoding(id, p.b.Get("encoding"), p.h.Get("encoding"))
	part := func(name string, b, h document.Node) {
		c.encodingChanged(id, b, h, "["+name+"]", contracts.KindItem, usage.Step{Kind: usage.StepItem, Name: name})
	}
	part("", p.b.Get("itemEncoding"), p.h.Get("itemEncoding"))
	old, now := itemsOf(p.b.Get("prefixEncoding")), itemsOf(p.h.Get("prefixEncoding"))
	for i := range max(len(old), len(now)) {
		var b, h document.Node
		if i < len(old) {
			b = old[i]
		}
		if i < len(now) {
			h = now[i]
		}
		part(strconv.Itoa(i), b, h)
	}
}

func itemsOf(list document.Node) []document.Node {
	var items []document.Node
	for _, item := range list.Items() {
		items = append(items, item)
	}
	return items
}

// compareEncoding compares how the parts with names are written.
func (c *comparer) compareEncoding(id int32, b, h document.Node) {
	p := c.pairs[id]
	names := map[string]bool{}
	for name := range b.Members() {
		names[name] = true
	}
	for name := range h.Members() {
		names[name] = true
	}
	for name := range names {
		old, now := b.Get(name), h.Get(name)
		if !old.Valid() && !describes(c.base, p.b, name) {
			continue // the part itself is new
		}
		step := usage.Step{Kind: usage.StepProperty, Name: name}
		c.encodingChanged(id, old, now, name, contracts.KindProperty, step)
		if p.dir == contracts.Request && describes(c.head, p.h, name) { // only of Swagger 2.0
			edge := func() contracts.Edge {
				return contracts.Edge{Schema: c.base.OwnerName(p.b), Name: name, Kind: contracts.KindProperty}
			}
			c.compareAllowance(id, old, now, "allowEmptyValue", "empty-value", edge, step)
		}
	}
}

// encodingChanged reports one part that is written in another way.
func (c *comparer) encodingChanged(id int32, old, now document.Node, name string, kind contracts.EdgeKind, step usage.Step) {
	p := c.pairs[id]
	from, to := encodingText(old), encodingText(now)
	for _, header := range requiredHeaders(c.head, now) {
		to = strings.TrimPrefix(to+", "+header, ", ")
	}
	for _, header := range requiredHeaders(c.base, old) {
		from = strings.TrimPrefix(from+", "+header, ", ")
	}
	if from == to || encodingEffect(c.base, p.b, old, step) == encodingEffect(c.head, p.h, now, step) {
		return
	}
	c.report(id, change{rule: turned("request-encoding-changed", p.dir), b: document.FirstValid(old, p.b), h: document.FirstValid(now, p.h), detail: name,
		from: from, to: to, hasFrom: old.Valid(), hasTo: now.Valid(),
		edge: func() contracts.Edge { return contracts.Edge{Schema: c.base.OwnerName(p.b), Name: name, Kind: kind} }, step: step})
}

// describes tells whether the body's schema has a property.
func describes(v *openapi.View, media document.Node, name string) bool {
	schema := media.Get("schema")
	if !schema.Valid() {
		return false
	}
	_, ok := v.Decode(v.Schema(schema)).Property(name)
	return ok
}

// encodingEffect describes how a part is written, with the defaults of the Encoding
// Object. Style and explode say nothing of a single value.
func encodingEffect(v *openapi.View, media, n document.Node, step usage.Step) string {
	var schema document.Node
	switch whole := media.Get("schema"); {
	case step.Kind == usage.StepItem && media.Get("itemSchema").Valid():
		schema = media.Get("itemSchema")
	case whole.Valid() && step.Kind == usage.StepProperty:
		if property, ok := v.Decode(v.Schema(whole)).Property(step.Name); ok {
			schema = property.Nodes[0]
		}
	}
	types := openapi.TypeSet(0)
	if schema.Valid() {
		types = v.Outline(schema) &^ openapi.TypeNull
	}
	contentType := openapi.BareMedia(n.Get("contentType").Text())
	if contentType == "" && schema.Valid() {
		contentType = defaultContentType(v, schema, types)
	}
	parts := []string{contentType}
	if types&(openapi.TypeArray|openapi.TypeObject) != 0 || types == 0 {
		style := n.Get("style").Text()
		if style == "" {
			style = "form"
		}
		explode := style == "form"
		if e := n.Get("explode"); e.Valid() {
			explode = e.True()
		}
		parts = append(parts, style, strconv.FormatBool(explode))
	}
	parts = append(parts, strconv.FormatBool(n.Get("allowReserved").True()))
	parts = append(parts, requiredHeaders(v, n)...)
	for _, keyword := range []string{"encoding", "prefixEncoding", "itemEncoding"} {
		parts = append(parts, string(n.Get(keyword).AppendJSON(nil)))
	}
	return strings.Join(parts, "\n")
}

// defaultContentType is what a part has without contentType; "" where its type does not
// say it.
func defaultContentType(v *openapi.View, schema document.Node, types openapi.TypeSet) string {
	s := v.Decode(v.Schema(schema))
	switch {
	case types == openapi.TypeArray && len(s.Items) > 0:
		return defaultContentType(v, s.Items[0], v.Outline(s.Items[0])&^openapi.TypeNull)
	case types == openapi.TypeObject:
		return "application/json"
	case s.Keywords["contentMediaType"].Valid():
		return openapi.BareMedia(s.Keywords["contentMediaType"].Text())
	case s.Keywords["contentEncoding"].Valid(), s.Keywords["format"].Text() == "binary", s.Keywords["format"].Text() == "base64":
		return "application/octet-stream"
	case types&(openapi.TypeArray|openapi.TypeObject) == 0:
		return "text/plain"
	}
	return ""
}

// requiredHeaders gives the headers that a part must have.
func requiredHeaders(v *openapi.View, n document.Node) []string {
	var names []string
	for name, header := range n.Get("headers").Members() {
		if v.Contract.Deref(header).Get("required").True() && !strings.EqualFold(name, "content-type") {
			names = append(names, "header "+strings.ToLower(name))
		}
	}
	slices.Sort(names)
	return names
}

func encodingText(n document.Node) string {
	var parts []string
	for _, keyword := range []string{"contentType", "style", "explode", "allowReserved"} {
		if v := n.Get(keyword); v.Valid() {
			parts = append(parts, keyword+": "+v.Text())
		}
	}
	for _, keyword := range []string{"encoding", "prefixEncoding", "itemEncoding"} { // of a form inside a form
		if v := n.Get(keyword); v.Valid() {
			parts = append(parts, keyword+": "+string(v.AppendJSON(nil)))
		}
	}
	return strings.Join(parts, ", ")
}
