// Package prometheus asks the operator's metric servers, through the Prometheus HTTP
// API: which metrics there are, and what a query gives.
//
//	repository says "eu" ──▶ Servers ──by name──▶ the operator's address and token
//
// A repository chooses a name and never an address. An answer is bounded in bytes and
// time, redirects are not followed and no proxy is taken from the environment, so that
// the token goes nowhere else than to the address that the operator wrote. What an
// [Error] says may be shown to everybody: it holds neither address nor token nor the
// raw answer.
//
// Which metrics there are is remembered for some minutes for each server, and asked
// once however many want to know; that a server could not be asked is remembered too,
// for less long, so that a dead one does not hold up every check.
//
// The package knows no GitHub, no database and no repository.
package prometheus
