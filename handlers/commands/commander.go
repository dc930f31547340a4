package commands

import (
	"context"
	"errors"
	"fmt"
	"plimsoll/handlers/require"

	"plimsoll/checks"
	commandtext "plimsoll/checks/text/command"
	failuretext "plimsoll/checks/text/failure"
	"plimsoll/contracts"
	"plimsoll/handlers/work"
)

// MostCommands is how many commands of one comment are carried out.
const MostCommands = 20

// GitHub is what answering commands needs of GitHub.
type GitHub interface {
	// React answers a comment with a reaction. The same reaction again does nothing.
	React(ctx context.Context, repo contracts.RepositoryRef, comment int64, reaction string) error
	// MayDeploy reports whether a person may write to a repository.
	MayDeploy(ctx context.Context, repo contracts.RepositoryRef, login string) (bool, error)
}

// CheckRuns knows the newest check run of a pull request.
type CheckRuns interface {
	// NewestRun returns plimsoll/contracts of a pull request and the head that it is on.
	NewestRun(ctx context.Context, repo contracts.RepositoryRef, number int, name string) (checkRun int64, head string, err error)
}

// Presser answers the button that rolls a deployment back.
type Presser interface {
	Press(ctx context.Context, p work.Press, verification string) (answer commandtext.Answer, number int, err error)
}

// Publications stores what should stand on GitHub and has it published.
type Publications interface {
	Put(ctx context.Context, repo contracts.RepositoryRef, all ...checks.Publication) error
	// PutComment stores without having it published.
	PutComment(ctx context.Context, repo contracts.RepositoryRef, p checks.Publication) error
	Published(ctx context.Context, repo contracts.RepositoryRef, subject string, kind checks.PublicationKind, name string) (p checks.Publication, ok bool, err error)
}

// Commander carries out commands and answers them.
type Commander struct {
	deps CommanderDeps
}

// CommanderDeps is what a Commander needs.
type CommanderDeps struct {
	Queue        work.Queue
	Published    CheckRuns
	Acknowledger *Acknowledger
	Publications Publications
	GitHub       GitHub
	Rollbacks    Presser
	Budget       *Budget
	// Explain gives the text for an error that is reported to people. report is false for an
	// error that may pass by itself, and for one that must not be shown.
	Explain func(ctx context.Context, err error) (explanation failuretext.Explanation, report bool)
	// More are the commands of other packages, by name.
	More map[string]CommandFunc
}

// NewCommander returns a Commander.
func NewCommander(deps CommanderDeps) (*Commander, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &Commander{deps}, nil
}

// functions are the commands by their names.
func (c *Commander) functions() map[string]CommandFunc {
	all := map[string]CommandFunc{
		"ack":     c.deps.Acknowledger.Ack,
		"recheck": c.askRecheck,
	}
	for name, do := range c.deps.More {
		all[name] = do
	}
	names := []string{"help"}
	for name := range all {
		names = append(names, name)
	}
	help := func(context.Context, work.Command) (commandtext.Answer, error) {
		return commandtext.HelpAnswer(names), nil
	}
	all["help"], all[""] = help, help
	return all
}

// Do carries out the commands of a comment in order and answers them together: a reaction,
// and a comment if there is something to say. A job that runs again does and says nothing
// twice.
func (c *Commander) Do(ctx context.Context, args work.CommandsArgs) error {
	functions := c.functions()
	source := fmt.Sprintf("comment/%d", args.Comment)
	given, tell, err := c.deps.Budget.spend(ctx, args.Repository, args.Commands[0].Login, source, min(len(args.Commands), MostCommands))
	if err != nil || given == 0 && !tell {
		return err
	}
	var answers []commandtext.Answer
	for i, command := range args.Commands {
		if i == given && given < MostCommands {
			if tell {
				answer := commandtext.BudgetUsedUp(c.deps.Budget.perHour)
				answer.Command = command.Line
				answers = append(answers, answer)
			}
			break
		}
		if i == MostCommands {
			answers = append(answers, commandtext.TooManyCommands(MostCommands))
			break
		}
		command.Repository, command.Number, command.Source = args.Repository, args.Number, source
		do, known := functions[command.Name]
		if !known {
			do = func(context.Context, work.Command) (commandtext.Answer, error) {
				return commandtext.UnknownCommand(command.Name), nil
			}
		}
		answer, err := do(ctx, command)
		if err != nil {
			return c.admit(ctx, args.Repository, args.Number, source, command.Line, fmt.Errorf("do %s: %w", command.Name, err))
		}
		answer.Command = command.Line
		answers = append(answers, answer)
	}
	for _, reaction := range commandtext.Reactions(answers) {
		if err := c.deps.GitHub.React(ctx, args.Repository, args.Comment, reaction); err != nil {
			return fmt.Errorf("react to the commands: %w", err)
		}
	}
	return c.say(ctx, args.Repository, args.Number, source, answers)
}

