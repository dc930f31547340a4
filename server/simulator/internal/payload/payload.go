// Package payload shows what is in the model as GitHub's JSON: what answers of the API and
// webhooks carry of a repository, a pull request, a check run.
//
// It must not know who asks, or change the model.
package payload

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"plimsoll/server/simulator/internal/description"
	"plimsoll/server/simulator/internal/model"
)

// Object is a JSON object. Maps come out sorted by key, so that answers and deliveries
// are the same from run to run.
type Object = map[string]any

// Builder makes GitHub's JSON. Its methods need the model's lock.
type Builder struct {
	github      *model.GitHub
	description *description.Description
}

// New returns a Builder for a GitHub, by GitHub's schemas.
func New(github *model.GitHub, schemas *description.Description) *Builder {
	return &Builder{github: github, description: schemas}
}

// Fill adds to o what GitHub's schema of that name requires and the model does not hold:
// addresses below the object's own url, node ids, counts, switches. Everything else must
// come from the model: what is still missing fails when the answer is checked.
func (b *Builder) Fill(schema string, o Object) Object {
	definition := b.description.Schema(schema)
	own, _ := o["url"].(string)
	if own == "" {
		own = b.github.BaseURL + description.APIPath
	}
	for _, name := range definition.Required {
		if _, given := o[name]; given {
			continue
		}
		if value, ok := ornament(name, own, o, definition.Properties[name]); ok {
			o[name] = value
		}
	}
	return o
}

func ornament(name, own string, o Object, property *openapi3.SchemaRef) (any, bool) {
	switch {
	case property == nil || property.Value == nil:
		return nil, false
	case name == "node_id":
		return NodeID(o["id"], o["sha"]), true
	case strings.HasSuffix(name, "_url") || name == "url":
		return own + "/" + strings.TrimSuffix(strings.TrimSuffix(name, "url"), "_"), true
	case property.Value.Type.Is("integer") && isCount(name):
		return 0, true
	case property.Value.Type.Is("boolean") && (strings.HasPrefix(name, "has_") || name == "site_admin" || name == "disabled"):
		return false, true
	case property.Value.Nullable:
		return nil, true
	}
	return nil, false
}

func isCount(name string) bool {
	switch name {
	case "forks", "watchers", "open_issues", "size", "followers", "following", "public_repos", "public_gists":
		return true
	}
	return strings.HasSuffix(name, "_count")
}

// NodeID makes an opaque id such as GraphQL's.
func NodeID(parts ...any) string {
	for _, part := range parts {
		if part != nil {
			return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "node:%v", part))
		}
	}
	return "node"
}

// Stamp is a time in GitHub's form.
func Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// StampOrNil is JSON's null for no time.
func StampOrNil(t *time.Time) any {
	if t == nil {
		return nil
	}
	return Stamp(*t)
}

// TextOrNil is JSON's null for "".
func TextOrNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// List is a JSON array of items.
func List[T any](items []T, each func(T) Object) []any {
	out := make([]any, 0, len(items))
	for _, item := range items {
		out = append(out, each(item))
	}
	return out
}

// API returns an address of the API.
func (b *Builder) API(format string, args ...any) string {
	return b.github.BaseURL + description.APIPath + fmt.Sprintf(format, args...)
}

// Web returns the address of a page.
func (b *Builder) Web(format string, args ...any) string {
	return b.github.BaseURL + fmt.Sprintf(format, args...)
}
