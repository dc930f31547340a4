package commands

import (
	"context"
	"errors"

	"plimsoll/contracts"
)

// Spending counts the commands of people.
type Spending interface {
	// SpendCommands takes commands of one source from the budget of a person. It returns how
	// many may be carried out, and whether to say to the person that the others are not.
	SpendCommands(ctx context.Context, installation int64, login, source string, commands, most int) (allowed int, tell bool, err error)
}

// Budget is how many commands one person may give in an hour: each costs requests to GitHub,
// which an account has only so many of.
type Budget struct {
	spending Spending
	perHour  int
}

// NewBudget returns a Budget.
func NewBudget(spending Spending, perHour int) (*Budget, error) {
	if spending == nil || perHour < 1 {
		return nil, errors.New("make the budget of commands: it needs a store and at least one command an hour")
	}
	return &Budget{spending, perHour}, nil
}

func (b *Budget) spend(ctx context.Context, repo contracts.RepositoryRef, login, source string, commands int) (allowed int, tell bool, err error) {
	return b.spending.SpendCommands(ctx, repo.Installation, login, source, commands, b.perHour)
}
