package compare

import (
	"fmt"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/cmd/plimsoll/internal/sarif"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/contracts/diff"
)

// SARIF gives the changes as SARIF 2.1.0, with the affected consumers as related places.
func (c *Result) SARIF() sarif.Log {
	run := sarif.Run{Tool: sarif.Tool{Driver: sarif.Driver{Name: "Plimsoll", Rules: []sarif.Rule{}}}, Results: []sarif.Result{}}
	index := map[string]int{}
	for _, r := range diff.Rules() {
		text, example := contracttext.RuleText(r.Name)
		full := text
		if example != "" {
			full += " For example: " + example
		}
		index[r.Name] = len(run.Tool.Driver.Rules)
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarif.Rule{ID: r.Name, Short: sarif.Text{Text: text}, Full: sarif.Text{Text: full},
			Configuration: sarif.Config{Level: sarif.Level(string(r.Level))}})
	}
	for i := range c.findings {
		f := &c.findings[i]
		where := f.Change.Source.Head
		if where == nil {
			where = f.Change.Source.Base
		}
		result := sarif.Result{RuleID: f.Change.Rule, RuleIndex: index[f.Change.Rule], Level: sarif.Level(c.weight(f)),
			Message:      sarif.Text{Text: fmt.Sprintf("%s%s (in %d %s)", sentenceOf(f.Change), sinceBaseline(f), f.Change.Reached, terminal.Plural(f.Change.Reached, "operation"))},
			Fingerprints: map[string]string{"plimsoll/v1": f.Change.Fingerprint}}
		if c.ignored(f) {
			result.Level = sarif.Level(c.usual(f))
			result.Suppressions = []sarif.Suppression{{Kind: "external", Justification: c.ruledWords(f)}}
		}
		if where != nil {
			result.Locations = []sarif.Location{{Physical: sarif.PhysicalOf(*where)}}
		}
		for k, h := range f.Affected {
			text := h.Consumer.Component + ": " + string(h.Verdict) + ", " + contracttext.PlainReasonSentence(h.Reason)
			if example := contracttext.PlainExample(h.Witness); example != "" {
				text += ". Example: " + example
			}
			result.Related = append(result.Related, sarif.Location{ID: k + 1, Physical: sarif.PhysicalOf(h.Evidence[0].Position), Message: &sarif.Text{Text: text}})
		}
		run.Results = append(run.Results, result)
	}
	return sarif.New(run)
}
