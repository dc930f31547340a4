package openapi

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
)

// convertSwagger turns a Swagger 2.0 document into OpenAPI 3.0. Every node of
// the result has the place of what it came from, as far as that can be found.
func convertSwagger(ctx context.Context, d *document.Doc, limits Limits) (*document.Doc, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var old openapi2.T
	if err := json.Unmarshal(d.JSON(), &old); err != nil {
		return nil, &contracts.Problem{Position: contracts.Position{File: d.File}, Message: fmt.Sprintf("not a Swagger 2.0 document: %v", err)}
	}
	// the converter leaves out what the document says for all
	for _, item := range old.Paths {
		for _, op := range item.Operations() {
			if len(op.Produces) == 0 {
				op.Produces = old.Produces
			}
		}
	}
	converted, err := openapi2conv.ToV3(&old)
	if err != nil {
		return nil, &contracts.Problem{Position: contracts.Position{File: d.File}, Message: fmt.Sprintf("can't convert Swagger 2.0 to OpenAPI 3: %v", err),
			Hint: "convert the contract to OpenAPI 3 and commit that"}
	}
	text, err := json.Marshal(converted)
	if err != nil {
		return nil, fmt.Errorf("write the converted contract: %w", err)
	}
	out, err := document.Parse(d.File, text, document.Limits{Depth: limits.Depth})
	if err != nil {
		return nil, fmt.Errorf("read the converted contract: %w", err)
	}
	placeConverted(d, out)
	return out, nil
}
