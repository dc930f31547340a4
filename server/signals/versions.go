package signals

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"plimsoll/config"
	"plimsoll/deploy"
	"plimsoll/deploy/preset"
	"plimsoll/server/prometheus"
)

// byVersion are the queries of a preset's signals by version, in the order of the signals that have
// them, and the same of a part of the instances.
type byVersion struct{ sides, part []preset.Signal }

// versions finds out which labels of a preset's series distinguish versions.
func (s *search) versions(ctx context.Context, declared config.Signal, source preset.Source) (*preset.Versions, error) {
	label := string(declared.VersionLabel)
	query := source.Instances(label)
	if query == "" {
		if label != "" {
			s.history.Versions = &deploy.Versions{Label: label, Why: source.Name + " does not count what single instances of the service answer"}
		}
		return nil, nil
	}
	answer, err := s.asker.servers.Query(ctx, s.history.Datasource, query, s.v.Began)
	if refused, ok := errors.AsType[*prometheus.Error](err); ok && refused.Query {
		s.history.Versions = &deploy.Versions{Label: label, Why: "the metric server refuses the query for their labels"}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found []map[string]string
	for _, series := range answer.Series {
		found = append(found, series.Labels)
	}
	versions, err := source.Versions(label, found)
	if err != nil {
		if label != "" {
			s.history.Versions = &deploy.Versions{Label: label, Why: err.Error()}
		}
		return nil, nil
	}
	s.history.Versions = &deploy.Versions{Label: versions.Label}
	return &versions, nil
}

// side gives a signal of the preset its queries by version.
func (b byVersion) side(w *deploy.Watched) {
	for i, one := range b.sides {
		if k := slices.IndexFunc(b.part, func(p preset.Signal) bool { return p.Name == one.Name }); k >= 0 && one.Name == w.Name {
			w.Sides = &deploy.Sides{Bad: b.sides[i].Bad, Total: b.sides[i].Total, PartBad: b.part[k].Bad, PartTotal: b.part[k].Total}
		}
	}
}

// compareVersions measures the versions from shortly before the roll-out on and, where two may be
// compared, a part of the instances over the whole history.
func (s *search) compareVersions(ctx context.Context, span preset.Span) error {
	h := s.history
	recent := span
	recent.Start = s.v.SidesFrom().UTC().Truncate(span.Step)
	for i := range h.Signals {
		if w := &h.Signals[i]; w.Sides != nil {
			tracks, err := s.asker.sides(ctx, h.Datasource, *w.Sides, recent)
			if err != nil {
				return err
			}
			w.Sides.Tracks = tracks
		}
	}
	h.Settle(s.v)
	for i := range h.Signals {
		if w := &h.Signals[i]; w.Sides != nil {
			part, err := s.asker.past(ctx, h, deploy.Watched{Bad: w.Sides.PartBad, Total: w.Sides.PartTotal}, span)
			if err != nil {
				return err
			}
			w.Sides.Part = part
		}
	}
	return nil
}

// sides asks for what each version counts over a span.
func (a *Asker) sides(ctx context.Context, datasource string, s deploy.Sides, span preset.Span) ([]deploy.Side, error) {
	tracks := map[string]*deploy.Side{}
	for _, bad := range []bool{true, false} {
		query := s.Total
		if bad {
			query = s.Bad
		}
		answer, err := a.servers.QueryRange(ctx, datasource, query, prometheus.Range{Start: span.Start, End: span.End, Step: span.Step})
		if err != nil {
			return nil, err
		}
		for _, series := range answer.Series {
			version := series.Labels[preset.Version]
			if version == "" {
				continue
			}
			side := tracks[version]
			if side == nil {
				side = &deploy.Side{Version: version, Track: deploy.Track{From: span.Start.Unix()}}
				tracks[version] = side
			}
			values := onGrid(prometheus.Answer{Series: []prometheus.Series{series}}, span)
			if bad {
				side.Track.Bad = values
			} else {
				side.Track.Total = values
			}
		}
	}
	all := make([]deploy.Side, 0, len(tracks))
	for _, side := range tracks {
		all = append(all, *side)
	}
	slices.SortFunc(all, func(a, b deploy.Side) int { return cmp.Compare(a.Version, b.Version) })
	return all, nil
}

// sidesSince asks for the sides of a signal that has them, up to now.
func (a *Asker) sidesSince(ctx context.Context, h *deploy.History, w deploy.Watched, span preset.Span) ([]deploy.Side, error) {
	if w.Sides == nil {
		return nil, nil
	}
	return a.sides(ctx, h.Datasource, *w.Sides, span)
}

// versionsOf returns the queries by version of a preset.
func versionsOf(d discovered, scrape time.Duration) byVersion {
	if d.versions == nil {
		return byVersion{}
	}
	return byVersion{d.source.ByVersion(*d.versions, d.bound, scrape), d.source.Part(*d.versions, d.bound, scrape)}
}
