// Package apitest checks answers of /api/v1 against its OpenAPI description.
package apitest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"plimsoll/server/api"
)

// lines is the media type of JSON lines. The description has the schema of one line.
const lines = "application/x-ndjson"

// described loads the description as the server serves it. Fields that it does not name are
// refused here, though clients must accept them.
var described = sync.OnceValues(func() (routers.Router, error) {
	openapi3filter.RegisterBodyDecoder(lines, openapi3filter.RegisteredBodyDecoder("application/json"))
	served := httptest.NewRecorder()
	api.New(api.Config{}).ServeHTTP(served, httptest.NewRequest(http.MethodGet, api.Prefix+"openapi.json", nil))
	document, err := openapi3.NewLoader().LoadFromData(served.Body.Bytes())
	if err != nil {
		return nil, err
	}
	no := false
	for _, schema := range document.Components.Schemas {
		if schema.Value.AdditionalProperties.Has == nil && schema.Value.AdditionalProperties.Schema == nil {
			schema.Value.AdditionalProperties.Has = &no
		}
	}
	return gorillamux.NewRouter(document)
})

// Expect fails a test if an answer is not as the description says. The question is checked
// too if it was answered.
func Expect(t testing.TB, asked *http.Request, status int, header http.Header, body []byte) {
	t.Helper()
	if err := check(asked, status, header, body); err != nil {
		t.Errorf("%s is not as openapi.json says: %v\n%d %s", asked.URL.RequestURI(), err, status, body)
	}
}

func check(asked *http.Request, status int, header http.Header, body []byte) error {
	router, err := described()
	if err != nil {
		return err
	}
	// The description has no server, so the host does not matter.
	question := httptest.NewRequest(asked.Method, asked.URL.RequestURI(), nil)
	route, vars, err := router.FindRoute(question)
	if err != nil {
		if status == http.StatusNotFound {
			return nil
		}
		return fmt.Errorf("%w, and the status is not 404", err)
	}
	options := &openapi3filter.Options{IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}
	input := &openapi3filter.RequestValidationInput{Request: question, PathParams: vars, Route: route, Options: options}
	if status == http.StatusOK {
		if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
			return err
		}
	}
	parts := [][]byte{body}
	if header.Get("Content-Type") == lines {
		parts = bytes.SplitAfter(body, []byte("\n"))
		parts = parts[:len(parts)-1]
	}
	for _, part := range parts {
		err := openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
			RequestValidationInput: input, Status: status, Header: header, Body: io.NopCloser(bytes.NewReader(part)), Options: options,
		})
		if err != nil {
			return fmt.Errorf("%s", strings.TrimSpace(err.Error()))
		}
	}
	return nil
}
