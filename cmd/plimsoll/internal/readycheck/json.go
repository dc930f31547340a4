package readycheck

import (
	"fmt"
	"slices"
	"time"

	"plimsoll/checks"
	"plimsoll/checks/readiness"
	readinesstext "plimsoll/checks/text/readiness"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/config"
	"plimsoll/contracts"
)

// JSON is what `plimsoll check --readiness --format json` prints. It is part
// of the outside.
type JSON struct {
	Schema string `json:"schema"`
	// Verdict is ready, blocked or unknown.
	Verdict string `json:"verdict"`
	// Base is the revision that the folder was compared with.
	Base       string          `json:"base,omitempty"`
	Enrolling  bool            `json:"enrolling"`
	Summary    summaryJSON     `json:"summary"`
	Components []componentJSON `json:"components"`
	// Edits are all fixes of new gaps, at most one for each position, by file and line. Apply
	// them from the bottom of each file up.
	Edits  []editJSON          `json:"edits,omitempty"`
	Exempt []string            `json:"exempt,omitempty"`
	Unread []contracts.Problem `json:"unread,omitempty"`
	Notes  config.Errors       `json:"notes,omitempty"`
}

type summaryJSON struct {
	InPlace  int `json:"in_place"`
	Apply    int `json:"apply"`
	Blocking int `json:"blocking"`
	New      int `json:"new"`
	Old      int `json:"old"`
	Waived   int `json:"waived"`
	Fixed    int `json:"fixed"`
	Unknown  int `json:"unknown"`
}

type componentJSON struct {
	Name  string `json:"name"`
	Owner string `json:"owner,omitempty"`
	// New: the base has no such component that is evaluated.
	New bool `json:"new"`
	// Kept: what the base says of it counts.
	Kept     bool             `json:"kept,omitempty"`
	Results  []ruleResultJSON `json:"results"`
	Findings []gapJSON        `json:"findings"`
	Fixed    []gapJSON        `json:"fixed,omitempty"`
	Waivers  []waiverJSON     `json:"waivers,omitempty"`
}

type ruleResultJSON struct {
	Rule   string          `json:"rule"`
	State  readiness.State `json:"state"`
	Reason string          `json:"reason,omitempty"`
}

type gapJSON struct {
	Rule    string             `json:"rule"`
	Level   readiness.Level    `json:"level"`
	Subject string             `json:"subject,omitempty"`
	Message string             `json:"message"`
	Source  contracts.Position `json:"source"`
	New     bool               `json:"new"`
	Blocks  bool               `json:"blocks"`
	Waived  bool               `json:"waived,omitempty"`
	Fix     []snippetJSON      `json:"fix,omitempty"`
}

type snippetJSON struct {
	File     string `json:"file"`
	After    int    `json:"after"`
	Replaces int    `json:"replaces"`
	Text     string `json:"text"`
	// ByHand: the file's form takes no whole lines there.
	ByHand bool `json:"by_hand,omitempty"`
}

type editJSON struct {
	snippetJSON
	// Components are the names of those that it fixes something of.
	Components []string `json:"components"`
}

type waiverJSON struct {
	Rule   config.Rule           `json:"rule"`
	Reason string                `json:"reason"`
	Until  string                `json:"until"`
	State  readiness.WaiverState `json:"state"`
}

// RulesJSON is what `--rules --format json` prints.
type RulesJSON struct {
	Schema string     `json:"schema"`
	Rules  []ruleJSON `json:"rules"`
}

type ruleJSON struct {
	ID    string          `json:"id"`
	Level readiness.Level `json:"level"`
	Title string          `json:"title"`
	Why   string          `json:"why"`
}

func rulesJSON() RulesJSON {
	out := RulesJSON{Schema: "plimsoll.readiness-rules/v1"}
	for _, r := range readiness.Rules {
		out.Rules = append(out.Rules, ruleJSON{r.ID, r.Level, r.Title, r.Why})
	}
	return out
}

func (j *Result) write(t *terminal.Terminal, format string) error {
	switch format {
	case "json":
		return t.WriteJSON(j.JSON())
	case "sarif":
		return t.WriteJSON(j.SARIF())
	case "markdown":
		_, err := fmt.Fprint(t.Stdout, j.markdown())
		return err
	}
	_, err := fmt.Fprint(t.Stdout, j.text(t))
	return err
}

