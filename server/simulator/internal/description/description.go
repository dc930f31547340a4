// Package description holds GitHub's own description of its REST API and checks calls
// and answers against it.
//
// rest.json.gz is the description, which trim cuts out of the npm package
// @octokit/openapi (MIT, LICENSE). The package must not know what the simulator does with
// a call.
package description

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// APIPath is where the API begins below the base URL, as on GitHub Enterprise Server.
const APIPath = "/api/v3"

//go:embed rest.json.gz
var packed []byte

// Description is GitHub's description of its API.
type Description struct {
	document *openapi3.T
	router   routers.Router
}

// GitHub returns the description, loaded once per process. It is part of the program, so
// a fault in it panics.
var GitHub = sync.OnceValue(func() *Description {
	d, err := load(packed)
	if err != nil {
		panic(fmt.Sprintf("simulator: %v", err))
	}
	return d
})

func load(packed []byte) (*Description, error) {
	unzip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpack GitHub's description: %w", err)
	}
	raw, err := io.ReadAll(unzip)
	if err != nil {
		return nil, fmt.Errorf("unpack GitHub's description: %w", err)
	}
	document, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		return nil, fmt.Errorf("load GitHub's description: %w", err)
	}
	document.Servers = openapi3.Servers{{URL: APIPath}}
	router, err := gorillamux.NewRouter(document)
	if err != nil {
		return nil, fmt.Errorf("route GitHub's description: %w", err)
	}
	return &Description{document: document, router: router}, nil
}

// Version is that of the package which the description is from.
func (d *Description) Version() string { return d.document.Info.Version }

// Operations lists GitHub's ids of the described operations.
func (d *Description) Operations() []string {
	var ids []string
	for _, item := range d.document.Paths.Map() {
		for _, operation := range item.Operations() {
			ids = append(ids, operation.OperationID)
		}
	}
	slices.Sort(ids)
	return ids
}

// Schema returns a component by name. A name that is not there is a fault of the program.
func (d *Description) Schema(name string) *openapi3.Schema {
	ref := d.document.Components.Schemas[name]
	if ref == nil || ref.Value == nil {
		panic(fmt.Sprintf("simulator: GitHub's description has no schema %q", name))
	}
	return ref.Value
}

// Operation is what a request asks for.
type Operation struct {
	ID   string            // GitHub's operationId
	Path string            // GitHub's template of the path
	Vars map[string]string // the variables of the path, unescaped

	route *routers.Route
}

// Find returns the operation that a request asks for.
func (d *Description) Find(r *http.Request) (*Operation, error) {
	route, vars, err := d.router.FindRoute(r)
	if err != nil {
		return nil, err
	}
	plain := map[string]string{}
	for key, value := range vars {
		if text, err := url.PathUnescape(value); err == nil {
			value = text
		}
		plain[key] = value
	}
	return &Operation{ID: route.Operation.OperationID, Path: route.Path, Vars: plain, route: route}, nil
}

// BodyIsOptional reports whether the operation takes a body but needs none.
func (o *Operation) BodyIsOptional() bool {
	body := o.route.Operation.RequestBody
	return body != nil && !body.Value.Required
}
