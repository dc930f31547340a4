package preset

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"plimsoll/config"
	"plimsoll/deploy/promql"
)

// Bounds of a query of one's own, which asks the operator's server for 10,000 points at
// a time.
const (
	maxQuery   = 4096 // bytes
	maxTokens  = 500
	maxPattern = 10_000 // what the patterns unfold to ([promql.Cost])
	maxRange   = 7 * 24 * time.Hour
	// maxSubquery is how many points a subquery has for each point.
	maxSubquery = 1000
	maxFaults   = 5 // of one query, that are reported
)

// Fault is something wrong with a declared signal. It may be shown to everyone; what it
// quotes is untrusted text.
type Fault struct {
	// Signal counts from 0 in the list of signals; At is where it stands.
	Signal int
	At     config.Position
	// Line and Column in the query's text, from 1; 0: the query as a whole, or no query.
	Line, Column  int
	Message, Hint string
}

// Check returns everything that is wrong with the declared signals, as far as that is known
// without asking a metric server.
func Check(signals []config.Signal) []Fault {
	var faults []Fault
	for i, s := range signals {
		report := func(line, column int, message, hint string) {
			faults = append(faults, Fault{Signal: i, At: s.At, Line: line, Column: column, Message: message, Hint: hint})
		}
		if s.Preset == "" {
			if s.Bad == "" {
				checkQuery(string(s.Query), report)
				continue
			}
			for _, each := range []struct {
				key   string
				query config.Query
			}{{"bad", s.Bad}, {"total", s.Total}} {
				checkQuery(string(each.query), func(line, column int, message, hint string) { report(line, column, each.key+": "+message, hint) })
			}
			continue
		}
		for _, label := range slices.Sorted(maps.Keys(s.Match)) {
			if message := unusable(label); message != "" {
				report(0, 0, message, "name labels that only this component's series have, such as job")
			}
		}
	}
	return faults
}

// Own returns the signal for a declared query, taken as it is, or for the share of one in
// another: where there is a total and nothing bad, bad is 0, and it is never more than the
// total. ok is false if Check has something to say of it, or it is a preset.
func Own(declared config.Signal) (s Signal, ok bool) {
	if declared.Preset != "" || len(Check([]config.Signal{declared})) > 0 {
		return Signal{}, false
	}
	if declared.Bad != "" {
		// A query may end in a comment.
		bad, total := "("+string(declared.Bad)+"\n)", "("+string(declared.Total)+"\n)"
		return Signal{Name: string(declared.Name), Kind: Proportion, Better: config.Down, Bad: bad + " or 0 * " + total, Total: total + " >= " + bad + " or " + bad + " or " + total,
			Investigate: declared.Investigate, Rollback: declared.Rollback, Objective: declared.Objective.Share()}, true
	}
	return Signal{Name: string(declared.Name), Kind: Series, Better: declared.Better, Value: string(declared.Query),
		Investigate: declared.Investigate, Rollback: declared.Rollback}, true
}

// Foreign returns the signal for a declared query in another language, taken as it is. ok is
// false for a preset: those are PromQL.
func Foreign(declared config.Signal) (s Signal, ok bool) {
	if declared.Preset != "" {
		return Signal{}, false
	}
	s = Signal{Name: string(declared.Name), Kind: Series, Better: declared.Better, Value: string(declared.Query), Investigate: declared.Investigate, Rollback: declared.Rollback}
	if declared.Bad != "" {
		s.Kind, s.Better, s.Value, s.Bad, s.Total, s.Objective = Proportion, config.Down, "", string(declared.Bad), string(declared.Total), declared.Objective.Share()
	}
	return s, true
}

func checkQuery(text string, report func(line, column int, message, hint string)) {
	if len(text) > maxQuery {
		report(0, 0, fmt.Sprintf("a query of more than %d bytes", maxQuery), "put it into a recording rule")
		return
	}
	if cost := promql.Measure(text, maxTokens); cost.Tokens > maxTokens || cost.Patterns+cost.Wide > maxPattern {
		report(0, 0, "the query, or a pattern in it, is too large", "put it into a recording rule")
		return
	}
	position := func(offset int) (line, column int) {
		before := text[:min(max(offset, 0), len(text))]
		return strings.Count(before, "\n") + 1, len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
	}
	expr, err := parser.ParseExpr(text)
	if err != nil {
		wrong, ok := errors.AsType[parser.ParseErrors](err)
		if !ok {
			report(0, 0, "the query is not PromQL: "+promql.Shorten(err.Error()), "")
		}
		if len(wrong) > 0 { // what follows the first mostly follows from it
			line, column := position(int(wrong[0].PositionRange.Start))
			report(line, column, "the query is not PromQL: "+promql.Shorten(wrong[0].Err.Error()), "")
		}
		return
	}
	switch expr.Type() {
	case parser.ValueTypeMatrix:
		report(1, 1, "the query gives ranges, expected one series of numbers", "put rate(…) or avg_over_time(…) around it")
	case parser.ValueTypeString:
		report(1, 1, "the query gives a text, expected one series of numbers", "")
	}
	reported := 0
	parser.Inspect(expr, func(node parser.Node, path []parser.Node) error {
		if reported < maxFaults {
			if offset, message, hint := costly(node, path); message != "" {
				line, column := position(offset)
				report(line, column, message, hint)
				reported++
			}
		}
		return nil
	})
}

// costly says what makes a part of a query more than a metric server should be asked.
func costly(node parser.Node, path []parser.Node) (offset int, message, hint string) {
	switch n := node.(type) {
	case *parser.MatrixSelector:
		if n.Range > maxRange {
			return int(n.PositionRange().Start), fmt.Sprintf("a range of %s, at most %s is asked for", n.Range, maxRange), "take a shorter one, or a recording rule"
		}
	case *parser.SubqueryExpr:
		step := n.Step
		if step <= 0 {
			step = defaultScrape
		}
		switch inside := slices.ContainsFunc(path, func(p parser.Node) bool { _, is := p.(*parser.SubqueryExpr); return is }); {
		case inside:
			return int(n.PositionRange().Start), "a subquery in a subquery", "put the inner one into a recording rule"
		case n.Range/step > maxSubquery:
			return int(n.PositionRange().Start), fmt.Sprintf("a subquery of %d points, at most %d are asked for", n.Range/step, maxSubquery), "take longer steps, or a recording rule"
		}
		return moved(int(n.PositionRange().Start), n.OriginalOffset, n.Timestamp != nil || n.StartOrEnd != 0)
	case *parser.VectorSelector:
		return moved(int(n.PosRange.Start), n.OriginalOffset, n.Timestamp != nil || n.StartOrEnd != 0)
	}
	return 0, "", ""
}

func moved(at int, offset time.Duration, fixed bool) (start int, message, hint string) {
	switch {
	case offset < 0:
		return at, "an offset into the future", "nothing is there yet"
	case fixed:
		return at, "@ fixes the time, expected a query for any time", "leave it out"
	}
	return 0, "", ""
}
