package server

import (
	"plimsoll/handlers/answers"
	"plimsoll/handlers/commands"
	"plimsoll/handlers/gates"
	"plimsoll/handlers/publication"
	"plimsoll/handlers/pulls"
	"plimsoll/handlers/registry"
	"plimsoll/handlers/rollback"
	"plimsoll/handlers/source"
	"plimsoll/handlers/tracker"
	"plimsoll/handlers/verification"
	"plimsoll/server/evidence"
	"plimsoll/server/store"
)

// What the handlers need of the store.
var (
	_ answers.Agreements        = (*store.Store)(nil)
	_ commands.Acknowledgements = (*store.Store)(nil)
	_ evidence.Store            = (*store.Store)(nil)
	_ gates.AskedGates          = (*store.Store)(nil)
	_ gates.History             = (*store.Store)(nil)
	_ gates.Overrides           = (*store.Store)(nil)
	_ pulls.Verdicts            = (*store.Store)(nil)
	_ publication.Store         = (*store.Store)(nil)
	_ pulls.PullStates          = (*store.Store)(nil)
	_ registry.Accounts         = (*store.Store)(nil)
	_ registry.Topics           = (*store.Store)(nil)
	_ rollback.Remedies         = (*store.Store)(nil)
	_ source.Providers          = (*store.Store)(nil)
	_ tracker.Versions          = (*store.Store)(nil)
	_ verification.Courses      = (*store.Store)(nil)
)
