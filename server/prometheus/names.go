package prometheus

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"plimsoll/deploy/promql"
)

// namesWindow is how long ago a metric may have had its last sample: counters of
// errors come and go, and an exporter that is gone must be missed some day.
const namesWindow = 7 * 24 * time.Hour

// Names are names of metrics. They are shared: nobody changes them.
type Names map[string]struct{}

// Has reports whether a metric is there.
func (n Names) Has(name string) bool {
	_, ok := n[name]
	return ok
}

// namesKept remembers the names of a server's metrics.
type namesKept struct {
	mu     sync.Mutex
	kept   keptNames
	flight singleflight.Group
}

// keptNames is one answer: the names, or why there are none.
type keptNames struct {
	names Names
	err   error
	until time.Time
}

// MetricNames gives the names of the metrics that had a sample within the last 7 days
// on a server ("" is the default one). The error is [Error], or of ctx.
func (s *Servers) MetricNames(ctx context.Context, datasource string) (Names, error) {
	server, err := s.named(ctx, datasource)
	if err != nil {
		return nil, err
	}
	if kept, ok := server.names.get(s.config.Now()); ok {
		return kept.names, kept.err
	}
	// One asks for all; that one caller gives up must not fail the others.
	answer := server.names.flight.DoChan("names", func() (any, error) {
		if kept, ok := server.names.get(s.config.Now()); ok {
			return kept, nil
		}
		kept := s.askNames(context.WithoutCancel(ctx), server)
		server.names.put(kept)
		return kept, nil
	})
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("ask the metric server %q: %w", server.Name, ctx.Err())
	case a := <-answer:
		kept := a.Val.(keptNames)
		return kept.names, kept.err
	}
}

// LabelValues gives the values that a label of the series has which a selector selects and
// which had a sample in a time. The error is [Error], or of ctx.
func (s *Servers) LabelValues(ctx context.Context, datasource, label, selector string, from, to time.Time) ([]string, error) {
	server, err := s.named(ctx, datasource)
	if err != nil {
		return nil, err
	}
	if selector, err = server.Matchers.Enforce(selector); err != nil {
		return nil, &Error{Datasource: server.Name, Query: true, Message: promql.Shorten(err.Error()), Hint: "correct the labels"}
	}
	within, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	values, _, _, err := server.api.LabelValues(within, label, []string{selector}, from, to)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("ask the metric server %q: %w", server.Name, ctx.Err())
	}
	if err != nil {
		return nil, server.explain(err, s.config.Timeout)
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return texts, nil
}

func (s *Servers) askNames(ctx context.Context, server *server) keptNames {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	now := s.config.Now()
	var matches []string
	if selector := server.Matchers.Selector(); selector != "" {
		matches = []string{selector}
	}
	values, _, _, err := server.api.LabelValues(ctx, "__name__", matches, now.Add(-namesWindow), now)
	if err != nil {
		return keptNames{err: server.explain(err, s.config.Timeout), until: s.config.Now().Add(s.config.KeepFailure)}
	}
	names := make(Names, len(values))
	for _, v := range values {
		names[string(v)] = struct{}{}
	}
	return keptNames{names: names, until: s.config.Now().Add(s.config.KeepNames)}
}

func (n *namesKept) get(now time.Time) (keptNames, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.kept, now.Before(n.kept.until)
}

func (n *namesKept) put(kept keptNames) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.kept = kept
}

// Missing gives those of the names that a server ("" is the default one) does not
// have, in their order. An error that wraps [io/fs.ErrNotExist] means that the
// operator names no such server.
func (s *Servers) Missing(ctx context.Context, datasource string, names []string) ([]string, error) {
	there, err := s.MetricNames(ctx, datasource)
	if err != nil {
		return nil, err
	}
	if len(there) == 0 {
		return nil, &Error{Datasource: cmp.Or(datasource, Default), Message: "it has no metric at all", Hint: "see that it scrapes anything, and that the token may read it"}
	}
	var missing []string
	for _, name := range names {
		if !there.Has(name) {
			missing = append(missing, name)
		}
	}
	return missing, nil
}
