package inventory

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/server/store"
	"plimsoll/server/store/sqlc"
)

// Bounds of what is read.
const (
	attentionDays  = 14
	mostRuns       = 2000
	mostUnreadable = 2000
	// mostMissing is how many contents are fetched one by one instead of all at once.
	mostMissing = 50
)

// Reader reads inventories. What it has decoded is kept by its content, so that reading again
// costs little.
type Reader struct {
	store *store.Store
	// declared are the components of registrations by the name of their content, conclusions
	// those of verdicts by their digest. Only the newest reading's are kept.
	declared    map[string][]contracts.Component
	conclusions map[string]checks.Conclusion
}

// NewReader returns a reader.
func NewReader(from *store.Store) (*Reader, error) {
	if from == nil {
		return nil, errors.New("make the reader of the inventory: it needs a store")
	}
	return &Reader{store: from, declared: map[string][]contracts.Component{}, conclusions: map[string]checks.Conclusion{}}, nil
}

// Read reads the inventory. It must not be called at the same time as itself.
func (r *Reader) Read(ctx context.Context) (*Inventory, error) {
	now, err := r.store.Now(ctx)
	if err != nil {
		return nil, err
	}
	i := &Inventory{At: now, Repositories: map[int64]*Repository{}, byName: map[string]*Repository{}}
	for _, step := range []func(context.Context, *Inventory) error{r.repositories, r.registrations, r.links, r.pulls, r.runs, r.failures} {
		if err := step(ctx, i); err != nil {
			return nil, fmt.Errorf("read the inventory: %w", err)
		}
	}
	i.sort()
	return i, nil
}

func (r *Reader) repositories(ctx context.Context, i *Inventory) error {
	rows, err := r.store.Read().ListShownRepositories(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		one := &Repository{
			RepositoryRef: contracts.RepositoryRef{Installation: row.Installation, ID: row.ID, Owner: row.Owner, Name: row.Name, Private: row.Private, Internal: row.Internal},
			DefaultBranch: row.DefaultBranch, Archived: row.Archived,
		}
		i.Repositories[row.ID] = one
		i.byName[strings.ToLower(row.Owner+"/"+row.Name)] = one
	}
	return nil
}

// of returns a repository as its installation knows it: one that was transferred is another
// account's now.
func (i *Inventory) of(installation, id int64) (*Repository, bool) {
	repo, ok := i.Repositories[id]
	return repo, ok && repo.Installation == installation
}

func (r *Reader) registrations(ctx context.Context, i *Inventory) error {
	rows, err := r.store.Read().ListRegistrations(ctx)
	if err != nil {
		return err
	}
	declared, err := r.decode(ctx, rows)
	if err != nil {
		return err
	}
	for _, row := range rows {
		repo, ok := i.of(row.Installation, row.Repository)
		if !ok {
			continue
		}
		repo.Read = true
		repo.Enrolled, repo.Broken, repo.Commit, repo.File = row.Enrolled, row.Broken, row.CommitGood, row.File
		if row.Problems != "" && row.Problems != "null" {
			if err := json.Unmarshal([]byte(row.Problems), &repo.Problems); err != nil {
				return fmt.Errorf("decode the problems of %s: %w", repo.FullName(), err)
			}
		}
		for _, component := range declared[row.Content] {
			one := &Component{Repository: repo, Component: component}
			for k := range component.Provides {
				one.Provides = append(one.Provides, &API{Provider: one, Provided: component.Provides[k]})
			}
			for _, use := range component.Consumes {
				one.Uses = append(one.Uses, &Use{Consumer: one, Written: use.API})
			}
			repo.Components = append(repo.Components, one)
			i.Components = append(i.Components, one)
			i.APIs = append(i.APIs, one.Provides...)
		}
	}
	return nil
}

// decode returns the components of registrations by their content, and keeps them for the
// next time.
func (r *Reader) decode(ctx context.Context, rows []sqlc.ListRegistrationsRow) (map[string][]contracts.Component, error) {
	kept := make(map[string][]contracts.Component, len(rows))
	in := map[string]int64{}
	for _, row := range rows {
		if known, ok := r.declared[row.Content]; ok {
			kept[row.Content] = known
		} else if row.Content != "" {
			in[row.Content] = row.Installation
		}
	}
	keep := func(sha, body string) (err error) {
		kept[sha], err = store.Declared(body)
		return err
	}
	if len(in) > mostMissing {
		all, err := r.store.Read().ListContentsOfRegistrations(ctx)
		if err != nil {
			return nil, err
		}
		for _, row := range all {
			if _, missing := in[row.Sha]; !missing {
				continue
			}
			if err := keep(row.Sha, row.Body); err != nil {
				return nil, err
			}
			delete(in, row.Sha)
		}
	}
	for sha, installation := range in {
		body, err := r.store.Read().GetContent(ctx, installation, sha)
		if store.Missing(err) {
			continue // replaced meanwhile
		}
		if err == nil {
			err = keep(sha, body)
		}
		if err != nil {
			return nil, err
		}
	}
	r.declared = kept
	return kept, nil
}

