package signals

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"time"

	"plimsoll/config"
	"plimsoll/deploy"
	"plimsoll/deploy/preset"
	"plimsoll/deploy/signal"
	"plimsoll/server/datasource"
	"plimsoll/server/prometheus"
)

// Servers are the operator's metric servers.
type Servers interface {
	datasource.Client
	Query(ctx context.Context, datasource, query string, at time.Time) (prometheus.Answer, error)
	MetricNames(ctx context.Context, datasource string) (prometheus.Names, error)
	LabelValues(ctx context.Context, datasource, label, selector string, from, to time.Time) ([]string, error)
}

// Asker asks for signals. It is safe for concurrent use.
type Asker struct {
	servers Servers
	others  map[config.Language]datasource.Client
}

// New returns an Asker of the operator's metric servers: those with Prometheus's API, and
// others by the languages of their queries.
func New(servers Servers, others map[config.Language]datasource.Client) (*Asker, error) {
	if servers == nil {
		return nil, errors.New("make the asker of signals: it needs metric servers")
	}
	for language, other := range others {
		if other == nil {
			return nil, fmt.Errorf("make the asker of signals: the client for %s is nil", language)
		}
	}
	return &Asker{servers, others}, nil
}

// client returns what answers the queries of a history. The error is [datasource.Error].
func (a *Asker) client(h *deploy.History) (datasource.Client, error) {
	if h.Language == "" {
		return a.servers, nil
	}
	if other := a.others[h.Language]; other != nil {
		return other, nil
	}
	return nil, &datasource.Error{Datasource: cmp.Or(h.Datasource, datasource.Default), Message: "this server knows no queries of " + string(h.Language), Hint: "update it"}
}

// errMany: a query gives more than one series.
var errMany = errors.New("several series")

// History finds what the declared signals of a verification are, and what they were in the
// seven days before the deployment. A declared signal that can't be measured is a gap of
// the history. A gap that is returned beside it passes by itself: ask again. The error is
// that of ctx.
func (a *Asker) History(ctx context.Context, v deploy.Verification, changed preset.Changed) (*deploy.History, *deploy.Gap, error) {
	s := &search{asker: a, v: v, changed: changed, refused: map[string]string{}, history: &deploy.History{Datasource: v.Plan.Datasource, Language: v.Plan.Language, Asked: v.Began, Signals: []deploy.Watched{}}}
	for _, declared := range v.Plan.Signals {
		if gap, err := s.declared(ctx, declared); gap != nil || err != nil {
			return nil, gap, err
		}
	}
	h, step := s.history, preset.Step(s.scrape)
	client, err := a.client(h)
	if gap, _, err := explained("", err); err != nil || gap != nil {
		return nil, gap, err
	}
	before := v.Began
	if h.Language != "" { // the newest points before the deployment may still change
		before = before.Add(-client.Settles())
	}
	span := preset.History(before, step)
	h.Until, h.Step, h.Scrape = span.End.Unix(), int64(step/time.Second), int64(s.scrape/time.Second)
	s.plan()
	s.fit()
	for _, list := range [][]deploy.Watched{h.Signals, h.Controls} {
		for i := range list {
			track, err := a.past(ctx, h, list[i], span)
			gap, passes, err := explained(list[i].Name, err)
			if err != nil || passes {
				return nil, gap, err
			}
			if gap != nil {
				h.Gaps = append(h.Gaps, *gap)
				list[i].Track = deploy.Track{From: span.Start.Unix()}
				continue
			}
			list[i].Track = track
			if h.Language != "" && neverBad(track) {
				h.Missing = append(h.Missing, "whether "+list[i].Name+" finds what goes wrong: bad was never above 0 in the last 7 days")
			}
		}
	}
	s.drop()
	if err := s.compareVersions(ctx, span); err != nil {
		gap, passes, err := explained("versions", err)
		if err != nil || passes {
			return nil, gap, err
		}
		h.LeaveVersions("the metric server refuses the query")
	}
	return h, nil, nil
}

// past measures a signal over its history, a day at a time.
func (a *Asker) past(ctx context.Context, h *deploy.History, w deploy.Watched, span preset.Span) (deploy.Track, error) {
	track := deploy.Track{From: span.Start.Unix()}
	for _, day := range span.Days() {
		piece, err := a.measure(ctx, h, w, day)
		if err != nil {
			return track, err
		}
		track.Bad, track.Total, track.Value = append(track.Bad, piece.Bad...), append(track.Total, piece.Total...), append(track.Value, piece.Value...)
	}
	return track, nil
}

// neverBad reports whether a proportion has never counted anything bad.
func neverBad(track deploy.Track) bool {
	return len(track.Bad) > 0 && !slices.ContainsFunc(track.Bad, func(bad float64) bool { return bad > 0 })
}

