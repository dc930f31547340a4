package compare

import (
	"fmt"
	"strings"

	"plimsoll/checks"
	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/contracts"
)

// JSON is what `plimsoll check --format json` prints. It is part of the
// outside: docs/impact.md, "The JSON of plimsoll check", describes it.
type JSON struct {
	Schema        string              `json:"schema"`
	Verdict       contracts.Verdict   `json:"verdict,omitempty"`
	Summary       Summary             `json:"summary"`
	Changes       []changeJSON        `json:"changes"`
	Registrations []registrationJSON  `json:"registrations,omitempty"`
	Notes         []contracts.Problem `json:"notes,omitempty"`
}

// Summary counts what changed.
type Summary struct {
	Breaking int `json:"breaking"`
	Risky    int `json:"risky"`
	Info     int `json:"info"`
	Affected int `json:"consumers_affected"`
	// Ignored counts the changes that rule settings ignore; they are not among the others.
	Ignored int `json:"ignored,omitempty"`
}

type changeJSON struct {
	contracts.Change
	// SinceBaseline: it lies between the baseline of these consumers and the head,
	// not between base and head.
	SinceBaseline bool           `json:"since_baseline,omitempty"`
	Ruling        *rulingJSON    `json:"ruling,omitempty"`
	Consumers     []consumerJSON `json:"consumers,omitempty"`
}

// rulingJSON is what rule settings make of a change, whose level is then the one that was set.
type rulingJSON struct {
	UsualLevel contracts.Level        `json:"usual_level"`
	Ignored    bool                   `json:"ignored,omitempty"`
	Setting    *contracts.RuleSetting `json:"setting,omitempty"`
	// Refused is a setting that does not count, and Why: ended, fixed or too-long.
	Refused *contracts.RuleSetting `json:"refused,omitempty"`
	Why     contracts.Refusal      `json:"why,omitempty"`
}

type consumerJSON struct {
	Component   string               `json:"component"`
	Owner       string               `json:"owner,omitempty"`
	Environment string               `json:"environment,omitempty"`
	Verdict     contracts.Verdict    `json:"verdict"`
	Reason      string               `json:"reason"`
	Evidence    []contracts.Evidence `json:"evidence"`
	Witness     *contracts.Witness   `json:"witness,omitempty"`
}

type registrationJSON struct {
	Component string            `json:"component"`
	Problem   contracts.Problem `json:"problem"`
	Nearest   []string          `json:"nearest,omitempty"`
}

// Write writes the result in a format.
func (c *Result) Write(t *terminal.Terminal, format string) error {
	c.showPositions()
	switch format {
	case "json":
		return t.WriteJSON(c.JSON())
	case "markdown":
		_, err := fmt.Fprint(t.Stdout, c.markdown())
		return err
	case "changelog":
		_, err := fmt.Fprint(t.Stdout, c.changelog())
		return err
	case "html":
		return c.html(t.Stdout)
	case "sarif":
		return t.WriteJSON(c.SARIF())
	}
	_, err := fmt.Fprint(t.Stdout, c.text(t))
	return err
}

// showPositions turns the paths of the contracts into what the user would write.
func (c *Result) showPositions() {
	show := func(p *contracts.Position) {
		if p != nil {
			p.File = c.display(p.File)
		}
	}
	seen := map[*contracts.Position]bool{}
	for i := range c.findings {
		for _, p := range []*contracts.Position{c.findings[i].Change.Source.Base, c.findings[i].Change.Source.Head} {
			if !seen[p] {
				seen[p] = true
				show(p)
			}
		}
	}
}

func (c *Result) summary() Summary {
	s := Summary{Affected: c.affected()}
	for i := range c.findings {
		if c.ignored(&c.findings[i]) {
			s.Ignored++
			continue
		}
		switch c.level(&c.findings[i]) {
		case contracts.Breaking:
			s.Breaking++
		case contracts.Risky:
			s.Risky++
		default:
			s.Info++
		}
	}
	return s
}

func (c *Result) notes() []contracts.Problem {
	return append([]contracts.Problem{}, c.passedOver...)
}

// JSON gives the result for programs.
func (c *Result) JSON() JSON {
	out := JSON{Schema: "plimsoll.check/v1", Verdict: c.Verdict(), Summary: c.summary(), Changes: make([]changeJSON, 0, len(c.findings)), Notes: c.notes()}
	for i := range c.findings {
		f := &c.findings[i]
		change := changeJSON{Change: f.Change, SinceBaseline: f.SinceBaseline}
		if r := c.ruling(f); c.ruledWords(f) != "" {
			change.Ruling = &rulingJSON{f.Change.Level, r.Ignored, r.By, r.Refused, r.Why}
			change.Level = c.level(f)
		}
		for _, h := range f.Affected {
			change.Consumers = append(change.Consumers, consumerJSON{Component: h.Consumer.Component, Owner: h.Consumer.Owner, Environment: h.Consumer.Environment,
				Verdict: h.Verdict, Reason: contracttext.PlainReasonSentence(h.Reason), Evidence: h.Evidence, Witness: h.Witness})
		}
		out.Changes = append(out.Changes, change)
	}
	for _, p := range c.problems {
		out.Registrations = append(out.Registrations, registrationJSON{Component: p.Consumer.Component, Problem: p.Problem, Nearest: p.Nearest})
	}
	return out
}

// markdown writes the result as a comment would.
func (c *Result) markdown() string {
	var b strings.Builder
	s := c.summary()
	fmt.Fprintf(&b, "**%d breaking, %d risky, %d harmless**\n\n", s.Breaking, s.Risky, s.Info)
	for i := range c.findings {
		f := &c.findings[i]
		ch := &f.Change
		if c.level(f) == contracts.Info && len(f.Affected) == 0 && c.ruledWords(f) == "" {
			continue
		}
		label := string(c.level(f))
		if c.ignored(f) {
			label = "ignored"
		}
		where := ch.Source.Head
		if where == nil {
			where = ch.Source.Base
		}
		fmt.Fprintf(&b, "- **%s**: %s (`%s`, in %d %s, `%s`)\n", label, contracttext.ChangeSentence(*ch)+sinceBaseline(f), where, ch.Reached, terminal.Plural(ch.Reached, "operation"), ch.Rule)
		if words := c.ruledWords(f); words != "" {
			fmt.Fprintf(&b, "  - %s\n", checks.Escape(words, checks.InProse))
		}
		for _, h := range f.Affected {
			fmt.Fprintf(&b, "  - **%s** %s: %s (`%s`)\n", h.Consumer.Component, h.Verdict, contracttext.ReasonSentence(h.Reason), h.Evidence[0].Position)
		}
		for _, h := range f.Affected {
			if example := contracttext.PlainExample(h.Witness); example != "" {
				fmt.Fprintf(&b, "  - example: %s\n", checks.Code(example))
				break
			}
		}
	}
	for _, p := range c.problems {
		fmt.Fprintf(&b, "- registration of **%s**: `%s`\n", p.Consumer.Component, strings.ReplaceAll(p.Problem.Error(), "`", "'"))
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}
