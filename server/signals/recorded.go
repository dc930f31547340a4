package signals

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"plimsoll/config"
	"plimsoll/deploy/preset"
)

// recorded returns what recording rules have of a service that has none of the conventions.
func (s *search) recorded(ctx context.Context, declared config.Signal, names preset.Names, conventions []preset.Convention) (*preset.Source, error) {
	rules := preset.Recorded(names)
	if len(rules) == 0 {
		return nil, s.explain(ctx, declared.Match, conventions)
	}
	selector, err := preset.RulesOf(rules, declared.Match)
	if err != nil {
		return nil, &badMatch{err}
	}
	has, err := s.values(ctx, "__name__", selector)
	if err != nil {
		return nil, err
	}
	rules = slices.DeleteFunc(rules, func(r preset.Rule) bool { return !slices.Contains(has, r.Name) })
	if len(rules) == 0 && len(conventions) == 0 {
		return nil, noMetrics("no recording rule of requests has the labels of match; expected one, or " + preset.Expected)
	}
	if len(rules) == 0 {
		return nil, s.explain(ctx, declared.Match, conventions)
	}
	convention, ok, err := preset.FromRules(rules, func(rule string) ([]string, error) { return s.labels(ctx, rule, declared.Match) })
	if ambiguous, is := errors.AsType[*preset.AmbiguousError](err); is {
		return nil, &badMatch{ambiguous}
	}
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, noMetrics("no counter of requests, and no recording rule that can be used: " + strings.Join(unfit(rules), "; "))
	}
	source, err := s.read(ctx, declared, convention)
	if errors.Is(err, preset.ErrNoData) {
		return nil, s.explain(ctx, declared.Match, conventions)
	}
	if err != nil {
		return nil, err
	}
	units := convention.Units()
	if units != "" {
		units = ", in " + units
	}
	s.history.Missing = append(s.history.Missing, "whether "+strings.Join(convention.Rules(), ", ")+" record what their names say"+units+"; there is no counter of requests")
	for _, why := range unfit(rules) {
		s.history.Missing = append(s.history.Missing, "the recording rule "+why)
	}
	return source, nil
}

// mostUnfit bounds how many rules are named that can't be used.
const mostUnfit = 3

func unfit(rules []preset.Rule) (all []string) {
	left := 0
	for _, r := range rules {
		switch {
		case r.Unfit == "":
		case len(all) == mostUnfit:
			left++
		default:
			all = append(all, r.Name+": "+r.Unfit)
		}
	}
	if left > 0 {
		all = append(all, fmt.Sprintf("%d more", left))
	}
	return all
}

// labels are those of the series of a rule.
func (s *search) labels(ctx context.Context, rule string, match map[string]string) ([]string, error) {
	c := preset.Convention{Requests: rule}
	query, err := c.Labels(match)
	if err != nil {
		return nil, &badMatch{err}
	}
	answer, err := s.asker.servers.Query(ctx, s.history.Datasource, query, s.v.Began)
	if err != nil {
		return nil, err
	}
	all := map[string]bool{}
	for _, series := range answer.Series {
		for name, value := range series.Labels {
			if value != "" {
				all[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all)), nil
}
