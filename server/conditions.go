package server

import (
	"context"
	"time"

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
		scan, err := s.store.Scan(ctx, installation.ID)
		if err != nil {
			return nil, err
		}
		if c.Reading = readingOf(scan); c.Paused != nil || c.Lacking != nil || c.Reading != nil || installation.State != store.Active {
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
