// Package contracts compares two versions of an API contract and says which
// registered consumers each change hits.
//
// It takes values and gives values: files come from a [Source], consumers from
// a [Registry], and the answers are plain data. It must not know GitHub, HTTP
// servers, databases or logging.
//
//	Source ──Load──▶ Contract ─┐
//	Source ──Load──▶ Contract ─┴─Compare──▶ Comparison ──Judge(consumers)──▶ []Finding
package contracts
