// Package openapi loads API contracts (OpenAPI 3.0 to 3.2, and Swagger 2.0, which is
// converted) and gives their operations, parameters and schemas.
//
//	Source ──Load──▶ Contract ──NewView──▶ View ──Schema, Decode──▶ Schema
//
// A contract keeps the parsed nodes of its files, so that everything has a position. A
// View decodes schemas on demand: $refs followed and allOf merged, each schema once.
// FindUnchanged finds which parts of two versions cannot differ, so that a comparison
// looks only at the rest.
//
// The package must not know usage patterns, consumers or rules.
package openapi
