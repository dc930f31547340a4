package answers

import (
	"context"
	"errors"
	"fmt"
	"strings"

	commandtext "plimsoll/checks/text/command"
	"plimsoll/contracts"
	"plimsoll/contracts/diff"
	"plimsoll/contracts/impact"
	"plimsoll/handlers/source"
)

// RemoveQuestion asks whether an operation or a field of an API may be removed.
type RemoveQuestion struct {
	API contracts.APIRef
	impact.Removal
	// Environment, where only what runs there counts; "": every version that counts.
	Environment string
	// Consumers are those of the API, if the caller has read them; nil: they are read.
	Consumers []contracts.Consumer
}

// CanRemove answers whether an operation or a field may be removed: who uses it, where, and
// since which line. It evaluates the default branch's contract without it.
func (a *Answerer) CanRemove(ctx context.Context, q RemoveQuestion) (source.Asked, error) {
	if len(q.Environment) > maxNameAsked {
		return source.Asked{}, commandtext.EnvironmentNeeded()
	}
	asked, err := a.canRemove(ctx, q)
	if problem, ok := errors.AsType[*contracts.Problem](err); ok {
		return answered([]contracts.AnswerReason{{
			Code: contracts.CodeContractUnreadable, Answer: contracts.AnswerUnknown, API: q.API.FullName(), Problem: problem,
		}}), nil
	}
	if _, bad := errors.AsType[*commandtext.BadQuestion](err); err != nil && !bad {
		err = fmt.Errorf("answer whether something of %s may go: %w", q.API.FullName(), err)
	}
	return asked, err
}

func (a *Answerer) canRemove(ctx context.Context, q RemoveQuestion) (source.Asked, error) {
	now, component, provided, err := a.defaultContract(ctx, q.API)
	if err != nil {
		return source.Asked{}, err
	}
	if now.contract == nil {
		return answered([]contracts.AnswerReason{{
			Code: contracts.CodeContractUnreadable, Answer: contracts.AnswerUnknown, API: q.API.FullName(), Problem: provided.Problem,
		}}), nil
	}
	removed, err := a.without(ctx, now, q.Removal)
	if missing, ok := errors.AsType[*impact.NotInContract](err); ok {
		return source.Asked{}, commandtext.NotInContract(missing)
	}
	if problem, ok := impact.RefersTo(err); ok {
		return source.Asked{}, commandtext.ReferredTo(problem)
	}
	if err != nil {
		return source.Asked{}, err
	}
	scan, err := a.deps.Store.Scan(ctx, q.API.Repository.Installation)
	if err != nil {
		return source.Asked{}, err
	}
	consumers := q.Consumers
	if consumers == nil {
		if consumers, err = a.deps.Store.Consumers(ctx, q.API); err != nil {
			return source.Asked{}, fmt.Errorf("look up the consumers: %w", err)
		}
	}
	out := impact.RemovalQuestion{
		API: q.API.FullName(), Environment: q.Environment, External: provided.External, Scanning: scan.Running, Unread: scan.Failed > 0,
		Known: declares(component, q.Environment),
	}
	live := false
	for _, consumer := range consumers {
		if consumer.Environment != "" && strings.EqualFold(consumer.Environment, q.Environment) {
			out.Known, live = true, live || consumer.Production
		}
	}
	out.Production = production(component, q.Environment, live)
	r := &removing{a: a, api: q.API, now: now}
	if err := r.compare(ctx, removed, q.Removal); err != nil {
		return source.Asked{}, err
	}
	for _, consumer := range consumers {
		judged, err := r.evaluate(ctx, consumer)
		if err != nil {
			return source.Asked{}, err
		}
		out.Consumers = append(out.Consumers, impact.JudgedConsumer{Consumer: consumer, Judged: judged})
	}
	return answered(naming(out.Reasons(), scan)), nil
}

// removing evaluates consumers by a removal alone.
type removing struct {
	a   *Answerer
	api contracts.APIRef
	now named
	// with is the contract as it is, without the one without the removed part. Each is
	// compared with baselines; base compares the two.
	with, without named
	base          *diff.Comparison
}

func (r *removing) compare(ctx context.Context, removed *impact.Removed, what impact.Removal) (err error) {
	key := removalKey(r.now, what)
	r.with, r.without = named{removed.Base, key + " base"}, named{removed.Head, key}
	r.base, err = r.a.compare(ctx, r.api, r.with, r.without)
	return err
}

// removalKey names what is left of a contract.
func removalKey(now named, what impact.Removal) string {
	return fmt.Sprintf("%s without %q %q %t", now.key, what.Operation, what.Field, what.Sends)
}

// without returns a contract without a part of it.
func (a *Answerer) without(ctx context.Context, now named, what impact.Removal) (*impact.Removed, error) {
	key := removalKey(now, what)
	if found, ok := a.kept.removed.Get(key); ok {
		return found, nil
	}
	removed, err := impact.Without(ctx, now.contract, what)
	if err != nil {
		return nil, err
	}
	a.kept.removed.Add(key, removed)
	return removed, nil
}

// evaluate evaluates one version. Other changes since its baseline do not count.
func (r *removing) evaluate(ctx context.Context, consumer contracts.Consumer) (contracts.Judged, error) {
	written, problem, err := r.a.baseline(ctx, r.api, consumer)
	if err != nil {
		return contracts.Judged{}, err
	}
	key := keyOf(r.api.FullName(), r.with.key, r.without.key, written.key, usageKey(consumer))
	judged, err := r.a.kept.judged(key, func() (contracts.Judged, error) { return r.fresh(ctx, written, consumer) })
	judged.Baseline = problem
	return judged, err
}

func (r *removing) fresh(ctx context.Context, written named, consumer contracts.Consumer) (contracts.Judged, error) {
	var since *diff.Comparison
	var apart contracts.Judged
	if written.contract != nil && written.key != r.now.key {
		var err error
		if since, err = r.a.compare(ctx, r.api, written, r.without); err != nil {
			return contracts.Judged{}, err
		}
		other, err := r.a.compare(ctx, r.api, written, r.with)
		if err != nil {
			return contracts.Judged{}, err
		}
		if apart, err = diff.JudgeVersion(ctx, nil, other, nil, consumer); err != nil {
			return contracts.Judged{}, err
		}
	}
	judged, err := diff.JudgeVersion(ctx, r.base, since, nil, consumer)
	if err != nil {
		return contracts.Judged{}, err
	}
	judged.Without(apart)
	return judged, nil
}
