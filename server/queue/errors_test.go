package queue

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

type limited struct{ until time.Time }

func (l limited) Error() string          { return "rate limited" }
func (l limited) SnoozeUntil() time.Time { return l.until }

type forbidden struct{}

func (forbidden) Error() string   { return "forbidden" }
func (forbidden) Permanent() bool { return true }

func TestClassesOfErrors(t *testing.T) {
	until := time.UnixMilli(1_700_000_100_000)
	for _, c := range []struct {
		name string
		err  error
		want class
	}{
		{"plain", errors.New("x"), classRetry},
		{"snooze", fmt.Errorf("judge: %w", Snooze{Until: until}), classSnooze},
		{"pointer", &Snooze{Until: until}, classSnooze},
		{"by method", fmt.Errorf("judge: %w", limited{until}), classSnooze},
		{"by method, without a time", limited{}, classRetry},
		{"permanent", fmt.Errorf("judge: %w", Permanent(errors.New("x"))), classPermanent},
		{"permanent by method", errors.Join(errors.New("a"), forbidden{}), classPermanent},
		{"shared", fmt.Errorf("judge: %w", Shared(errors.New("x"))), classShared},
		{"shared and permanent", Permanent(Shared(errors.New("x"))), classPermanent},
	} {
		if got, _ := classify(c.err); got != c.want {
			t.Errorf("%s: class %d, want %d", c.name, got, c.want)
		}
	}
	if Permanent(nil) != nil || Shared(nil) != nil {
		t.Error("no error is marked as one")
	}
}