// JSON gives the result for programs.
func (j *Result) JSON() JSON {
	out := JSON{Schema: "plimsoll.readiness/v1", Verdict: j.Verdict(), Base: j.base, Enrolling: j.report.Enrolling,
		Components: []componentJSON{}, Exempt: j.report.Exempt, Notes: j.problems}
	s := &out.Summary
	s.InPlace, s.Apply = j.report.Count()
	s.Blocking, s.New, s.Old = len(j.report.Blocking()), len(j.report.Added()), len(j.report.Old())
	s.Unknown = len(j.report.Unknown()) + len(j.report.Unread)
	kept := map[string]bool{}
	for _, name := range j.kept {
		kept[name] = true
	}
	for _, c := range j.report.Components {
		each := componentJSON{Name: c.Name, Owner: c.Owner, New: c.New, Kept: kept[c.Name], Findings: []gapJSON{}}
		for _, r := range c.Results {
			each.Results = append(each.Results, ruleResultJSON{r.Rule, r.State, r.Reason})
		}
		for _, f := range c.Findings {
			if f.Waiver != nil {
				s.Waived++
			}
			each.Findings = append(each.Findings, gap(f))
		}
		for _, f := range c.Fixed {
			s.Fixed++
			each.Fixed = append(each.Fixed, gap(readiness.Compared{Finding: f}))
		}
		for _, w := range c.Waivers {
			each.Waivers = append(each.Waivers, waiverJSON{w.Rule, string(w.Reason), w.Until.Format(time.DateOnly), w.State})
		}
		out.Components = append(out.Components, each)
	}
	for _, e := range j.offered() {
		out.Edits = append(out.Edits, editJSON{snippetJSON{e.File, e.After, e.Replaces, e.Text, e.Loose}, e.Components})
	}
	for _, u := range j.report.Unread {
		out.Unread = append(out.Unread, contracts.Problem{Position: contracts.Position(u.Position), Message: u.Message, Hint: u.Hint})
	}
	return out
}

func gap(f readiness.Compared) gapJSON {
	rule, _ := readiness.RuleOf(f.Rule)
	out := gapJSON{Rule: f.Rule, Level: rule.Level, Subject: f.Subject, Message: f.Message, Source: contracts.Position(f.Position),
		New: f.New, Blocks: f.Blocks, Waived: f.Waiver != nil}
	for _, s := range f.Fix {
		out.Fix = append(out.Fix, snippetJSON{s.File, s.After, s.Replaces, s.Text, s.Loose})
	}
	return out
}

// markdown writes the result as the check run would say it.
func (j *Result) markdown() string {
	shown := *j
	if j.base == "" { // compared with nothing, all of it would be called new
		shown.report.Components = slices.Clone(j.report.Components)
		for i := range shown.report.Components {
			shown.report.Components[i].New = false
		}
	}
	run := shown.CheckRun(readinesstext.Readiness{BaseRef: j.base})
	text := "## " + checks.Prose(run.Title) + "\n\n" + run.Summary
	if run.Text != "" {
		text += "\n" + run.Text
	}
	return text
}

// CheckRun writes the result as a check run; about says what it is about.
func (j *Result) CheckRun(about readinesstext.Readiness) checks.CheckRun {
	about.Report, about.Kept, about.Touched, about.Now = j.report, j.kept, true, j.now
	about.FileProblems, about.Contents = j.fileProblems(), j.contents()
	return readinesstext.ReadinessReport(about)
}

// contents are the files that the fixes are for: nil for one that does not exist.
func (j *Result) contents() map[string][]byte {
	contents := map[string][]byte{}
	for _, e := range readiness.Edits(slices.Concat(j.report.Blocking(), j.report.Added(), j.report.Old())) {
		if content, read := j.quotes[e.File]; read {
			contents[e.File] = content
		} else if !j.listed[e.File] {
			contents[e.File] = nil
		}
	}
	return contents
}

func (j *Result) fileProblems() []contracts.Problem {
	var all []contracts.Problem
	for _, p := range j.problems {
		all = append(all, contracts.Problem{Position: contracts.Position{File: p.File, Line: p.Line, Column: p.Column}, Path: p.Path, Message: p.Message, Hint: p.Hint})
	}
	return all
}
