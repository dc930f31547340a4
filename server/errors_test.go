package server

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"plimsoll/server/github"
	"plimsoll/server/probe"
	"plimsoll/server/queue"
)

func TestFinal(t *testing.T) {
	failure := func(class github.Class, token bool) error {
		return fmt.Errorf("read something: %w", &github.Error{Class: class, Token: token})
	}
	tests := []struct {
		name    string
		err     error
		attempt int
		want    bool
	}{
		{"a permission", failure(github.ClassPermission, false), 1, true},
		{"suspended", failure(github.ClassSuspended, true), 1, true},
		{"archived", failure(github.ClassArchived, false), 1, true},
		{"a server's fault", failure(github.ClassRetry, false), 9, false},
		{"not found right after the event", failure(github.ClassNotFound, false), notFoundAttempts - 1, false},
		{"not found for long", failure(github.ClassNotFound, false), notFoundAttempts, true},
		{"no token for an installation that is gone", failure(github.ClassNotFound, true), 1, true},
		{"given up by the caller", context.Canceled, 1, false},
		{"joined with another", errors.Join(failure(github.ClassPermission, false), errors.New("and more")), 1, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := final(test.err, queue.Job{Attempt: test.attempt}); got != test.want {
				t.Errorf("final is %v, expected %v", got, test.want)
			}
		})
	}
}

func TestClassed(t *testing.T) {
	failure := func(status int) error {
		return fmt.Errorf("read something: %w", &github.Error{Class: github.ClassRetry, Status: status})
	}
	tests := []struct {
		name string
		err  error
		want error
	}{
		{"GitHub is down", failure(502), queue.Shared(failure(502))},
		{"GitHub refuses the token", failure(401), queue.Shared(failure(401))},
		{"GitHub does not answer", failure(0), queue.Shared(failure(0))},
		{"somebody else moves the reference", failure(409), failure(409)},
		{"a host is being probed", fmt.Errorf("observe: %w", probe.ErrBusy), queue.Snooze{For: busyPause, Scope: queue.ThisJob, Reason: fmt.Errorf("observe: %w", probe.ErrBusy)}},
		{"a fault of ours", errors.New("index out of range"), errors.New("index out of range")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := classed(test.err, queue.Job{Attempt: 1}); fmt.Sprintf("%T %v", got, got) != fmt.Sprintf("%T %v", test.want, test.want) {
				t.Errorf("%T %v, expected %T %v", got, got, test.want, test.want)
			}
		})
	}
}
