package commands

import (
	"context"
	"encoding/json"
	"fmt"
	"plimsoll/handlers/require"
	"strings"
	"time"
	"unicode"

	"github.com/rs/zerolog"

	commandtext "plimsoll/checks/text/command"
	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/deploy/ledger"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// Acknowledgements remember who agreed to which impact on which consumer.
type Acknowledgements interface {
	PutAcknowledgements(ctx context.Context, provider contracts.RepositoryRef, words ...contracttext.Acknowledgement) error
	// Acknowledgements returns what was acknowledged on the pull requests of a provider,
	// also what has ended.
	Acknowledgements(ctx context.Context, provider contracts.RepositoryRef) ([]contracttext.Acknowledgement, error)
	// Now is the time that their ends are measured with.
	Now(ctx context.Context) (time.Time, error)
}

// Findings evaluates pull requests without publishing anything.
type Findings interface {
	Findings(ctx context.Context, repo contracts.RepositoryRef, number int) (source.PullRequest, contracttext.Report, error)
	// OnlyHead returns the head whose report was the only one to be seen so far; "" if there
	// was none, or others before it.
	OnlyHead(ctx context.Context, repo contracts.RepositoryRef, number int) (string, error)
}

// Acknowledger lets a pull request pass despite what blocks it, if the person who asks may
// do so.
type Acknowledger struct {
	deps AcknowledgerDeps
}

// AcknowledgerDeps is what an Acknowledger needs.
type AcknowledgerDeps struct {
	Pulls            Findings
	Acknowledgements Acknowledgements
	Queue            work.Queue
	Owners           *Owners
	Ledger           ledger.Ledger
	Invalidator      work.Invalidator
}

// NewAcknowledger returns an Acknowledger.
func NewAcknowledger(deps AcknowledgerDeps) (*Acknowledger, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &Acknowledger{deps}, nil
}

// Ack is the command: FINGERPRINT [until DATE] REASON, or all[@HEAD].
func (a *Acknowledger) Ack(ctx context.Context, c work.Command) (commandtext.Answer, error) {
	now, err := a.deps.Acknowledgements.Now(ctx)
	if err != nil {
		return commandtext.Answer{}, err
	}
	asked, refusal := readAck(c.Rest, now)
	if refusal != nil {
		return *refusal, nil
	}
	if asked.target == all && asked.head == "" {
		// Everything that the report shows, and not what a push has brought since: which
		// report was read is known only where there was one.
		if asked.head, err = a.deps.Pulls.OnlyHead(ctx, c.Repository, c.Number); err != nil {
			return commandtext.Answer{}, err
		}
		asked.unsaid = asked.head == ""
	}
	return a.acknowledge(ctx, c, asked)
}

// ack is what an acknowledgement asks for.
type ack struct {
	target string // the beginning of a fingerprint, or "all"
	until  time.Time
	reason string
	head   string // the beginning of the head's SHA; empty: of any head
	unsaid bool   // which head is meant is not known
}

// all stands for the fingerprint of everything that blocks.
const all = "all"

// readAck reads the arguments of the command, or refuses them.
func readAck(text string, now time.Time) (ack, *commandtext.Answer) {
	refuse := func(answer commandtext.Answer) (ack, *commandtext.Answer) { return ack{}, &answer }
	target, rest, _ := strings.Cut(text, " ")
	asked := ack{target: strings.ToLower(strings.Trim(target, "`…"))}
	if target, head, ok := strings.Cut(asked.target, "@"); ok && target == all && isFingerprint(head) {
		asked.target, asked.head = target, head
	}
	switch {
	case asked.target == "":
		return refuse(commandtext.AckWithoutTarget())
	case asked.target != all && !isFingerprint(asked.target):
		return refuse(commandtext.AckNoFingerprint(target))
	}
	rest = strings.TrimSpace(rest)
	if word, behind, _ := strings.Cut(rest, " "); strings.EqualFold(word, "until") {
		var date string
		date, rest, _ = strings.Cut(strings.TrimSpace(behind), " ")
		today := now.UTC().Truncate(24 * time.Hour)
		last := today.AddDate(1, 0, 0)
		day, err := time.Parse(time.DateOnly, date)
		if err != nil || !day.After(today) || day.After(last) {
			return refuse(commandtext.AckBadDate(date, last))
		}
		asked.until = contracttext.EndOfDay(day)
	}
	asked.reason = work.Cut(strings.TrimSpace(rest), work.LongestReason)
	if !strings.ContainsFunc(asked.reason, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return refuse(commandtext.AckWithoutReason())
	}
	return asked, nil
}

func isFingerprint(text string) bool {
	return len(text) >= 6 && len(text) <= 64 && strings.Trim(text, "0123456789abcdef") == ""
}

// acknowledge decides, stores what was acknowledged, and evaluates every pull request again
// that may pass now.
func (a *Acknowledger) acknowledge(ctx context.Context, c work.Command, asked ack) (commandtext.Answer, error) {
	pull, report, err := a.deps.Pulls.Findings(ctx, c.Repository, c.Number)
	if err != nil {
		return commandtext.Answer{}, err
	}
	if !pull.Open {
		return commandtext.NotOpen(), nil
	}
	impacts, refusal := choose(contracttext.Impacts(report), asked.target)
	if refusal != nil {
		return *refusal, nil
	}
	if asked.unsaid || !strings.HasPrefix(pull.HeadSHA, asked.head) {
		return commandtext.AckOtherHead(pull.HeadSHA), nil
	}
	decision, err := a.decide(ctx, pull.Repository, impacts, c.Login)
	if err != nil {
		return commandtext.Answer{}, err
	}
	if err := a.keep(ctx, c, pull, asked, decision); err != nil {
		return commandtext.Answer{}, err
	}
	return commandtext.AcknowledgementAnswer(decision), nil
}

// choose returns the impacts that a target names.
func choose(impacts []contracttext.Impact, target string) ([]contracttext.Impact, *commandtext.Answer) {
	refuse := func(answer commandtext.Answer) ([]contracttext.Impact, *commandtext.Answer) { return nil, &answer }
	if len(impacts) == 0 {
		return refuse(commandtext.NothingBlocks())
	}
	if target == all {
		return impacts, nil
	}
	var chosen []contracttext.Impact
	fingerprints := map[string]bool{}
	for _, impact := range impacts {
		if strings.HasPrefix(impact.Change.Fingerprint, target) {
			chosen = append(chosen, impact)
			fingerprints[impact.Change.Fingerprint] = true
		}
	}
	switch len(fingerprints) {
	case 0:
		return refuse(commandtext.AckUnknown(target))
	case 1:
		return chosen, nil
	default:
		return refuse(commandtext.AckSeveral(target, len(fingerprints)))
	}
}

// decide says for each impact whether the person may let it pass, and in which role.
func (a *Acknowledger) decide(ctx context.Context, provider contracts.RepositoryRef, impacts []contracttext.Impact, login string) (commandtext.Decision, error) {
	type consumer struct {
		repository int64
		component  string
	}
	var decision commandtext.Decision
	known := map[consumer]owned{}
	var maintains *bool
	for _, impact := range impacts {
		key := consumer{impact.Consumer.Repository.ID, impact.Consumer.Component}
		found, asked := known[key]
		if !asked {
			var err error
			if found, err = a.deps.Owners.owns(ctx, impact.Consumer, login); err != nil {
				return decision, fmt.Errorf("find the owners of %s: %w", impact.Consumer.Component, err)
			}
			known[key] = found
		}
		if !found.by && maintains == nil {
			is, err := a.deps.Owners.deps.People.Maintains(ctx, provider, login)
			if err != nil {
				return decision, fmt.Errorf("ask what %s may do in %s: %w", login, provider.FullName(), err)
			}
			maintains = &is
		}
		decided := found.Decided
		decided.Impact = impact
		switch {
		case found.by:
			decision.Given = append(decision.Given, decided)
		case *maintains && impact.Given != nil:
			decision.Standing = append(decision.Standing, decided)
		case *maintains:
			decision.Overridden = append(decision.Overridden, decided)
		case !asked || !refusedAlready(decision.Refused, impact):
			decision.Refused = append(decision.Refused, decided)
		}
	}
	return decision, nil
}

// refusedAlready reports whether a consumer is among the refused: it is listed once.
func refusedAlready(refused []commandtext.Decided, impact contracttext.Impact) bool {
	for _, one := range refused {
		if one.Impact.Consumer.Repository.ID == impact.Consumer.Repository.ID && one.Impact.Consumer.Component == impact.Consumer.Component {
			return true
		}
	}
	return false
}

// keep remembers what was given. Doing it again does nothing more.
func (a *Acknowledger) keep(ctx context.Context, c work.Command, pull source.PullRequest, asked ack, decision commandtext.Decision) error {
	provider := pull.Repository
	var words []contracttext.Acknowledgement
	var entries []ledger.Entry
	var topics []string
	add := func(decided []commandtext.Decided, kind ledger.EntryKind) {
		for _, one := range decided {
			consumer, fingerprint := one.Impact.Consumer, one.Impact.Change.Fingerprint
			words = append(words, contracttext.Acknowledgement{
				Fingerprint: fingerprint, Repository: consumer.Repository.ID, Component: consumer.Component,
				Override: kind == ledger.EntryOverride, Login: c.Login, Reason: asked.reason, Until: asked.until, Number: pull.Number,
			})
			entries = append(entries, ledger.Entry{
				Installation: provider.Installation, Kind: kind, Repository: consumer.Repository.ID, Component: consumer.Component,
				Commit: pull.HeadSHA, Actor: c.Login, Body: entryBody(one.Impact, pull, asked),
				Once: fmt.Sprintf("%s/%s/%d/%s", c.Source, fingerprint, consumer.Repository.ID, consumer.Component),
			})
			topics = append(topics, work.TopicOfFingerprint(fingerprint))
		}
	}
	add(decision.Given, ledger.EntryAcknowledgement)
	add(decision.Overridden, ledger.EntryOverride)
	if len(words) == 0 {
		return nil
	}
	if err := a.deps.Acknowledgements.PutAcknowledgements(ctx, provider, words...); err != nil {
		return err
	}
	if err := a.deps.Ledger.Append(ctx, entries...); err != nil {
		return err
	}
	zerolog.Ctx(ctx).Info().Str("login", c.Login).Int("acknowledged", len(decision.Given)).Int("overridden", len(decision.Overridden)).
		Str("source", c.Source).Msg("acknowledged")
	if err := a.deps.Queue.Enqueue(ctx, work.ReevaluateWork(provider, pull.Number)); err != nil {
		return err
	}
	return a.deps.Invalidator.Changed(ctx, provider.Installation, topics...)
}

// entryBody is what else the ledger holds of an acknowledgement.
func entryBody(impact contracttext.Impact, pull source.PullRequest, asked ack) json.RawMessage {
	body, err := json.Marshal(struct {
		Fingerprint string    `json:"fingerprint"`
		Rule        string    `json:"rule"`
		Provider    int64     `json:"provider"`
		PullRequest int       `json:"pull_request"`
		Reason      string    `json:"reason"`
		Until       time.Time `json:"until,omitzero"`
	}{impact.Change.Fingerprint, impact.Change.Rule, pull.Repository.ID, pull.Number, asked.reason, asked.until})
	if err != nil {
		panic(fmt.Sprintf("plain data: %v", err))
	}
	return body
}
