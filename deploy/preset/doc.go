// Package preset turns declared signals into queries: the preset http into PromQL over
// the metrics that a service has, and queries of one's own into checked ones.
//
//	names of metrics ─▶ Find ─▶ conventions ─▶ Discover ─▶ (asked) ─▶ Read ─▶ Source
//	                                                                          │
//	buckets of the baseline ─▶ Nearest ─▶ bound ──────────────────────────────┤
//	changed operations ───────────────────────────────────────────────────────┤
//	                                                                          ▼
//	                                             Plan: the whole, each operation, control
//
// Every query gives at most one series. A signal is a proportion of two counts (errors
// among requests, slow requests among requests), a volume (requests) or a series; counts
// are of one step, so that the points of a range in steps do not overlap and leave
// nothing out.
//
// # Counting
//
// increase() estimates: it does not see what comes between its window and the sample
// before, stretches the rest to the window's edges, and does not see the first value of a
// new series, which after a deployment is the first error of every new process. So
//
//   - the window is one scrape longer than the step, and what was stretched is taken back:
//     with regular scrapes the counts are exact, and consecutive steps add up;
//   - of errors, the value of a series that was not there in the hour before counts, if the
//     service was: a process's counter begins at zero. Of requests it does not, which costs
//     a metric server ten times as much and is a scrape's worth of a new process.
//
// Where there are requests and no error's series, the errors are 0. There are never more
// errors than requests. Where there are no requests' series there is no point: no data is
// never a pass.
//
// A native histogram is counted by histogram_count of the same increase(), series by series:
// old servers lose histograms in last_over_time and label_replace.
//
// # Routes
//
// An operation of the contract is found by the label in which a framework writes its
// route: GET /orders/{id} is /orders/{id}, /orders/{id:[0-9]+}, /orders/:id,
// /orders/<int:id>, orders/[id], /orders/[^/]+ and "GET /orders/{orderId}". A label that
// holds the paths as asked for (/orders/42) is not taken for one: there /orders/{id} can't
// be distinguished from /orders/search. The unchanged routes are those that are none of the
// changed paths, whatever the method, and not empty.
//
// The package asks nobody anything. What comes from a repository stands in a query only
// as a quoted text, and quoted once more where the text is a pattern.
package preset