// links finds who uses what.
func (r *Reader) links(ctx context.Context, i *Inventory) error {
	claims, err := r.store.Read().ListClaims(ctx)
	if err != nil {
		return err
	}
	names, err := r.store.Read().ListNames(ctx)
	if err != nil {
		return err
	}
	joined, err := r.store.JoinedBy(ctx)
	if err != nil {
		return err
	}
	for _, claim := range claims {
		if repo, ok := i.of(claim.Installation, claim.Repository); ok {
			if api, ok := repo.API(claim.Api); ok && api.since == 0 {
				api.since, api.position = claim.Since, int(claim.Position)
			}
		}
	}
	ordered := slices.Clone(i.APIs)
	slices.SortFunc(ordered, func(a, b *API) int {
		return cmp.Or(cmp.Compare(a.since, b.since), cmp.Compare(a.Provider.Repository.ID, b.Provider.Repository.ID), cmp.Compare(a.position, b.position))
	})
	l := newLinker(joined, names)
	for _, api := range ordered {
		l.add(api)
	}
	for _, component := range i.Components {
		for _, use := range component.Uses {
			l.link(use)
		}
	}
	return nil
}

// pulls finds the open pull requests that fail a check.
func (r *Reader) pulls(ctx context.Context, i *Inventory) error {
	rows, err := r.store.Read().ListVerdicts(ctx)
	if err != nil {
		return err
	}
	kept := make(map[string]checks.Conclusion, len(rows))
	for _, row := range rows {
		repo, ok := i.of(row.Installation, row.Repository)
		number, err := strconv.Atoi(strings.TrimPrefix(row.Subject, "pull/"))
		if !ok || err != nil || !strings.HasPrefix(row.Subject, "pull/") {
			continue
		}
		conclusion, known := r.conclusions[row.Digest]
		if !known {
			if conclusion, err = r.conclusion(ctx, repo.RepositoryRef, row.Subject, row.Name); err != nil {
				return err
			}
		}
		kept[row.Digest] = conclusion
		if conclusion != checks.Failure && conclusion != checks.ActionRequired {
			continue
		}
		pull := Pull{Repository: repo, Number: number, Check: row.Name, Since: time.UnixMilli(row.UpdatedAt).UTC()}
		if checks.CheckOf(row.Name) == checks.ContractsRun {
			state, err := r.store.PullState(ctx, repo.RepositoryRef, number)
			if err != nil {
				return err
			}
			for _, blocked := range state.Blocked {
				one := Blocked{blocked.Repository.ID, blocked.Component}
				if !slices.Contains(pull.Blocked, one) {
					pull.Blocked = append(pull.Blocked, one)
				}
			}
		}
		i.Pulls = append(i.Pulls, pull)
	}
	r.conclusions = kept
	slices.SortFunc(i.Pulls, func(a, b Pull) int { return cmp.Or(b.Since.Compare(a.Since), cmp.Compare(b.Number, a.Number)) })
	return nil
}

// conclusion reads the conclusion of a verdict; it is empty if it is there no more.
func (r *Reader) conclusion(ctx context.Context, repo contracts.RepositoryRef, subject, name string) (checks.Conclusion, error) {
	p, ok, err := r.store.Publication(ctx, repo, subject, checks.PublishedVerdict, name)
	if err != nil || !ok {
		return "", err
	}
	var run struct{ Conclusion checks.Conclusion }
	if err := json.Unmarshal(p.Content, &run); err != nil {
		return "", fmt.Errorf("decode the verdict %s on %s of %s: %w", name, subject, repo.FullName(), err)
	}
	return run.Conclusion, nil
}

func (r *Reader) runs(ctx context.Context, i *Inventory) error {
	rows, err := r.store.Read().ListUnsettledVerifications(ctx, i.At.AddDate(0, 0, -attentionDays).UnixMilli(), mostRuns)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if repo, ok := i.of(row.Installation, row.Repository); ok {
			i.Runs = append(i.Runs, Run{
				Repository: repo, ID: row.ID, Deployment: row.Deployment, Component: row.Component, Environment: row.Environment, Instance: row.Instance,
				Commit: row.CommitSha, Answer: row.Answer, Began: time.UnixMilli(row.BeganAt).UTC(), Ended: time.UnixMilli(row.EndedAt).UTC(),
			})
		}
	}
	return nil
}

func (r *Reader) failures(ctx context.Context, i *Inventory) error {
	rows, err := r.store.Read().ListFailedDeployments(ctx, i.At.AddDate(0, 0, -attentionDays).UnixMilli(), mostRuns)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if repo, ok := i.of(row.Installation, row.Repository); ok {
			i.Failures = append(i.Failures, Failure{
				Repository: repo, Deployment: row.ID, Component: row.Component, Environment: row.Environment, Instance: row.Instance, Commit: row.CommitSha,
				State: row.State, Creator: row.Creator, Production: row.Production, At: time.UnixMilli(row.StateAt).UTC(),
			})
		}
	}
	failed, err := r.store.Read().ListFailedReadings(ctx, mostUnreadable)
	if err != nil {
		return err
	}
	for _, row := range failed {
		if repo, ok := i.of(row.Installation, row.Repository); ok {
			i.Unreadable = append(i.Unreadable, Unreadable{Repository: repo, Reason: row.Reason, Since: time.UnixMilli(row.Since).UTC()})
		}
	}
	return nil
}
