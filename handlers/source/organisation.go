package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/rs/zerolog"

	"plimsoll/config"
	"plimsoll/contracts"
)

// OrganisationRepository is where an account says what holds for all of its
// repositories: defaults, and a policy that they may tighten and never loosen.
const OrganisationRepository = ".github"

// RepositoryNames finds repositories by their names.
type RepositoryNames interface {
	// RepositoryNamed returns an error that wraps io/fs.ErrNotExist for one that is not known.
	RepositoryNamed(ctx context.Context, installation int64, owner, name string) (contracts.RepositoryRef, error)
}

// Organisations reads the file that holds for all repositories of an account.
type Organisations struct {
	accounts RepositoryNames
	registry contracts.Registry
	trees    Trees
}

// NewOrganisations returns a reader of the files of organisations.
func NewOrganisations(accounts RepositoryNames, registry contracts.Registry, trees Trees) (*Organisations, error) {
	if accounts == nil || registry == nil || trees == nil {
		return nil, errors.New("make the reader of organisations: it needs accounts, a registry and trees")
	}
	return &Organisations{accounts, registry, trees}, nil
}

// File returns the organisation's file as the registry knows it; nil if there is none. If
// the file is broken, its last good version counts.
func (o *Organisations) File(ctx context.Context, repo contracts.RepositoryRef) (*config.Repository, error) {
	if repo.Name == OrganisationRepository {
		return nil, nil // it is read as what it is itself
	}
	home, err := o.accounts.RepositoryNamed(ctx, repo.Installation, repo.Owner, OrganisationRepository)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	registration, err := o.registry.Registration(ctx, home.Installation, home.ID)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return o.Registered(ctx, registration)
}

// Registered returns the file of a repository as the registry knows it; nil if it never had
// a good one. If the file is broken, its last good version counts.
func (o *Organisations) Registered(ctx context.Context, registration contracts.Registration) (*config.Repository, error) {
	if registration.File == "" {
		return nil, nil
	}
	home := registration.Repository
	known := []contracts.File{{Path: registration.File, SHA: registration.FileSHA}}
	if registration.Broken {
		known = nil // the registry knows the broken file's content; the commit is the last good one
	}
	data, err := o.trees.KnownTree(home, registration.Commit, known).ReadFile(ctx, registration.File)
	if err != nil {
		return nil, fmt.Errorf("read %s of %s: %w", registration.File, home.FullName(), err)
	}
	file, err := config.ParseRepository(registration.File, data)
	if err != nil {
		// It never was good: nothing to fall back on. Its own pull requests say so.
		zerolog.Ctx(ctx).Warn().Err(err).Str("repository", home.FullName()).Msg("the registered file can't be used")
		return nil, nil
	}
	return file, nil
}

// Declared returns what the default branch declares, with the organisation's file under
// it, as the registry knows both. It is never nil.
func (o *Organisations) Declared(ctx context.Context, registration contracts.Registration) (*config.Repository, error) {
	organisation, err := o.File(ctx, registration.Repository)
	if err != nil {
		return nil, err
	}
	file, err := o.Registered(ctx, registration)
	if err != nil || file == nil {
		return &config.Repository{}, err
	}
	return Merged(file, organisation, registration.Repository.Name), nil
}
