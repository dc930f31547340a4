// Package store is the database of Plimsoll: who provides and consumes which API,
// installations and repositories, pull requests, deployments and their verifications,
// the ledger, deliveries and jobs. It takes and returns the types that contracts, deploy,
// checks and handlers declare.
//
// One set of migrations and one set of queries run on SQLite (one process, one
// file) and on PostgreSQL (several replicas that share the database and nothing
// else). Every row carries the installation it belongs to. Times are Unix
// milliseconds, ids are made in Go, JSON is opaque text.
//
// It must not know GitHub's API or HTTP, and it decides nothing.
//
//	Tx(fn) ──SQLite──▶ one writer: fn after fn in one transaction, one fsync ──▶ file
//	       └─PostgreSQL─▶ a transaction each ──▶ server
package store

//go:generate sqlc generate
