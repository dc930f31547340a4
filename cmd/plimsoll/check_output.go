package main

import (
	"fmt"
	"strings"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// checkJSON is what `plimsoll check --format json` prints. It is part of the
// outside: see the design's interfaces.
type checkJSON struct {
	Schema        string              `json:"schema"`
	Verdict       contracts.Verdict   `json:"verdict,omitempty"`
	Summary       checkSummary        `json:"summary"`
	Changes       []changeJSON        `json:"changes"`
	Registrations []registrationJSON  `json:"registrations,omitempty"`
	Notes         []contracts.Problem `json:"notes,omitempty"`
}

type checkSummary struct {
	Breaking     int `json:"breaking"`
	Risky        int `json:"risky"`
	Info         int `json:"info"`
	ConsumersHit int `json:"consumers_hit"`
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

func (c *checked) write(t *terminal, format string) error {
	c.showPlaces()
	switch format {
	case "json":
		return writeJSON(t, c.json())
	case "markdown":
		_, err := fmt.Fprint(t.stdout, c.markdown())
		return err
	case "sarif":
		return writeJSON(t, c.sarif())
	}
	_, err := fmt.Fprint(t.stdout, c.text(t))
	return err
}

// showPlaces turns the paths of the contracts into what the user would write.
func (c *checked) showPlaces() {
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

func (c *checked) summary() checkSummary {
	s := checkSummary{ConsumersHit: c.hit()}
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

func (c *checked) notes() []contracts.Problem {
	notes := append(append([]contracts.Problem{}, c.base.Notes()...), c.head.Notes()...)
	for i := range notes {
		notes[i].File = c.display(notes[i].File)
	}
	return append(notes, c.passedOver...)
}

func (c *checked) json() checkJSON {
	out := checkJSON{Schema: "plimsoll.check/v1", Verdict: c.verdict(), Summary: c.summary(), Changes: make([]changeJSON, 0, len(c.findings)), Notes: c.notes()}
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
func (c *checked) text(t *terminal) string {
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
		fmt.Fprintf(&b, "%s %s: %s\n", t.paint("33", "registration"), p.Consumer.Component, p.Problem.Error())
	}
	for _, n := range c.notes() {
		fmt.Fprintf(&b, "%s %s\n", t.paint("2", "note"), n.Error())
	}
	b.WriteString(c.lastLine(t, info) + "\n")
	return b.String()
}

func (c *checked) textFinding(b *strings.Builder, t *terminal, f *contracts.Finding) {
	ch := &f.Change
	fmt.Fprintf(b, "%s %s %s\n", t.paint(levelColor(ch.Level)+";1", string(ch.Level)), sentenceOf(*ch)+sinceBaseline(f), t.paint("2", "["+ch.Rule+" "+ch.Fingerprint+"]"))
	where, contract := ch.Source.Head, c.head
	if where == nil || ch.Source.Base != nil && strings.HasSuffix(ch.Rule, "removed") {
		where, contract = ch.Source.Base, c.base
	}
	if where != nil {
		fmt.Fprintf(b, "  %s\n", t.paint("2", fmt.Sprintf("%s: %s", where, c.quoted(c.contractWith(where.File, contract), where))))
	}
	if n := len(ch.Operations); n > 0 {
		op := ch.Operations[0]
		line := strings.TrimSpace(op.Method + " " + op.Path + " " + op.Status)
		if op.Pointer != "" {
			line += " at " + op.Pointer
		}
		if ch.Reached > 1 {
			line += fmt.Sprintf(" and %d more %s", ch.Reached-1, plural(ch.Reached-1, "operation"))
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
		fmt.Fprintf(b, "    %s %s: %s, %s\n", t.paint(color, string(h.Verdict)), who, contracttext.PlainReasonSentence(h.Reason), h.Evidence[0].Position)
	}
	if c.judged && f.Unaffected > 0 && len(f.Affected) > 0 {
		fmt.Fprintf(b, "    %s\n", t.paint("2", fmt.Sprintf("%d unaffected", f.Unaffected)))
	} else if c.judged && len(f.Affected) == 0 && c.consumers > 0 {
		fmt.Fprintf(b, "    %s\n", t.paint("32", "hits none of the consumers given"))
	}
}

// maxQuoted bounds how much of a line is quoted, in bytes.
const maxQuoted = 100

// quoted gives the contract's own line.
func (c *checked) quoted(contract *openapi.Contract, at *contracts.Position) string {
	for _, file := range contract.Files() {
		if c.display(file) != at.File {
			continue
		}
		line := strings.TrimSpace(contract.Line(file, at.Line))
		if len(line) > maxQuoted {
			line = strings.ToValidUTF8(line[:maxQuoted], "") + "…"
		}
		return line
	}
	return ""
}

func (c *checked) lastLine(t *terminal, info int) string {
	s := c.summary()
	if len(c.findings) == 0 {
		return t.paint("32", "Nothing changed that a consumer could notice.")
	}
	line := fmt.Sprintf("%d breaking, %d risky, %d harmless", s.Breaking, s.Risky, s.Info)
	if info > 0 {
		line += fmt.Sprintf(" (%d not shown; --format json lists them)", info)
	}
	if c.judged {
		line += fmt.Sprintf("; %d of %d %s hit", s.ConsumersHit, c.consumers, plural(c.consumers, "consumer"))
	}
	return line + "."
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// markdown writes the result as a comment would.
func (c *checked) markdown() string {
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
		fmt.Fprintf(&b, "\n- **%s**: %s (`%s`, reached from %d %s, `%s`)\n", ch.Level, contracttext.ChangeSentence(*ch)+sinceBaseline(f), where, ch.Reached, plural(ch.Reached, "operation"), ch.Rule)
		for _, h := range f.Affected {
			fmt.Fprintf(&b, "  - **%s** %s: %s (`%s`)\n", h.Consumer.Component, h.Verdict, contracttext.ReasonSentence(h.Reason), h.Evidence[0].Position)
		}
	}
	for _, p := range c.problems {
		fmt.Fprintf(&b, "\n- registration of **%s**: `%s`\n", p.Consumer.Component, strings.ReplaceAll(p.Problem.Error(), "`", "'"))
	}
	return b.String()
}
