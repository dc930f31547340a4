package api

import (
	_ "embed"
	"net/http"
)

// description is the OpenAPI description of this package, made from its types by
// `go test ./server/api -update`.
//
//go:embed openapi.json
var description []byte

// describe gives the description to everybody: it holds nothing of anyone.
func describe(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write(description) // the client has gone
}
