package commands

import (
	"context"

	"plimsoll/checks"
	commandtext "plimsoll/checks/text/command"
	"plimsoll/contracts"
	"plimsoll/handlers/require"
	"plimsoll/handlers/work"
)

// CheckRuns knows the newest check run of a pull request.
type CheckRuns interface {
	// NewestRun returns plimsoll/contracts of a pull request and the head that it is on.
	NewestRun(ctx context.Context, repo contracts.RepositoryRef, number int, name string) (checkRun int64, head string, err error)
}

// Presser answers the button that rolls a deployment back.
type Presser interface {
	Press(ctx context.Context, p work.Press, verification string) (answer commandtext.Answer, number int, err error)
}

// Buttons does what people ask for with the buttons of check runs.
type Buttons struct {
	deps ButtonsDeps
}

// ButtonsDeps is what Buttons needs.
type ButtonsDeps struct {
	Queue        work.Queue
	Published    CheckRuns
	Acknowledger *Acknowledger
	Publications Publications
	Rollbacks    Presser
	Budget       *Budget
	Replies      *Replies
}

// NewButtons returns Buttons.
func NewButtons(deps ButtonsDeps) (*Buttons, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &Buttons{deps}, nil
}

// Press does what a button on a check run asks for. Only the newest run counts: what
// a person has not seen is not agreed to.
func (b *Buttons) Press(ctx context.Context, p work.Press) error {
	command := work.Command{Repository: p.Repository, Number: p.Number, Login: p.Login, Source: "press/" + p.Delivery}
	given, tell, err := b.deps.Budget.spend(ctx, p.Repository, p.Login, command.Source, 1)
	if err != nil {
		return err
	}
	if given == 0 {
		if !tell || p.Number == 0 {
			return nil
		}
		answer := commandtext.BudgetUsedUp(b.deps.Budget.perHour)
		answer.Command = p.Login
		return b.deps.Replies.say(ctx, p.Repository, p.Number, command.Source, []commandtext.Answer{answer})
	}
	if p.Identifier == checks.RollbackAction().Identifier {
		return b.pressRollback(ctx, command, p)
	}
	if p.Identifier == checks.RecheckAction().Identifier {
		return recheck(ctx, b.deps.Queue, command)
	}
	command.Line = commandtext.PressedButton(p.Login, checks.AcknowledgeAction())
	answer, err := b.acknowledgeAll(ctx, command, p)
	if err != nil {
		return b.deps.Replies.admit(ctx, p.Repository, p.Number, command.Source, command.Line, err)
	}
	answer.Command = command.Line
	return b.deps.Replies.say(ctx, p.Repository, p.Number, command.Source, []commandtext.Answer{answer})
}

// pressRollback answers on a pull request that the deployment carried. If it carried none,
// the check run shows the result.
func (b *Buttons) pressRollback(ctx context.Context, command work.Command, p work.Press) error {
	command.Line = commandtext.PressedButton(p.Login, checks.RollbackAction())
	answer, number, err := b.deps.Rollbacks.Press(ctx, p, p.Verification)
	if err != nil || number == 0 {
		return err
	}
	answer.Command = command.Line
	return b.deps.Replies.say(ctx, p.Repository, number, command.Source, []commandtext.Answer{answer})
}

func (b *Buttons) acknowledgeAll(ctx context.Context, command work.Command, p work.Press) (commandtext.Answer, error) {
	// That the button was not outdated is noted first: what it does makes a newer run, and
	// an attempt that breaks off is done again.
	note, known, err := b.deps.Publications.Published(ctx, p.Repository, checks.SubjectOfPull(p.Number), checks.PublishedPress, command.Source)
	if err != nil {
		return commandtext.Answer{}, err
	}
	if !known {
		checkRun, head, err := b.deps.Published.NewestRun(ctx, p.Repository, p.Number, p.Name)
		if err != nil {
			return commandtext.Answer{}, err
		}
		if checkRun != p.CheckRun {
			return commandtext.ButtonOutdated(), nil
		}
		note = checks.PressPublication(p.Number, command.Source, head)
		if err := b.deps.Publications.PutComment(ctx, p.Repository, note); err != nil {
			return commandtext.Answer{}, err
		}
	}
	return b.deps.Acknowledger.acknowledge(ctx, command, ack{target: all, reason: commandtext.ByTheButton, head: note.Head})
}
