package store

import (
	"context"
	"fmt"

	"plimsoll/contracts"
)

// fewContents is how many contents are fetched one by one rather than with all others.
const fewContents = 8

// decode makes consumers of the rows. Of the contents only those are fetched that are
// not kept.
func (l *consumerList) decode(ctx context.Context) error {
	l.consumers = make([]contracts.Consumer, len(l.rows))
	missing := map[string]contracts.Usage{}
	for i, row := range l.rows {
		l.consumers[i] = l.consumer(row)
		usage, ok := l.store.usages.known(row.Content)
		if !ok {
			missing[row.Content] = usage
		}
		l.consumers[i].Usage = usage
	}
	if len(missing) == 0 {
		return nil
	}
	if err := l.fetch(ctx, missing); err != nil {
		return err
	}
	for i, row := range l.rows {
		if usage, ok := missing[row.Content]; ok {
			l.consumers[i].Usage = usage
		}
	}
	return nil
}

// fetch reads the usages of contents.
func (l *consumerList) fetch(ctx context.Context, missing map[string]contracts.Usage) (err error) {
	found := map[string]string{}
	if len(missing) > fewContents {
		rows, err := l.q.ListUsedContents(ctx, l.api.Repository.Installation, Clean(l.api.Name))
		if err != nil {
			return err
		}
		for _, row := range rows {
			found[row.Sha] = row.Body
		}
	}
	for content := range missing {
		body, ok := found[content]
		if !ok {
			if body, err = l.q.GetContent(ctx, l.api.Repository.Installation, content); err != nil {
				return fmt.Errorf("get the use %s: %w", content, err)
			}
		}
		if missing[content], err = l.store.usages.of(content, body); err != nil {
			return fmt.Errorf("decode the use %s: %w", content, err)
		}
	}
	return nil
}

// consumer is one version, without its usage.
func (l *consumerList) consumer(row *consumerRow) contracts.Consumer {
	c := contracts.Consumer{
		Component: row.Component, Owner: row.ComponentOwner, Commit: row.commit, Content: row.Content,
		Repository: contracts.RepositoryRef{
			Installation: l.api.Repository.Installation, ID: row.Repository,
			Owner: row.in.Owner, Name: row.in.Name, Private: row.in.Private,
		},
		Environment: row.Environment, Instance: row.Instance, Release: row.Tag, Production: row.Production, Rolling: row.Rolling,
		Runs:    row.CommitSha != "" || l.running[runningKey{row.Repository, row.Component}],
		Written: l.baselines[baselineKey{row.Repository, row.Component, row.ApiOwnerRepo, row.Content}],
		Stale:   l.stale(row),
	}
	if row.undeclared {
		c.Deployed = row.CommitSha
	}
	return c
}
