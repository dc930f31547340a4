package compare

import (
	"fmt"
	"strings"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
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
	Affected int `json:"consumers_hit"`
}

type changeJSON struct {
	contracts.Change
	// SinceBaseline: it lies between the baseline of these consumers and the head,
	// not between base and head.
	SinceBaseline bool           `json:"since_baseline,omitempty"`
	Consumers     []consumerJSON `json:"consumers,omitempty"`
}

type consumerJSON struct {
	Component   string               `json:"component"`
	Owner       string               `json:"owner,omitempty"`
	Environment string               `json:"environment,omitempty"`
	Verdict     contracts.Verdict    `json:"verdict"`
	Reason      string               `json:"reason"`
	Evidence    []contracts.Evidence `json:"evidence"`
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
		return t.WriteJSON(c.json())
	case "markdown":
		_, err := fmt.Fprint(t.Stdout, c.markdown())
		return err
	case "sarif":
		return t.WriteJSON(c.sarif())
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
		switch c.findings[i].Change.Level {
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
	notes := append(append([]contracts.Problem{}, c.base.Notes()...), c.head.Notes()...)
	for i := range notes {
		notes[i].File = c.display(notes[i].File)
	}
	return append(notes, c.passedOver...)
}

func (c *Result) json() JSON {
	out := JSON{Schema: "plimsoll.check/v1", Verdict: c.verdict(), Summary: c.summary(), Changes: make([]changeJSON, 0, len(c.findings)), Notes: c.notes()}
	for i := range c.findings {
		f := &c.findings[i]
		change := changeJSON{Change: f.Change, SinceBaseline: f.SinceBaseline}
		for _, h := range f.Affected {
			change.Consumers = append(change.Consumers, consumerJSON{Component: h.Consumer.Component, Owner: h.Consumer.Owner, Environment: h.Consumer.Environment,
				Verdict: h.Verdict, Reason: contracttext.PlainReasonSentence(h.Reason), Evidence: h.Evidence})
		}
		out.Changes = append(out.Changes, change)
	}
	for _, p := range c.problems {
		out.Registrations = append(out.Registrations, registrationJSON{Component: p.Consumer.Component, Problem: p.Problem, Nearest: p.Nearest})
	}
	return out
}

// maxTextConsumers bounds the consumers shown below one change on a terminal.
const maxTextConsumers = 10

// text writes the result for people: gravest first, short, the contract's line
// quoted.
func (c *Result) text(t *terminal.Terminal) string {
	var b strings.Builder
	info := 0
	for i := range c.findings {
		f := &c.findings[i]
		if f.Change.Level == contracts.Info && len(f.Affected) == 0 {
			info++
			continue
		}
		c.textFinding(&b, t, f)
	}
	for _, p := range c.problems {
		fmt.Fprintf(&b, "%s %s: %s\n", t.Paint("33", "registration"), p.Consumer.Component, p.Problem.Error())
	}
	for _, n := range c.notes() {
		fmt.Fprintf(&b, "%s %s\n", t.Paint("2", "note"), n.Error())
	}
	b.WriteString(c.lastLine(t, info) + "\n")
	return b.String()
}

func (c *Result) textFinding(b *strings.Builder, t *terminal.Terminal, f *contracts.Finding) {
	ch := &f.Change
	fmt.Fprintf(b, "%s %s %s\n", t.Paint(levelColor(ch.Level)+";1", string(ch.Level)), sentenceOf(*ch)+sinceBaseline(f), t.Paint("2", "["+ch.Rule+" "+ch.Fingerprint+"]"))
	where, contract := ch.Source.Head, c.head
	if where == nil || ch.Source.Base != nil && strings.HasSuffix(ch.Rule, "removed") {
		where, contract = ch.Source.Base, c.base
	}
	if where != nil {
		fmt.Fprintf(b, "  %s\n", t.Paint("2", fmt.Sprintf("%s: %s", where, c.quoted(c.contractWith(where.File, contract), where))))
	}
	if n := len(ch.Operations); n > 0 {
		op := ch.Operations[0]
		line := strings.TrimSpace(op.Method + " " + op.Path + " " + op.Status)
		if op.Pointer != "" {
			line += " at " + op.Pointer
		}
		if ch.Reached > 1 {
			line += fmt.Sprintf(" and %d more %s", ch.Reached-1, terminal.Plural(ch.Reached-1, "operation"))
		}
		fmt.Fprintf(b, "  in %s\n", line)
	}
	for i, h := range f.Affected {
		if i == maxTextConsumers {
			fmt.Fprintf(b, "    and %d more\n", len(f.Affected)-i)
			break
		}
		who := h.Consumer.Component
		if h.Consumer.Owner != "" {
			who += " (" + h.Consumer.Owner + ")"
		}
		color := map[contracts.Verdict]string{contracts.Breaks: "31", contracts.MayBreak: "33"}[h.Verdict]
		fmt.Fprintf(b, "    %s %s: %s, %s\n", t.Paint(color, string(h.Verdict)), who, contracttext.PlainReasonSentence(h.Reason), h.Evidence[0].Position)
	}
	if c.evaluated && f.Unaffected > 0 && len(f.Affected) > 0 {
		fmt.Fprintf(b, "    %s\n", t.Paint("2", fmt.Sprintf("%d unaffected", f.Unaffected)))
	} else if c.evaluated && len(f.Affected) == 0 && c.consumers > 0 {
		fmt.Fprintf(b, "    %s\n", t.Paint("32", "affects none of the given consumers"))
	}
}

// quoted gives the contract's own line.
func (c *Result) quoted(contract *openapi.Contract, at *contracts.Position) string {
	for _, file := range contract.Files() {
		if c.display(file) != at.File {
			continue
		}
		line := strings.TrimSpace(contract.Line(file, at.Line))
		return terminal.Shorten(line)
	}
	return ""
}

func (c *Result) lastLine(t *terminal.Terminal, info int) string {
	s := c.summary()
	if len(c.findings) == 0 {
		return t.Paint("32", "No change that a consumer could notice.")
	}
	line := fmt.Sprintf("%d breaking, %d risky, %d harmless", s.Breaking, s.Risky, s.Info)
	if info > 0 {
		line += fmt.Sprintf(" (%d not shown; --format json lists them)", info)
	}
	if c.evaluated {
		line += fmt.Sprintf("; %d of %d %s affected", s.Affected, c.consumers, terminal.Plural(c.consumers, "consumer"))
	}
	return line + "."
}

// markdown writes the result as a comment would.
func (c *Result) markdown() string {
	var b strings.Builder
	s := c.summary()
	fmt.Fprintf(&b, "**%d breaking, %d risky, %d harmless**\n", s.Breaking, s.Risky, s.Info)
	for i := range c.findings {
		f := &c.findings[i]
		ch := &f.Change
		if ch.Level == contracts.Info && len(f.Affected) == 0 {
			continue
		}
		where := ch.Source.Head
		if where == nil {
			where = ch.Source.Base
		}
		fmt.Fprintf(&b, "\n- **%s**: %s (`%s`, in %d %s, `%s`)\n", ch.Level, contracttext.ChangeSentence(*ch)+sinceBaseline(f), where, ch.Reached, terminal.Plural(ch.Reached, "operation"), ch.Rule)
		for _, h := range f.Affected {
			fmt.Fprintf(&b, "  - **%s** %s: %s (`%s`)\n", h.Consumer.Component, h.Verdict, contracttext.ReasonSentence(h.Reason), h.Evidence[0].Position)
		}
	}
	for _, p := range c.problems {
		fmt.Fprintf(&b, "\n- registration of **%s**: `%s`\n", p.Consumer.Component, strings.ReplaceAll(p.Problem.Error(), "`", "'"))
	}
	return b.String()
}
