package simulator

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// packedDescription is GitHub's REST description, trimmed by github/trim from the
// npm package @octokit/openapi (MIT, github/LICENSE).
//
//go:embed github/rest.json.gz
var packedDescription []byte

// description is GitHub's own word on its API.
type description struct {
	document *openapi3.T
	router   routers.Router
}

// githubDescription loads the description once per process. It is part of the
// program, so that a fault in it is a panic.
var githubDescription = sync.OnceValue(func() *description {
	d, err := loadDescription(packedDescription)
	if err != nil {
		panic(fmt.Sprintf("simulator: %v", err))
	}
	return d
})

func loadDescription(packed []byte) (*description, error) {
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
	return &description{document: document, router: router}, nil
}

// validationOptions keep whole schemas out of error texts and do not change the
// request.
var validationOptions = &openapi3filter.Options{
	SkipSettingDefaults:               true,
	IncludeResponseStatus:             true,
	RejectWhenRequestBodyNotSpecified: true,
	AuthenticationFunc:                openapi3filter.NoopAuthenticationFunc,
	SchemaValidationOptions:           []openapi3.SchemaValidationOption{openapi3.DisableSchemaErrorDetails()},
}

// checkRequest gives what the description has against the request, nil for nothing.
func (d *description) checkRequest(ctx context.Context, input *openapi3filter.RequestValidationInput) error {
	err := openapi3filter.ValidateRequest(ctx, input)
	if body, ok := err.(*openapi3filter.RequestError); ok && body.Err != nil {
		return fmt.Errorf("%s: %w", body.Reason, innermost(body.Err))
	}
	return err
}

// innermost finds the schema error that says most: below oneOf and anyOf it stands
// at the end of the chain.
func innermost(err error) error {
	var schema *openapi3.SchemaError
	for errors.As(err, &schema) {
		next := schema.Origin
		if next == nil {
			return fmt.Errorf("at %q: %s", "/"+joinPointer(schema.JSONPointer()), schema.Reason)
		}
		err = next
	}
	return err
}

func joinPointer(parts []string) string {
	var out string
	for i, part := range parts {
		if i > 0 {
			out += "/"
		}
		out += part
	}
	return out
}

// checkResponse gives what the description has against an answer with a JSON body.
// Errors that GitHub may give anywhere (401, 403, 404, 422, 429, 5xx) need not be
// listed for the operation, but are of GitHub's basic form.
func (d *description) checkResponse(ctx context.Context, input *openapi3filter.RequestValidationInput, status int, header http.Header, body []byte) error {
	listed := input.Route.Operation.Responses.Status(status) != nil
	if !listed && status >= 400 {
		var basic struct{ Message string }
		if err := json.Unmarshal(body, &basic); err != nil || basic.Message == "" {
			return fmt.Errorf("status %d without a message", status)
		}
		return nil
	}
	err := openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input,
		Status:                 status,
		Header:                 header,
		Body:                   io.NopCloser(bytes.NewReader(body)),
		Options:                validationOptions,
	})
	if response, ok := err.(*openapi3filter.ResponseError); ok && response.Err != nil {
		return fmt.Errorf("%s: %w", response.Reason, innermost(response.Err))
	}
	return err
}

// schema gives a component by name; a name that is not there is a fault of the program.
func (d *description) schema(name string) *openapi3.Schema {
	ref := d.document.Components.Schemas[name]
	if ref == nil || ref.Value == nil {
		panic(fmt.Sprintf("simulator: GitHub's description has no schema %q", name))
	}
	return ref.Value
}
