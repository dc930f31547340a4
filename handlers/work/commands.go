package work

import (
	"strings"

	"plimsoll/contracts"
)

// CommandsArgs are the arguments of KindCommands.
type CommandsArgs struct {
	Repository contracts.RepositoryRef `json:"repository"`
	Number     int                     `json:"number"`
	Comment    int64                   `json:"comment"`
	Commands   []Command               `json:"commands"`
}

// Command is one command as it was given.
type Command struct {
	Repository contracts.RepositoryRef `json:"repository"`
	Number     int                     `json:"number"`
	// Login of who gives it, and of who opened the pull request; an empty Author: unknown.
	Login  string `json:"login"`
	Author string `json:"author,omitempty"`
	// Source names where it was given, the same however often it arrives:
	// "comment/12", or "press/" and the delivery.
	Source string `json:"source"`
	// Name of the command in lower case; Rest is the text after it, Line the whole line.
	Name string `json:"name"`
	Rest string `json:"rest,omitempty"`
	Line string `json:"line"`
}

// Press is a button that a person pressed.
type Press struct {
	Repository contracts.RepositoryRef
	Number     int
	Login      string
	Identifier string
	CheckRun   int64
	// Name of the check run.
	Name     string
	Delivery string
	// Verification whose check run it is on; empty: one of a pull request's.
	Verification string
}

// LongestReason bounds what is kept of a reason, in bytes.
const LongestReason = 2000

func Cut(text string, most int) string {
	if len(text) > most {
		text = text[:most]
	}
	return strings.ToValidUTF8(text, "")
}

// Kinds of work that people give.
const (
	// KindCommands carries out the commands of one comment: CommandsArgs. It is a kind of
	// its own for each comment ("commands/12"), so that none replaces another.
	KindCommands = "commands"
)
