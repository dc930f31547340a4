package commands

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"plimsoll/handlers/require"
	"slices"
	"strings"

	commandtext "plimsoll/checks/text/command"
	"plimsoll/contracts"
	"plimsoll/contracts/evidence"
	"plimsoll/handlers/source"
)

// ErrMayNotAsk: the App lacks the permission to find out who a person is.
var ErrMayNotAsk = errors.New("the App may not ask that")

// People knows teams and roles at GitHub.
type People interface {
	// InTeam reports whether a person is an active member of a team ("acme/checkout"). The
	// error wraps ErrMayNotAsk if the App lacks the permission.
	InTeam(ctx context.Context, installation int64, team, login string) (bool, error)
	// Maintains reports whether a person has the role maintain or admin in a repository.
	Maintains(ctx context.Context, repo contracts.RepositoryRef, login string) (bool, error)
}

// Owners knows who owns a consumer. It reads default branches only, as they are now:
// nothing of a pull request's head is trusted.
type Owners struct {
	deps OwnersDeps
}

// OwnersDeps is what an Owners needs.
type OwnersDeps struct {
	Registry contracts.Registry
	Branches source.Branches
	Trees    source.Trees
	People   People
}

// NewOwners returns an Owners.
func NewOwners(deps OwnersDeps) (*Owners, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &Owners{deps}, nil
}

// owned is what is known of one consumer's owners with regard to one person.
type owned struct {
	by bool // the person is one
	commandtext.Decided
}

// owns reports whether a person may agree to what affects a consumer: an owner that the
// CODEOWNERS of the consumer's repository gives for its registration file, or the owner
// that it declares there. If there is neither, it is a maintainer of the repository.
func (o *Owners) owns(ctx context.Context, consumer contracts.Consumer, login string) (owned, error) {
	var found owned
	repo := consumer.Repository
	registration, err := o.deps.Registry.Registration(ctx, repo.Installation, repo.ID)
	if errors.Is(err, fs.ErrNotExist) {
		found.Unreadable = true
		return found, nil
	}
	if err != nil {
		return found, err
	}
	repo, file := registration.Repository, registration.File
	for _, component := range registration.Components {
		if component.Name != consumer.Component {
			continue
		}
		if component.Owner != "" {
			found.Owners = append(found.Owners, component.Owner)
		}
		if component.Position.File != "" {
			file = component.Position.File
		}
	}
	listed, err := o.codeowners(ctx, repo, registration.DefaultBranch, file)
	found.Unreadable = errors.Is(err, fs.ErrNotExist)
	if err != nil && !found.Unreadable {
		return found, err
	}
	for _, owner := range listed {
		if !slices.Contains(found.Owners, owner) {
			found.Owners = append(found.Owners, owner)
		}
	}
	if len(found.Owners) == 0 && !found.Unreadable {
		found.by, err = o.deps.People.Maintains(ctx, repo, login)
		return found, err
	}
	for _, owner := range found.Owners {
		is, err := o.is(ctx, repo, owner, login)
		switch {
		case errors.Is(err, ErrMayNotAsk):
			found.Unasked = true
		case err != nil:
			return found, err
		case is:
			found.by = true
			return found, nil
		}
	}
	return found, nil
}

// codeowners reads the owners of a file on the default branch as it is now; the error
// wraps fs.ErrNotExist where the repository can't be read.
func (o *Owners) codeowners(ctx context.Context, repo contracts.RepositoryRef, branch, file string) ([]string, error) {
	if file == "" {
		return nil, nil
	}
	head, err := o.deps.Branches.Head(ctx, repo, branch)
	if err != nil {
		return nil, fmt.Errorf("read the head of %s: %w", repo.FullName(), err)
	}
	tree, err := o.deps.Trees.Tree(ctx, repo, head.Tree)
	if err != nil {
		return nil, fmt.Errorf("read the tree of %s: %w", repo.FullName(), err)
	}
	return evidence.FileOwners(ctx, tree, file)
}

// is reports whether a person is an owner as written: @user, or @account/team if the
// account is the repository's. Other forms, such as an e-mail address, match nobody.
func (o *Owners) is(ctx context.Context, repo contracts.RepositoryRef, owner, login string) (bool, error) {
	name, ok := strings.CutPrefix(owner, "@")
	if !ok {
		return false, nil
	}
	account, _, team := strings.Cut(name, "/")
	if !team {
		return strings.EqualFold(name, login), nil
	}
	if !strings.EqualFold(account, repo.Owner) {
		return false, nil
	}
	return o.deps.People.InTeam(ctx, repo.Installation, name, login)
}
