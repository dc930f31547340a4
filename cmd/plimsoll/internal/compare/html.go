package compare

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"

	"plimsoll/checks"
	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
)

// Bounds of the page: changes that harm nobody, and consumers of one change.
const (
	mostHarmlessInPage  = 500
	mostConsumersInPage = 100
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

var pageTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("page").Parse(pageText)) })

// page is what the HTML report shows. It holds no markup of its own: the template escapes
// every word.
type page struct {
	Style      template.CSS
	Headline   string
	Mark       string // bad, warn or good
	Base, Head string
	Affected   string
	Consumers  []pageConsumer
	Groups     []pageGroup
	Ignored    pageFold
	Harmless   pageFold
	Problems   []string
	Notes      []string
}

// pageGroup are the changes of one operation.
type pageGroup struct {
	Name    string
	Changes []*pageChange
}

// pageFold are changes that are shown on request.
type pageFold struct {
	Title  string
	Groups []pageGroup
	More   int
}

// pageChange is one change.
type pageChange struct {
	ID                           string
	Level, Mark, Sentence        string
	Why, Rule, Fingerprint       string
	Where, Quote, Ruling         string
	Example                      string // the first one of a consumer
	Operations                   []string
	MoreOperations               int
	Consumers                    []pageUse
	MoreConsumers, Unaffected    int
	NobodyAffected, OneOperation bool
}

// pageUse is what one change means for one consumer.
type pageUse struct {
	Change                           *pageChange
	Name, Verdict, Mark, Says, Where string
}

// pageConsumer is one consumer with the changes that affect it.
type pageConsumer struct {
	Name, Owner, Verdict, Mark string
	Uses                       []pageUse
}

// html writes one page that needs nothing beside itself: no script, no image, no address.
func (c *Result) html(w io.Writer) error {
	p := c.page()
	if err := pageTemplate().Execute(w, p); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

func (c *Result) page() *page {
	p := &page{Style: template.CSS(pageStyle), Base: c.names[0], Head: c.names[1]}
	var counting, ignored, harmless []*contracts.Finding
	for i := range c.findings {
		f := &c.findings[i]
		switch {
		case c.ignored(f):
			ignored = append(ignored, f)
		case c.level(f) == contracts.Info && len(f.Affected) == 0:
			harmless = append(harmless, f)
		default:
			counting = append(counting, f)
		}
	}
	b := &pageBuilder{result: c}
	p.Groups = b.groups(counting)
	p.Ignored = pageFold{Title: checks.Count(len(ignored), "change") + " ignored by rules", Groups: b.groups(ignored)}
	shown := harmless[:min(len(harmless), mostHarmlessInPage)]
	p.Harmless = pageFold{Title: checks.Count(len(harmless), "harmless change"), Groups: b.groups(shown), More: len(harmless) - len(shown)}
	p.Consumers = b.consumers
	c.headline(p)
	for _, r := range c.problems {
		p.Problems = append(p.Problems, r.Consumer.Component+": "+r.Problem.Error())
	}
	for _, n := range c.notes() {
		p.Notes = append(p.Notes, n.Error())
	}
	return p
}

// headline says what the page is about, and how bad it is.
func (c *Result) headline(p *page) {
	s := c.summary()
	p.Headline, p.Mark = fmt.Sprintf("%d breaking, %d risky, %d harmless", s.Breaking, s.Risky, s.Info), "good"
	if len(c.findings) == 0 {
		p.Headline = "No change affects consumers"
	}
	for i := range c.findings {
		switch c.weight(&c.findings[i]) {
		case "breaking":
			p.Mark = "bad"
		case "risky":
			if p.Mark == "good" {
				p.Mark = "warn"
			}
		}
	}
	if p.Mark == "good" && c.counted() == contracts.Unknown {
		p.Mark = "warn"
	}
	if c.evaluated {
		p.Affected = fmt.Sprintf("%d of %s affected.", s.Affected, checks.Count(c.consumers, "consumer"))
	}
}

// pageBuilder makes the changes of a page, and collects the consumers that they affect.
type pageBuilder struct {
	result    *Result
	count     int
	consumers []pageConsumer
	index     map[string]int
}

// groups groups changes by operation, as the changelog does.
func (b *pageBuilder) groups(findings []*contracts.Finding) []pageGroup {
	grouped := b.result.byOperation(findings)
	out := make([]pageGroup, 0, len(grouped))
	for _, group := range grouped {
		made := pageGroup{Name: group.name}
		for _, f := range group.findings {
			made.Changes = append(made.Changes, b.change(f))
		}
		out = append(out, made)
	}
	return out
}

var levelMarks = map[contracts.Level]string{contracts.Breaking: "bad", contracts.Risky: "warn", contracts.Info: "good"}

func (b *pageBuilder) change(f *contracts.Finding) *pageChange {
	c, ch := b.result, &f.Change
	b.count++
	why, _ := contracttext.RuleText(ch.Rule)
	out := &pageChange{
		ID: fmt.Sprintf("change-%d", b.count), Level: string(c.level(f)), Mark: levelMarks[c.level(f)], Sentence: checks.UpperFirst(sentenceOf(*ch) + sinceBaseline(f)),
		Why: why, Rule: ch.Rule, Fingerprint: ch.Fingerprint, Ruling: c.ruledWords(f), Unaffected: f.Unaffected,
		OneOperation: ch.Reached == 1, NobodyAffected: c.evaluated && c.consumers > 0 && len(f.Affected) == 0 && c.level(f) != contracts.Info,
	}
	if c.ignored(f) {
		out.Level, out.Mark = "ignored", "open"
	}
	if where, contract := c.standing(ch); where != nil {
		out.Where, out.Quote = where.String(), c.quoted(c.contractWith(where.File, contract), where)
	}
	for _, op := range ch.Operations {
		line := strings.TrimSpace(op.Method + " " + op.Path + " " + op.Status)
		if op.Pointer != "" {
			line += " at " + op.Pointer
		}
		out.Operations = append(out.Operations, line)
	}
	out.MoreOperations = max(0, ch.Reached-len(ch.Operations))
	b.uses(out, f)
	return out
}

// uses adds what a change means for consumers, to the change and to each of them.
func (b *pageBuilder) uses(out *pageChange, f *contracts.Finding) {
	if b.index == nil {
		b.index = map[string]int{}
	}
	for i, group := range grouped(f.Affected) {
		h := group[0]
		use := pageUse{Change: out, Name: h.Consumer.Component, Verdict: string(h.Verdict), Mark: verdictMark(h.Verdict),
			Says: contracttext.PlainReasonSentence(h.Reason), Where: h.Evidence[0].Position.String()}
		if i < mostConsumersInPage {
			out.Consumers = append(out.Consumers, use)
		} else {
			out.MoreConsumers++
		}
		if out.Example == "" {
			out.Example = contracttext.PlainExample(h.Witness)
		}
		key := h.Consumer.Repository.FullName() + " " + h.Consumer.Component
		at, known := b.index[key]
		if !known {
			at = len(b.consumers)
			b.index[key] = at
			b.consumers = append(b.consumers, pageConsumer{Name: h.Consumer.Component, Owner: h.Consumer.Owner, Verdict: string(h.Verdict), Mark: use.Mark})
		}
		consumer := &b.consumers[at]
		consumer.Uses = append(consumer.Uses, use)
		if h.Verdict.Rank() > contracts.Verdict(consumer.Verdict).Rank() {
			consumer.Verdict, consumer.Mark = use.Verdict, use.Mark
		}
	}
}

func verdictMark(v contracts.Verdict) string {
	if v == contracts.Breaks {
		return "bad"
	}
	return "warn"
}
