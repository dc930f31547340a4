// Package alerts reads Prometheus rule files, plain or inside PrometheusRule
// resources, into plain values, as strictly as Prometheus itself (model/rulefmt of
// v3), and answers what readiness asks of them: does an alert name a component
// ([Rule.Names]), does it carry a severity and a runbook link, which metrics does it
// need ([Metrics]).
//
//	bytes ──config.ParseTree──▶ documents ──▶ groups ──▶ rules ──▶ File
//	                                 └── everything wrong ──▶ []Fault
//
// What is wrong is of three kinds. Broken: Prometheus (or the operator that loads the
// resource) refuses it. Templated: the file is the source of a Helm chart or the like,
// and only what it renders to can be evaluated. Foreign: it is written for another ruler.
// Loki, Mimir and Thanos read the same file form with other query languages or with
// fields of their own; that is reported with what Prometheus would expect, and not
// called broken, because for its own ruler the file may be right. All else in such a
// file (labels, annotations, `for`) is evaluated as usual.
//
// The PromQL parser alone comes from Prometheus; it is given only expressions whose
// size was bounded first, because some of its work grows with the square of it. The
// package knows no rule of readiness, no repository and no metric server.
package alerts
