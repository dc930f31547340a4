// Package datadog asks Datadog for timeseries, by its published description of
// POST /api/v2/query/timeseries.
package datadog
