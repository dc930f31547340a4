package impact

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"plimsoll/contracts"
)

// versionAs reads "component place flags…": place is an environment, "main" (the
// default branch) or "v1" (a release).
func versionAs(t *testing.T, text string) contracts.Consumer {
	t.Helper()
	words := strings.Fields(text)
	c := contracts.Consumer{Component: words[0], Commit: "c0ffee", Runs: true, Repository: contracts.RepositoryRef{ID: int64(words[0][0]), Owner: "acme", Name: words[0]},
		Usage: contracts.Usage{Evidence: contracts.Evidence{Kind: contracts.EvidenceDeclared, Position: contracts.Position{File: "plimsoll.yml", Line: 4}}}}
	switch target := words[1]; {
	case strings.HasPrefix(target, "v"):
		c.Release, c.Production = target, true
	case target != "main":
		c.Environment = target
	}
	for _, flag := range words[2:] {
		switch flag {
		case "nowhere":
			c.Runs = false
		case "undeclared":
			c.Deployed = "dead"
		case "ambiguous":
			c.Stale = staleAmbiguous
		case "private":
			c.Repository.Private = true
		default:
			t.Fatalf("flag %q", flag)
		}
	}
	return c
}

// judgedAs reads verdicts, each a change of its own, and "missing", "baseline".
func judgedAs(t *testing.T, text string) (j contracts.Judged) {
	t.Helper()
	for i, word := range strings.Fields(text) {
		switch word {
		case "missing":
			j.Missing = append(j.Missing, contracts.RegistrationProblem{Problem: contracts.Problem{Position: contracts.Position{File: "plimsoll.yml", Line: 7}, Message: "matches nothing"}})
		case "baseline":
			j.Baseline = &contracts.Problem{Message: "gone"}
		default:
			judged := contracts.JudgedChange{Change: contracts.Change{Fingerprint: fmt.Sprintf("f%d", i)}, Verdict: contracts.Verdict(word), Reason: contracts.Reason{Code: contracts.ReasonReads}}
			if judged.Verdict.Rank() == 0 {
				t.Fatalf("verdict %q", word)
			}
			j.Changes = append(j.Changes, judged)
		}
	}
	return j
}

