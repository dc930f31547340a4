// Package signal decides what a service's metrics say of one deployment: roll
// back, investigate, verified, or inconclusive.
//
// It takes values and gives values: histories of counts or of measurements, the
// instant of the deployment, what to cut out; and an answer with every number and
// every threshold that it rests on. The same input gives the same answer, bit for
// bit, so that a ledger can store the input and replay it. It must not know where
// metrics come from (HTTP, Prometheus), GitHub, databases, logging, the clock, or
// the words in which an answer is reported.
//
// The statistics rest on placebo calibration: what "nothing happened" looks like
// is measured at up to 1,400 instants of the last seven days, at which nothing was
// deployed, with the very statistic that evaluates the deployment. No model of the
// noise is assumed, and sampling every minute costs nothing:
//
//	           ┌ reference ┐   guard ┌ after, to the horizon h ┐
//	placebo s ─┴───────────┴─ s ─────┴─────────────────────────┴─▶ S(s,h) / scale(h), largest over h
//	real    t ─┴───────────┴─ t ─────┴─────────────────────────┴─▶ S(t,h) / scale(h), largest so far
//	                                        p = (1 + placebos at least as large) / (n + 1)
//
// One verification, sample by sample:
//
//	           p ≤ α with its effect · a roll back limit · a probe and a metric agree
//	         ┌───────────────────────────────────────────────────────────────────────▶ roll back
//	         │  suspicious, or rules disagree, when the window ends
//	watching ┼───────────────────────────────────────────────────────────────────────▶ investigate
//	         │  every metric excludes harm beyond its margin, and nothing speaks against it
//	         ├───────────────────────────────────────────────────────────────────────▶ verified
//	         │  the window ends and neither is shown, or there is no data
//	         └───────────────────────────────────────────────────────────────────────▶ inconclusive
//
// No data is never a pass and never a reason to roll back.
package signal
