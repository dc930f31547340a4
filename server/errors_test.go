package server

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"plimsoll/server/github"
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