// said gives reasons as "code:answer" or "code:answer@component/place".
func said(reasons []contracts.AnswerReason) string {
	contracts.SortReasons(reasons)
	words := []string{string(contracts.GravestAnswer(reasons))}
	for _, r := range reasons {
		word := fmt.Sprintf("%s:%s", r.Code, r.Answer)
		if r.Consumer != nil {
			word += "@" + r.Consumer.Component
			if target := r.Consumer.Environment + r.Consumer.Release; target != "" {
				word += "/" + target
			}
		}
		if r.Hidden > 0 {
			word += fmt.Sprintf("×%d", r.Hidden)
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func TestProviderAnswer(t *testing.T) {
	const unknownTarget = "unknown environment-unknown:unknown no-consumer-live:yes"
	for name, each := range map[string]struct {
		consumers []string // "version | judged"
		set       func(*ProviderQuestion)
		want      string
	}{
		"nobody": {nil, nil, "yes no-consumer-live:yes"},
		"compatible": {[]string{"web prod |"}, nil,
			"yes compatible:yes@web/prod"},
		"breaks": {[]string{"web prod | breaks"}, nil,
			"no consumer-breaks:no@web/prod"},
		"may break": {[]string{"web prod | may-break"}, nil,
			"unknown consumer-may-break:unknown@web/prod"},
		"unknown": {[]string{"web prod | unknown"}, nil,
			"unknown consumer-unknown:unknown@web/prod"},
		"one that breaks hidden behind one that does not": {[]string{"web prod |", "web prod | breaks"}, nil,
			"no consumer-breaks:no@web/prod compatible:yes@web/prod"},
		"elsewhere only": {[]string{"web staging | breaks", "web main | breaks"}, nil,
			"yes no-consumer-live:yes"},
		"elsewhere only, and nobody knows the environment": {[]string{"web staging | breaks"}, func(q *ProviderQuestion) { q.Known = false }, unknownTarget},
		"nobody at all, in an environment nobody knows":    {nil, func(q *ProviderQuestion) { q.Known = false }, "yes no-consumer-live:yes"},
		"a release counts in production":                   {[]string{"app v1 | breaks"}, func(q *ProviderQuestion) { q.Production = true }, "no consumer-breaks:no@app/v1"},
		"a release does not count elsewhere":               {[]string{"app v1 | breaks"}, nil, "yes no-consumer-live:yes"},
		"nobody knows where it runs":                       {[]string{"web main nowhere |"}, nil, "unknown consumer-place-unknown:unknown@web"},
		"nobody knows where it runs, and it would break":   {[]string{"web main nowhere | breaks"}, nil, "unknown consumer-place-unknown:unknown@web"},
		"somebody else is compatible and nobody knows where it runs": {[]string{"bff prod |", "web main nowhere |"}, nil,
			"unknown consumer-place-unknown:unknown@web compatible:yes@bff/prod"},
		"nobody knows where it runs, and nothing harmful changes": {[]string{"web main nowhere |"}, func(q *ProviderQuestion) { q.Harmless = true },
			"yes no-consumer-live:yes nothing-harmful:yes"},
		"what runs does not declare": {[]string{"web prod undeclared |"}, nil,
			"unknown consumer-undeclared:unknown@web/prod"},
		"what runs does not declare, and the default branch breaks": {[]string{"web prod undeclared | breaks"}, nil,
			"no consumer-breaks:no@web/prod"},
		"may mean another API of that name": {[]string{"web prod ambiguous | breaks"}, nil,
			"unknown consumer-unknown:unknown@web/prod"},
		"declares what nobody has": {[]string{"web prod | missing"}, nil,
			"unknown consumer-misdeclared:unknown@web/prod"},
		"breaks and declares what nobody has": {[]string{"web prod | breaks missing"}, nil,
			"no consumer-breaks:no@web/prod"},
		"its baseline is gone": {[]string{"web prod | baseline"}, nil,
			"unknown baseline-unreadable:unknown@web/prod"},
		"external":         {nil, func(q *ProviderQuestion) { q.External = true }, "unknown external-consumers:unknown no-consumer-live:yes"},
		"external, proved": {nil, func(q *ProviderQuestion) { q.External, q.Harmless = true, true }, "yes no-consumer-live:yes"},
		"not all read":     {nil, func(q *ProviderQuestion) { q.Unread = true }, "unknown not-all-read:unknown no-consumer-live:yes"},
		"still reading":    {nil, func(q *ProviderQuestion) { q.Scanning = true }, "unknown still-reading:unknown no-consumer-live:yes"},
		"acknowledged": {[]string{"web prod | breaks"}, func(q *ProviderQuestion) {
			q.Agreed = func(f string, _ contracts.Consumer) bool { return f == "f0" }
		}, "yes acknowledged:yes@web/prod"},
		"acknowledged is one change of two": {[]string{"web prod | breaks breaks"}, func(q *ProviderQuestion) {
			q.Agreed = func(f string, _ contracts.Consumer) bool { return f == "f0" }
		}, "no consumer-breaks:no@web/prod acknowledged:yes@web/prod"},
		"six acknowledged, the seventh not": {[]string{"web prod | breaks breaks breaks breaks breaks breaks breaks"}, func(q *ProviderQuestion) {
			q.Agreed = func(f string, _ contracts.Consumer) bool { return f != "f6" }
		}, "no consumer-breaks:no@web/prod acknowledged:yes@web/prod acknowledged:yes@web/prod acknowledged:yes@web/prod acknowledged:yes@web/prod"},
		"nobody can agree to what is unknown": {[]string{"web prod | unknown"}, func(q *ProviderQuestion) {
			q.Agreed = func(string, contracts.Consumer) bool { return true }
		}, "unknown consumer-unknown:unknown@web/prod"},
		"ignored by a rule":          {[]string{"web prod | breaks"}, ruledAs(contracts.Ruling{Ignored: true}, "f0"), "yes ignored-by-rule:yes@web/prod"},
		"ignored is one of two":      {[]string{"web prod | breaks breaks"}, ruledAs(contracts.Ruling{Ignored: true}, "f0"), "no consumer-breaks:no@web/prod ignored-by-rule:yes@web/prod"},
		"ignored and unknown":        {[]string{"web prod | unknown"}, ruledAs(contracts.Ruling{Ignored: true}, "f0"), "yes ignored-by-rule:yes@web/prod"},
		"info, and it may break":     {[]string{"web prod | may-break"}, ruledAs(contracts.Ruling{Level: contracts.Info}, "f0"), "yes ignored-by-rule:yes@web/prod"},
		"info, and it breaks":        {[]string{"web prod | breaks"}, ruledAs(contracts.Ruling{Level: contracts.Info}, "f0"), "no consumer-breaks:no@web/prod"},
		"risky, and it may break":    {[]string{"web prod | may-break"}, ruledAs(contracts.Ruling{Level: contracts.Risky}, "f0"), "unknown consumer-may-break:unknown@web/prod"},
		"breaking, and it may break": {[]string{"web prod | may-break"}, ruledAs(contracts.Ruling{Level: contracts.Breaking}, "f0"), "unknown consumer-may-break:unknown@web/prod"},
		"all ignored, external":      {nil, func(q *ProviderQuestion) { q.External, q.Excused = true, &contracts.RuleSetting{} }, "yes ignored-by-rule:yes no-consumer-live:yes"},
		"all ignored, but its own baseline shows more": {[]string{"web prod | breaks"}, func(q *ProviderQuestion) { q.Excused = &contracts.RuleSetting{} },
			"no consumer-breaks:no@web/prod ignored-by-rule:yes"},
	} {
		t.Run(name, func(t *testing.T) {
			q := ProviderQuestion{API: "acme/shop/shop", Environment: "prod", Known: true}
			for _, text := range each.consumers {
				who, what, _ := strings.Cut(text, "|")
				q.Consumers = append(q.Consumers, JudgedConsumer{versionAs(t, who), judgedAs(t, what)})
			}
			if each.set != nil {
				each.set(&q)
			}
			if got := said(q.Reasons()); got != each.want {
				t.Errorf("got      %s\nexpected %s", got, each.want)
			}
		})
	}
}

func TestConsumerAnswer(t *testing.T) {
	for name, each := range map[string]struct {
		offered   []string // "flags | judged"
		providers int
		set       func(*ConsumerQuestion)
		want      string
	}{
		"compatible": {[]string{"|"}, 1, nil, "yes offered:yes@web"},
		// The trap: no evidence of the provider is no yes.
		"provider with no evidence but a live consumer": {nil, 1, nil, "unknown provider-not-deployed:unknown@web"},
		"its contract there is not known":               {[]string{"unreadable |"}, 1, nil, "unknown provider-contract-unreadable:unknown@web"},
		"nobody provides it":                            {nil, 0, nil, "unknown not-registered:unknown@web"},
		"nobody who could be read provides it":          {nil, 0, func(q *ConsumerQuestion) { q.Unread = true }, "unknown not-all-read:unknown@web"},
		"nobody provides it so far":                     {nil, 0, func(q *ConsumerQuestion) { q.Scanning = true }, "unknown still-reading:unknown@web"},
		"not offered":                                   {[]string{"| missing"}, 1, nil, "no not-offered:no@web"},
		"another contract there":                        {[]string{"| breaks"}, 1, nil, "no provider-breaks:no@web"},
		"perhaps another contract there":                {[]string{"assumed | breaks"}, 1, nil, "unknown provider-may-break:unknown@web"},
		"may break there":                               {[]string{"| may-break"}, 1, nil, "unknown provider-may-break:unknown@web"},
		"two commits, the second without it":            {[]string{"|", "| missing"}, 1, nil, "no not-offered:no@web offered:yes@web"},
		"two commits, the second not known":             {[]string{"|", "unreadable |"}, 1, nil, "unknown provider-contract-unreadable:unknown@web offered:yes@web"},
		"known from a catalogue alone": {[]string{"|"}, 1, func(q *ConsumerQuestion) { q.Consumer.Usage.Catalogue = true },
			"unknown consumer-unknown:unknown@web"},
	} {
		t.Run(name, func(t *testing.T) {
			q := ConsumerQuestion{API: "acme/shop/shop", Environment: "prod", Consumer: versionAs(t, "web main"), Providers: each.providers}
			for i, text := range each.offered {
				flags, what, _ := strings.Cut(text, "|")
				p := JudgedProvider{Version: contracts.LiveVersion{Component: "shop", Commit: fmt.Sprint("p", i)}, Judged: judgedAs(t, what), Assumed: strings.Contains(flags, "assumed")}
				if strings.Contains(flags, "unreadable") {
					p.Problem = &contracts.Problem{Message: "no"}
				}
				q.Offered = append(q.Offered, p)
			}
			if each.set != nil {
				each.set(&q)
			}
			if got := said(q.Reasons()); got != each.want {
				t.Errorf("got      %s\nexpected %s", got, each.want)
			}
		})
	}
}

func TestRemovalAnswer(t *testing.T) {
	for name, each := range map[string]struct {
		consumers []string
		set       func(*RemovalQuestion)
		want      string
	}{
		"nobody":                           {nil, nil, "yes nobody-uses:yes"},
		"nobody of those there":            {[]string{"web prod |", "web main |"}, nil, "yes compatible:yes@web compatible:yes@web/prod nobody-uses:yes"},
		"the default branch alone uses it": {[]string{"web prod |", "web main | breaks"}, nil, "no consumer-breaks:no@web compatible:yes@web/prod"},
		"perhaps":                          {[]string{"web prod | may-break"}, nil, "unknown consumer-may-break:unknown@web/prod"},
		"only what runs in one place counts": {[]string{"web prod | breaks", "web staging |"}, func(q *RemovalQuestion) { q.Environment = "staging" },
			"yes compatible:yes@web/staging nobody-uses:yes"},
		"a typo in the environment": {[]string{"web prod | breaks"}, func(q *RemovalQuestion) { q.Environment, q.Known = "prd", false },
			"unknown environment-unknown:unknown nobody-uses:yes"},
		"external":                   {nil, func(q *RemovalQuestion) { q.External = true }, "unknown external-consumers:unknown nobody-uses:yes"},
		"not all read":               {nil, func(q *RemovalQuestion) { q.Unread = true }, "unknown not-all-read:unknown nobody-uses:yes"},
		"still reading":              {nil, func(q *RemovalQuestion) { q.Scanning = true }, "unknown still-reading:unknown nobody-uses:yes"},
		"what runs does not declare": {[]string{"web prod undeclared |"}, nil, "unknown consumer-undeclared:unknown@web/prod"},
	} {
		t.Run(name, func(t *testing.T) {
			q := RemovalQuestion{API: "acme/shop/shop", Known: true}
			for _, text := range each.consumers {
				who, what, _ := strings.Cut(text, "|")
				q.Consumers = append(q.Consumers, JudgedConsumer{versionAs(t, who), judgedAs(t, what)})
			}
			if each.set != nil {
				each.set(&q)
			}
			if got := said(q.Reasons()); got != each.want {
				t.Errorf("got      %s\nexpected %s", got, each.want)
			}
		})
	}
}

// Of what somebody may not see only the number of components is told, and the
// answer stays.
func TestSeenBy(t *testing.T) {
	q := ProviderQuestion{API: "acme/shop/shop", Environment: "prod", Known: true}
	for _, text := range []string{"web prod | breaks", "app prod private | breaks", "app main private nowhere |", "bff prod private | breaks", "bff prod private | may-break"} {
		who, what, _ := strings.Cut(text, "|")
		q.Consumers = append(q.Consumers, JudgedConsumer{versionAs(t, who), judgedAs(t, what)})
	}
	reasons := q.Reasons()
	seen := contracts.SeenBy(reasons, func(v contracts.AnswerVersion) bool { return !v.Private })
	want := "no consumer-breaks:no×2 consumer-breaks:no@web/prod consumer-may-break:unknown×1 consumer-place-unknown:unknown×1"
	if got := said(slices.Clone(seen)); got != want {
		t.Errorf("got      %s\nexpected %s", got, want)
	}
	for _, r := range seen {
		if r.Hidden > 0 && (r.Consumer != nil || r.Change != nil || r.Why != nil || len(r.Evidence) > 0 || r.Environment != "") {
			t.Errorf("more than a number of what is hidden: %+v", r)
		}
	}
	if contracts.GravestAnswer(seen) != contracts.GravestAnswer(reasons) {
		t.Error("another answer for whoever sees less")
	}

	home := contracts.AnswerVersion{Repository: "acme/shop", Private: true}
	mine := ConsumerQuestion{API: "shop", Environment: "prod", Consumer: versionAs(t, "web main"), Providers: 1, Home: &home,
		Offered: []JudgedProvider{{Version: contracts.LiveVersion{Commit: "p0", Repository: contracts.RepositoryRef{Private: true}}, Judged: judgedAs(t, "breaks missing")}}}
	for _, r := range contracts.SeenBy(mine.Reasons(), func(v contracts.AnswerVersion) bool { return !v.Private }) {
		if r.Provider != nil || r.Change != nil || r.Why != nil || len(r.Nearest) > 0 || r.Problem != nil && r.Problem.Message != "" {
			t.Errorf("a hidden provider shows: %+v", r)
		}
		if r.Consumer == nil {
			t.Errorf("the asker's own line is gone: %+v", r)
		}
	}
}

// ruledAs has rule settings rule on one change.
func ruledAs(ruling contracts.Ruling, fingerprint string) func(*ProviderQuestion) {
	return func(q *ProviderQuestion) {
		q.Ruled = func(c contracts.Change) contracts.Ruling {
			if c.Fingerprint == fingerprint {
				return ruling
			}
			return contracts.Ruling{}
		}
	}
}