// say answers in a comment, once for each source.
func (c *Commander) say(ctx context.Context, repo contracts.RepositoryRef, number int, source string, answers []commandtext.Answer) error {
	text := commandtext.AnswerComment(source, answers)
	if text == "" {
		return nil
	}
	return c.deps.Publications.Put(ctx, repo, checks.CommentPublication("answer/"+source, checks.CommentContent{
		Number: number, Comment: checks.Comment{Text: text}, Marker: checks.AnswerMarker(source), Whole: true, Once: true,
	}))
}

// admit reports that a command could not be done, if the cause won't pass by itself, and
// returns the error.
func (c *Commander) admit(ctx context.Context, repo contracts.RepositoryRef, number int, source, line string, failure error) error {
	explanation, report := c.deps.Explain(ctx, failure)
	if report {
		answer := commandtext.NotDone(explanation)
		answer.Command = line
		return errors.Join(failure, c.say(ctx, repo, number, source+"/failed", []commandtext.Answer{answer}))
	}
	return failure
}

// askRecheck evaluates a pull request again for its author and for people who may write to
// the repository. It costs requests, which outsiders must not use up.
func (c *Commander) askRecheck(ctx context.Context, command work.Command) (commandtext.Answer, error) {
	if command.Author == "" || command.Author != command.Login {
		may, err := c.deps.GitHub.MayDeploy(ctx, command.Repository, command.Login)
		if err != nil {
			return commandtext.Answer{}, fmt.Errorf("ask what %s may do in %s: %w", command.Login, command.Repository.FullName(), err)
		}
		if !may {
			return commandtext.RecheckNotYours(command.Repository), nil
		}
	}
	return c.recheck(ctx, command)
}

// recheck evaluates a pull request again.
func (c *Commander) recheck(ctx context.Context, command work.Command) (commandtext.Answer, error) {
	return commandtext.Answer{}, c.deps.Queue.Enqueue(ctx, work.EvaluateWork(command.Repository, command.Number, command.Source))
}

// Press does what a button on a check run asks for. Only the newest run counts: what
// a person has not seen is not agreed to.
func (c *Commander) Press(ctx context.Context, p work.Press) error {
	command := work.Command{Repository: p.Repository, Number: p.Number, Login: p.Login, Source: "press/" + p.Delivery}
	given, tell, err := c.deps.Budget.spend(ctx, p.Repository, p.Login, command.Source, 1)
	if err != nil {
		return err
	}
	if given == 0 {
		if !tell || p.Number == 0 {
			return nil
		}
		answer := commandtext.BudgetUsedUp(c.deps.Budget.perHour)
		answer.Command = p.Login
		return c.say(ctx, p.Repository, p.Number, command.Source, []commandtext.Answer{answer})
	}
	if p.Identifier == checks.RollbackAction().Identifier {
		return c.pressRollback(ctx, command, p)
	}
	if p.Identifier == checks.RecheckAction().Identifier {
		_, err := c.recheck(ctx, command)
		return err
	}
	command.Line = commandtext.PressedButton(p.Login, checks.AcknowledgeAction())
	answer, err := c.acknowledgeAll(ctx, command, p)
	if err != nil {
		return c.admit(ctx, p.Repository, p.Number, command.Source, command.Line, err)
	}
	answer.Command = command.Line
	return c.say(ctx, p.Repository, p.Number, command.Source, []commandtext.Answer{answer})
}

// pressRollback answers on a pull request that the deployment carried. If it carried none,
// the check run shows the result.
func (c *Commander) pressRollback(ctx context.Context, command work.Command, p work.Press) error {
	command.Line = commandtext.PressedButton(p.Login, checks.RollbackAction())
	answer, number, err := c.deps.Rollbacks.Press(ctx, p, p.Verification)
	if err != nil || number == 0 {
		return err
	}
	answer.Command = command.Line
	return c.say(ctx, p.Repository, number, command.Source, []commandtext.Answer{answer})
}

func (c *Commander) acknowledgeAll(ctx context.Context, command work.Command, p work.Press) (commandtext.Answer, error) {
	// That the button was not outdated is noted first: what it does makes a newer run, and
	// an attempt that breaks off is done again.
	note, known, err := c.deps.Publications.Published(ctx, p.Repository, checks.SubjectOfPull(p.Number), checks.PublishedPress, command.Source)
	if err != nil {
		return commandtext.Answer{}, err
	}
	if !known {
		checkRun, head, err := c.deps.Published.NewestRun(ctx, p.Repository, p.Number, p.Name)
		if err != nil {
			return commandtext.Answer{}, err
		}
		if checkRun != p.CheckRun {
			return commandtext.ButtonOutdated(), nil
		}
		note = checks.PressPublication(p.Number, command.Source, head)
		if err := c.deps.Publications.PutComment(ctx, p.Repository, note); err != nil {
			return commandtext.Answer{}, err
		}
	}
	return c.deps.Acknowledger.acknowledge(ctx, command, ack{target: all, reason: commandtext.ByTheButton, head: note.Head})
}
