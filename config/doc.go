// Package config reads what a repository says about itself (untrusted) and what
// the operator says about the server (trusted), and says exactly what is wrong
// with either.
//
//	.github/plimsoll.yml ──ParseRepository──▶ *Repository ──Merge(organisation)──▶ *Repository
//	server.yml + PLIMSOLL_… ──LoadServer──▶ *Server
//
// One set of Go types drives the decoder, the validation and the JSON Schema:
// a field's `key` tag is its name in the file, its `doc` tag the schema's
// description, and its type says what text it takes. The package imports
// nothing else of Plimsoll's and must not know GitHub, HTTP or databases.
package config
