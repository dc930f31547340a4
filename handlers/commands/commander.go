package commands

import (
	"context"
	"fmt"
	"plimsoll/handlers/require"

	commandtext "plimsoll/checks/text/command"
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

// Commander carries out the commands of comments and answers them.
type Commander struct {
	deps CommanderDeps
}

// CommanderDeps is what a Commander needs.
type CommanderDeps struct {
	Queue        work.Queue
	Acknowledger *Acknowledger
	GitHub       GitHub
	Budget       *Budget
	Replies      *Replies
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
	source := sourceOf(args.Comment)
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
			return c.deps.Replies.admit(ctx, args.Repository, args.Number, source, command.Line, fmt.Errorf("do %s: %w", command.Name, err))
		}
		answer.Command = command.Line
		answers = append(answers, answer)
	}
	for _, reaction := range commandtext.Reactions(answers) {
		if err := c.deps.GitHub.React(ctx, args.Repository, args.Comment, reaction); err != nil {
			return fmt.Errorf("react to the commands: %w", err)
		}
	}
	return c.deps.Replies.say(ctx, args.Repository, args.Number, source, answers)
}

// sourceOf names a comment as the source of its commands.
func sourceOf(comment int64) string {
	return fmt.Sprintf("comment/%d", comment)
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
	return commandtext.Answer{}, recheck(ctx, c.deps.Queue, command)
}

// recheck evaluates a pull request again.
func recheck(ctx context.Context, queue work.Queue, command work.Command) error {
	return queue.Enqueue(ctx, work.EvaluateWork(command.Repository, command.Number, command.Source))
}
