package terminal

import (
	"errors"
	"fmt"
	"strings"
)

// Answer is an error that is no fault: a command's answer was given on standard output
// and is not yes. It sets the exit status and is not printed.
type Answer int

// Exit statuses; they are part of the outside.
const (
	Fine    Answer = 0
	No      Answer = 1
	Bad     Answer = 2 // the input is bad
	Unknown Answer = 3 // can't tell
)

// Error gives the exit status, for logs of tests.
func (a Answer) Error() string { return fmt.Sprintf("exit status %d", int(a)) }

// Err is nil for Fine.
func (a Answer) Err() error {
	if a == Fine {
		return nil
	}
	return a
}

// StatusOf gives the exit status of what a command returns. Everything else is bad
// input or an error.
func StatusOf(err error) Answer {
	if err == nil {
		return Fine
	}
	if a, ok := errors.AsType[Answer](err); ok {
		return a
	}
	return Bad
}

// ErrorText gives the text that reports an error; "" for an answer.
func ErrorText(err error) string {
	if err == nil {
		return ""
	}
	if _, ok := errors.AsType[Answer](err); ok {
		return ""
	}
	return "plimsoll: " + strings.TrimSpace(err.Error())
}
