package queue

import (
	"errors"
	"fmt"
	"time"
)

// Scope is how much sleeps with a snooze.
type Scope int

// The scopes of a snooze.
const (
	// Installation: no job of the installation is started until then.
	Installation Scope = iota
	// ThisJob: only the job itself waits.
	ThisJob
)

// Snooze is the error of a job that can't go on before a certain time: a rate limit
// ends, or something that is in use may be free. The job is put back and gives up its
// worker; it is not counted as a failure.
//
// Packages that must not import this one can give an error with a method
// SnoozeUntil() time.Time instead; it means a Snooze of the installation.
type Snooze struct {
	Until time.Time
	// For is how long, by the database's clock, where Until is not set.
	For    time.Duration
	Scope  Scope
	Reason error
}

func (s Snooze) Error() string {
	text := "snoozed until " + s.Until.UTC().Format(time.RFC3339)
	if s.Until.IsZero() {
		text = "snoozed for " + s.For.String()
	}
	if s.Reason != nil {
		text += ": " + s.Reason.Error()
	}
	return text
}

// Unwrap gives the reason.
func (s Snooze) Unwrap() error { return s.Reason }

// Permanent marks an error that another try would only repeat: the job is dead at
// once. Packages that must not import this one can give an error with a method
// Permanent() bool instead.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanentError{err}
}

type permanentError struct{ err error }

func (e permanentError) Error() string   { return e.err.Error() }
func (e permanentError) Unwrap() error   { return e.err }
func (e permanentError) Permanent() bool { return true }

// Shared marks an error that is likely not the subject's own: GitHub or the database does
// not answer, or a token is refused. Where other subjects of the installation meet it too,
// it is not counted as a failure, and the installation is paused; else it is tried again
// as any other error.
func Shared(err error) error {
	if err == nil {
		return nil
	}
	return sharedError{err}
}

type sharedError struct{ err error }

func (e sharedError) Error() string { return e.err.Error() }
func (e sharedError) Unwrap() error { return e.err }

// Reasons why a job's context ended before the job did.
var (
	// ErrLeaseLost: the lease ran out, another worker may be at it.
	ErrLeaseLost = errors.New("the lease of the job ran out")
	// ErrShutdown: the process ends, the job is given back.
	ErrShutdown = errors.New("the process shuts down")
	// ErrTimeout: the job took longer than Config.Timeout.
	ErrTimeout = errors.New("the job took too long")
)

// PanicError is the error of a job whose function panicked.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// class of a job's error.
type class int

const (
	classRetry class = iota
	classSnooze
	classPermanent
	classShared
)

// classify finds the class of an error and, for a snooze, what it says.
func classify(err error) (class, Snooze) {
	if snooze, ok := errors.AsType[Snooze](err); ok {
		return classSnooze, snooze
	}
	if snooze, ok := errors.AsType[*Snooze](err); ok {
		return classSnooze, *snooze
	}
	type snoozer interface {
		error
		SnoozeUntil() time.Time
	}
	if s, ok := errors.AsType[snoozer](err); ok && !s.SnoozeUntil().IsZero() {
		return classSnooze, Snooze{Until: s.SnoozeUntil(), Scope: Installation, Reason: err}
	}
	type permanent interface {
		error
		Permanent() bool
	}
	if p, ok := errors.AsType[permanent](err); ok && p.Permanent() {
		return classPermanent, Snooze{}
	}
	if _, ok := errors.AsType[sharedError](err); ok {
		return classShared, Snooze{}
	}
	return classRetry, Snooze{}
}
