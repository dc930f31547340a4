package server

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/handlers/source"
	"plimsoll/server/queue"
	"plimsoll/server/store"
)

// condition is what operators should know of an installation.
type condition struct {
	Installation int64  `json:"installation"`
	Account      string `json:"account,omitempty"`
	State        string `json:"state,omitempty"`
	// Paused: no job of it begins.
	Paused *pausedCondition `json:"paused,omitempty"`
	// Lacking is what the account has not granted, with the page on which to accept it.
	Lacking *source.Lacking `json:"lacking,omitempty"`
	// Missing are the accounts that the operator has joined with it and that can't be read:
	// until they can, nothing is safe to change.
	Missing []string `json:"missing_accounts,omitempty"`
	// Reading is how far its repositories have been read, if that is not all of them.
	Reading *readingCondition `json:"reading,omitempty"`
}

type pausedCondition struct {
	Since  *time.Time `json:"since,omitempty"`
	Until  time.Time  `json:"until"`
	Reason string     `json:"reason"`
}

type readingCondition struct {
	ListComplete bool `json:"list_complete"`
	Repositories int  `json:"repositories"`
	Read         int  `json:"read"`
	Failed       int  `json:"failed"`
	// Unreadable are the first of those that failed.
	Unreadable []unreadableCondition `json:"unreadable,omitempty"`
}

type unreadableCondition struct {
	Repository string    `json:"repository"`
	Reason     string    `json:"reason,omitempty"`
	Since      time.Time `json:"since"`
	Tries      int       `json:"tries"`
}

// otherName is a name of the operator's file that the account which it means has not got any
// more.
type otherName struct {
	Name string `json:"name"`
	// Account is what the account that is meant is called now; empty: it has not got the App.
	Account string `json:"account,omitempty"`
	// TakenBy is the installation of another account that has the name now.
	TakenBy int64 `json:"taken_by,omitempty"`
}

// otherNames lists them, for operators.
func (s *Server) otherNames(ctx context.Context) ([]otherName, error) {
	taken, err := s.store.NamesTaken(ctx)
	names := make([]otherName, len(taken))
	for i, one := range taken {
		names[i] = otherName{one.Name, one.Account, one.By}
	}
	return names, err
}

// warnOfNames says in the log which names of the operator's file have changed hands.
func (s *Server) warnOfNames(ctx context.Context) error {
	names, err := s.otherNames(ctx)
	for _, one := range names {
		zerolog.Ctx(ctx).Warn().Str("name", one.Name).Str("account", one.Account).Int64("taken_by", one.TakenBy).
			Msg("an account in the operator's file was renamed: write its new name in the file, or remove the old one; the account that now has the old name gets no access")
	}
	return err
}

// mostConditions bounds the list.
const mostConditions = 200

// conditions lists the installations of which operators should know something.
func (s *Server) conditions(ctx context.Context) ([]condition, error) {
	installations, err := s.store.Installations(ctx)
	if err != nil {
		return nil, err
	}
	pauses, err := s.queue.Pauses(ctx)
	if err != nil {
		return nil, err
	}
	paused := map[int64]queue.Pause{}
	for _, pause := range pauses {
		paused[pause.Installation] = pause
	}
	all := []condition{}
	for _, installation := range installations {
		if installation.State == store.Removed || len(all) == mostConditions {
			continue
		}
		c := condition{Installation: installation.ID, Account: installation.Account, State: string(installation.State), Lacking: installation.Lacking}
		c.Paused = pausedBy(paused[installation.ID])
		scan, err := s.store.AccountScan(ctx, installation.ID)
		if err != nil {
			return nil, err
		}
		joined, err := s.store.Scan(ctx, installation.ID)
		if err != nil {
			return nil, err
		}
		c.Missing, c.Reading = joined.Missing, readingOf(scan)
		if c.Paused != nil || c.Lacking != nil || c.Missing != nil || c.Reading != nil || installation.State != store.Active {
			all = append(all, c)
		}
	}
	return all, nil
}

func pausedBy(pause queue.Pause) *pausedCondition {
	if pause.Until.IsZero() {
		return nil
	}
	c := &pausedCondition{Until: pause.Until.UTC(), Reason: pause.Reason}
	if !pause.Since.IsZero() {
		since := pause.Since.UTC()
		c.Since = &since
	}
	return c
}

func readingOf(scan source.Scan) *readingCondition {
	if !scan.Running && scan.Failed == 0 {
		return nil
	}
	c := &readingCondition{ListComplete: scan.Complete, Repositories: scan.Total, Read: scan.Done, Failed: scan.Failed}
	for _, one := range scan.Unreadable {
		c.Unreadable = append(c.Unreadable, unreadableCondition{Repository: one.Repository.FullName(), Reason: one.Reason, Since: one.Since, Tries: one.Tries})
	}
	return c
}
