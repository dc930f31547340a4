package server

import (
	"context"
	"fmt"
	"strings"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/handlers/commands"
	"plimsoll/server/github"
	"plimsoll/server/store"
)

var (
	_ commands.Acknowledgements = storeAdapter{}
	_ commands.People           = githubAdapter{}
	_ commands.Reactor          = githubAdapter{}
)

// PutAcknowledgements remembers who agreed to what.
func (m storeAdapter) PutAcknowledgements(ctx context.Context, provider contracts.RepositoryRef, words ...contracttext.Acknowledgement) error {
	rows := make([]store.Acknowledgement, len(words))
	for i, w := range words {
		rows[i] = store.Acknowledgement{
			Fingerprint: w.Fingerprint, Repository: w.Repository, Component: w.Component, Override: w.Override,
			Login: w.Login, Reason: w.Reason, Until: w.Until, Provider: provider.ID, Number: w.Number,
		}
	}
	return m.Store.PutAcknowledgements(ctx, provider.Installation, rows...)
}

// Acknowledgements recalls them.
func (m storeAdapter) Acknowledgements(ctx context.Context, provider contracts.RepositoryRef) ([]contracttext.Acknowledgement, error) {
	rows, err := m.Store.Acknowledgements(ctx, provider.Installation, provider.ID)
	words := make([]contracttext.Acknowledgement, len(rows))
	for i, r := range rows {
		words[i] = contracttext.Acknowledgement{
			Fingerprint: r.Fingerprint, Repository: r.Repository, Component: r.Component, Override: r.Override,
			Login: r.Login, Reason: r.Reason, Until: r.Until, Number: r.Number, At: r.At,
		}
	}
	return words, err
}

// InTeam tells whether somebody is in a team.
func (h githubAdapter) InTeam(ctx context.Context, installation int64, team, login string) (bool, error) {
	account, slug, _ := strings.Cut(team, "/")
	in, err := h.Clients.InTeam(ctx, installation, account, slug, login)
	if github.Classify(err) == github.ClassPermission {
		err = fmt.Errorf("%w: %w", commands.ErrMayNotAsk, err)
	}
	return in, err
}

// Maintains tells whether somebody may maintain a repository. Whoever GitHub does not
// know there may not.
func (h githubAdapter) Maintains(ctx context.Context, repo contracts.RepositoryRef, login string) (bool, error) {
	permission, err := h.CollaboratorPermission(ctx, repo, login)
	if github.Classify(err) == github.ClassNotFound {
		return false, nil
	}
	return permission.Legacy == "admin" || permission.Role == "admin" || permission.Role == "maintain", err
}