// measure asks for a signal over a span.
func (a *Asker) measure(ctx context.Context, h *deploy.History, w deploy.Watched, span preset.Span) (deploy.Track, error) {
	track := deploy.Track{From: span.Start.Unix()}
	client, err := a.client(h)
	if err != nil {
		return track, err
	}
	for _, q := range []struct {
		query string
		into  *signal.Numbers
	}{{w.Bad, &track.Bad}, {w.Total, &track.Total}, {w.Value, &track.Value}} {
		if q.query == "" {
			continue
		}
		answer, err := client.QueryRange(ctx, h.Datasource, q.query, datasource.Range{Start: span.Start, End: span.End, Step: span.Step})
		if err != nil {
			return track, err
		}
		if len(answer.Series) > 1 {
			return track, errMany
		}
		*q.into = onGrid(answer, span)
	}
	if h.Language != "" {
		share(track.Bad, track.Total)
	}
	return track, nil
}

// share makes a proportion of two counts: where there is a total and nothing bad, bad is 0. A
// total that is missing, or less than what is bad, is not complete yet, and says nothing.
func share(bad, total signal.Numbers) {
	for i := range min(len(bad), len(total)) {
		switch {
		case math.IsNaN(bad[i]) && !math.IsNaN(total[i]):
			bad[i] = 0
		case !(total[i] >= bad[i]):
			bad[i], total[i] = math.NaN(), math.NaN()
		}
	}
}

// onGrid lays an answer's points on a span; what is not there is NaN.
func onGrid(answer datasource.Answer, span preset.Span) signal.Numbers {
	values := make(signal.Numbers, span.Points())
	for i := range values {
		values[i] = math.NaN()
	}
	if len(answer.Series) == 0 {
		return values
	}
	for _, p := range answer.Series[0].Points {
		if i := int(p.At.Sub(span.Start) / span.Step); i >= 0 && i < len(values) && !math.IsInf(p.Value, 0) {
			values[i] = p.Value
		}
	}
	return values
}

// Since measures each signal of a history from where it was answered for up to now. A
// signal whose query fails is left open; the gap says that none could be asked.
func (a *Asker) Since(ctx context.Context, h *deploy.History, answered []int64, now time.Time) ([]deploy.Measured, *deploy.Gap, error) {
	all := h.All()
	measured := make([]deploy.Measured, len(all))
	step := time.Duration(h.Step) * time.Second
	client, err := a.client(h)
	if gap, _, err := explained("", err); err != nil || gap != nil {
		return nil, gap, err
	}
	end := now.Add(-client.Settles()).UTC().Truncate(step)
	var last *deploy.Gap
	for i, w := range all {
		measured[i].Until = answered[i]
		span := preset.Span{Start: time.Unix(answered[i], 0).UTC().Add(step), End: end, Step: step}
		if span.End.Before(span.Start) || w.Bad+w.Total+w.Value == "" {
			continue
		}
		track, err := a.measure(ctx, h, w, span)
		var sides []deploy.Side
		if err == nil {
			sides, err = a.sidesSince(ctx, h, w, span)
		}
		gap, passes, err := explained(w.Name, err)
		if err != nil {
			return nil, nil, err
		}
		if gap != nil {
			measured[i], last = deploy.Measured{}, gap
			if passes { // the server is away: the others need not be asked
				return nil, gap, nil
			}
			continue
		}
		measured[i] = deploy.Measured{Until: end.Unix(), Track: track, Sides: sides}
	}
	return measured, last, nil
}

// explained turns an error of the metric server into a gap; passes: it may pass by
// itself. Other errors are given on.
func explained(name string, err error) (gap *deploy.Gap, passes bool, other error) {
	if err == nil {
		return nil, false, nil
	}
	if errors.Is(err, errMany) {
		return &deploy.Gap{Kind: deploy.GapMany, Signal: name}, false, nil
	}
	refused, ok := errors.AsType[*datasource.Error](err)
	switch {
	case !ok:
		return nil, false, err
	case errors.Is(err, fs.ErrNotExist):
		return &deploy.Gap{Kind: deploy.GapDatasource, Signal: name, Detail: refused.Datasource}, false, nil
	case refused.Query:
		return &deploy.Gap{Kind: deploy.GapQuery, Signal: name, Detail: refused.Message}, false, nil
	}
	return &deploy.Gap{Kind: deploy.GapUnreachable, Signal: name, Detail: refused.Message}, true, nil
}

// labelled is what a preset calls itself in gaps.
func labelled(declared config.Signal) string {
	if declared.Preset != "" {
		return "preset " + string(declared.Preset)
	}
	return string(declared.Name)
}
