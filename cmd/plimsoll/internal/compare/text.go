package compare

import (
	"fmt"
	"strings"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// Bounds of the text for a terminal: lines below one change, lines below one heading, and
// columns of a line.
const (
	maxTextConsumers = 10
	maxTextNotes     = 5
	textColumns      = 100
)

// text writes the result for people: the most severe change first, with the contract's line
// and the consumers that it affects, then a summary for each consumer.
func (c *Result) text(t *terminal.Terminal) string {
	var b strings.Builder
	info := 0
	for i := range c.findings {
		f := &c.findings[i]
		if c.level(f) == contracts.Info && len(f.Affected) == 0 && c.ruledWords(f) == "" {
			info++
			continue
		}
		c.textFinding(&b, t, f)
	}
	c.textConsumers(&b, t)
	registrations := []string{}
	for _, p := range c.problems {
		registrations = append(registrations, t.Paint("33", "registration")+" "+p.Consumer.Component+": "+p.Problem.Error())
	}
	notes := []string{}
	for _, n := range c.notes() {
		notes = append(notes, t.Paint("2", "note")+" "+n.Error())
	}
	for _, lines := range [][]string{registrations, notes} {
		for i, line := range lines {
			if i == maxTextNotes {
				fmt.Fprintf(&b, "and %d more; --format json lists them\n", len(lines)-i)
				break
			}
			fmt.Fprintln(&b, line)
		}
	}
	b.WriteString(c.lastLine(t, info) + "\n")
	return b.String()
}

func (c *Result) textFinding(b *strings.Builder, t *terminal.Terminal, f *contracts.Finding) {
	ch := &f.Change
	label, color := string(c.level(f)), levelColor(c.level(f))
	if c.ignored(f) {
		label, color = "ignored", levelColor(contracts.Info)
	}
	fmt.Fprintf(b, "%s %s %s\n", t.Paint(color+";1", label), sentenceOf(*ch)+sinceBaseline(f), t.Paint("2", "["+ch.Rule+" "+ch.Fingerprint+"]"))
	if where, contract := c.standing(ch); where != nil {
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
	if words := c.ruledWords(f); words != "" {
		fmt.Fprintf(b, "  %s\n", words)
	}
	groups := grouped(f.Affected)
	for i, group := range groups {
		if i == maxTextConsumers {
			fmt.Fprintf(b, "    and %d more consumers; --format json lists them\n", len(groups)-i)
			break
		}
		h := group[0]
		line := fmt.Sprintf("%s: %s,", who(h.Consumer), contracttext.PlainReasonSentence(h.Reason))
		where := h.Evidence[0].Position.String()
		if len(group) > 1 {
			where += fmt.Sprintf(" (and %d more %s)", len(group)-1, terminal.Plural(len(group)-1, "use"))
		}
		separator := " "
		if len([]rune(line))+len([]rune(where))+len(h.Verdict)+6 > textColumns {
			separator = "\n      "
		}
		fmt.Fprintf(b, "    %s %s%s%s\n", t.Paint(verdictColor(h.Verdict), string(h.Verdict)), line, separator, where)
	}
	for i := range f.Affected {
		if example := contracttext.PlainExample(f.Affected[i].Witness); example != "" {
			fmt.Fprintf(b, "    %s\n", t.Paint("2", "example: "+example))
			break
		}
	}
	if c.evaluated && f.Unaffected > 0 && len(f.Affected) > 0 {
		fmt.Fprintf(b, "    %s\n", t.Paint("2", fmt.Sprintf("%d unaffected", f.Unaffected)))
	} else if c.evaluated && len(f.Affected) == 0 && c.consumers > 0 {
		fmt.Fprintf(b, "    %s\n", t.Paint("32", "affects none of the given consumers"))
	}
}

// standing is where a change is shown, and in which contract: what is removed, where it was.
func (c *Result) standing(ch *contracts.Change) (*contracts.Position, *openapi.Contract) {
	if ch.Source.Head == nil || ch.Source.Base != nil && strings.HasSuffix(ch.Rule, "removed") {
		return ch.Source.Base, c.base
	}
	return ch.Source.Head, c.head
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
		return t.Paint("32", "No change affects consumers.")
	}
	line := fmt.Sprintf("%d breaking, %d risky, %d harmless", s.Breaking, s.Risky, s.Info)
	if info > 0 {
		line += fmt.Sprintf(" (%d not shown; --format json lists them)", info)
	}
	if s.Ignored > 0 {
		line += fmt.Sprintf("; %d ignored by rules", s.Ignored)
	}
	if c.evaluated {
		line += fmt.Sprintf("; %d of %d %s affected", s.Affected, c.consumers, terminal.Plural(c.consumers, "consumer"))
	}
	return line + "."
}

// grouped puts what affects one consumer together, in the order of the first of each.
func grouped(affected []contracts.AffectedConsumer) (groups [][]contracts.AffectedConsumer) {
	index := map[string]int{}
	for _, h := range affected {
		key := h.Consumer.Repository.FullName() + " " + h.Consumer.Component
		i, ok := index[key]
		if !ok {
			i, index[key] = len(groups), len(groups)
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], h)
	}
	return groups
}

// who names a consumer with its owner.
func who(c contracts.Consumer) string {
	if c.Owner == "" {
		return c.Component
	}
	return c.Component + " (" + c.Owner + ")"
}

func verdictColor(v contracts.Verdict) string {
	return map[contracts.Verdict]string{contracts.Breaks: "31", contracts.MayBreak: "33"}[v]
}

// textConsumers says for each consumer how many changes affect it. One change says that
// itself.
func (c *Result) textConsumers(b *strings.Builder, t *terminal.Terminal) {
	var all []contracts.AffectedConsumer
	changes := 0
	for i := range c.findings {
		if found := grouped(c.findings[i].Affected); len(found) > 0 {
			changes++
			for _, group := range found {
				all = append(all, group[0])
			}
		}
	}
	if changes < 2 {
		return
	}
	fmt.Fprintln(b, t.Paint("1", "By consumer:"))
	groups := grouped(all)
	for i, group := range groups {
		if i == maxTextConsumers {
			fmt.Fprintf(b, "  and %d more consumers; --format json lists them\n", len(groups)-i)
			return
		}
		counts := map[contracts.Verdict]int{}
		for _, h := range group {
			counts[h.Verdict]++
		}
		parts := []string{}
		for _, v := range []contracts.Verdict{contracts.Breaks, contracts.MayBreak, contracts.Unknown} {
			if n := counts[v]; n > 0 {
				parts = append(parts, fmt.Sprintf("%s: %d %s", t.Paint(verdictColor(v), string(v)), n, terminal.Plural(n, "change")))
			}
		}
		fmt.Fprintf(b, "  %s: %s\n", who(group[0].Consumer), strings.Join(parts, ", "))
	}
}
