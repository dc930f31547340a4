package description

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// options keep whole schemas out of error texts and leave the request as it is.
var options = &openapi3filter.Options{
	SkipSettingDefaults:               true,
	IncludeResponseStatus:             true,
	RejectWhenRequestBodyNotSpecified: true,
	AuthenticationFunc:                openapi3filter.NoopAuthenticationFunc,
	SchemaValidationOptions:           []openapi3.SchemaValidationOption{openapi3.DisableSchemaErrorDetails()},
}

// CheckRequest returns what is wrong with a request and its body, nil for nothing.
func (o *Operation) CheckRequest(r *http.Request, body []byte) error {
	err := openapi3filter.ValidateRequest(r.Context(), o.input(r, body))
	if fault, ok := err.(*openapi3filter.RequestError); ok && fault.Err != nil {
		return fmt.Errorf("%s: %w", fault.Reason, innermost(fault.Err))
	}
	return err
}

func (o *Operation) input(r *http.Request, body []byte) *openapi3filter.RequestValidationInput {
	r.Body = io.NopCloser(bytes.NewReader(body))
	vars := o.Vars
	if path, has := vars["path"]; has && path == "" { // the root of a repository, which the description forgets
		vars = maps.Clone(vars)
		vars["path"] = "."
	}
	return &openapi3filter.RequestValidationInput{Request: r, PathParams: vars, Route: o.route, Options: options}
}

// CheckAnswer returns what is wrong with an answer to a request, nil for nothing. An
// operation need not list the errors that GitHub may give anywhere (401, 403, 404, 422,
// 429, 5xx), but they must have GitHub's basic form.
func (o *Operation) CheckAnswer(r *http.Request, body []byte, status int, header http.Header, answer []byte) error {
	listed := o.route.Operation.Responses.Status(status) != nil
	if !listed && status >= 400 {
		var basic struct{ Message string }
		if err := json.Unmarshal(answer, &basic); err != nil || basic.Message == "" {
			return fmt.Errorf("status %d without a message", status)
		}
		return nil
	}
	answer, err := o.withoutContent(answer)
	if err != nil {
		return err
	}
	err = openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: o.input(r, body),
		Status:                 status,
		Header:                 header,
		Body:                   io.NopCloser(bytes.NewReader(answer)),
		Options:                options,
	})
	if fault, ok := err.(*openapi3filter.ResponseError); ok && fault.Err != nil {
		return fmt.Errorf("%s: %w", fault.Reason, innermost(fault.Err))
	}
	return err
}

// withoutContent leaves out the content of a large blob: its schema says no more than
// that it is text.
func (o *Operation) withoutContent(answer []byte) ([]byte, error) {
	if len(answer) <= 1<<20 || o.ID != "git/get-blob" {
		return answer, nil
	}
	var blob map[string]any
	if err := json.Unmarshal(answer, &blob); err != nil {
		return nil, err
	}
	blob["content"] = ""
	return json.Marshal(blob)
}

// innermost returns the schema error that says most: below oneOf and anyOf it is at the
// end of the chain.
func innermost(err error) error {
	var schema *openapi3.SchemaError
	for errors.As(err, &schema) {
		next := schema.Origin
		if next == nil {
			return fmt.Errorf("at %q: %s", "/"+strings.Join(schema.JSONPointer(), "/"), schema.Reason)
		}
		err = next
	}
	return err
}
