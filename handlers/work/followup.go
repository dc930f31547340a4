package work

// FollowUp is a stored change whose consequences have not been queued yet: pull requests to
// evaluate again, an entry of the ledger, a deployment to watch. The store writes it in the
// transaction of the change, so that a later job of the subject finds it if this one fails.
type FollowUp struct {
	Installation, Repository int64
	// Subject of the repository that changed.
	Subject string
	// Open is false if nothing changed and nothing was left to do.
	Open bool
	// Resumed is true where an earlier attempt left it open, so that the state before
	// its change is not known any more.
	Resumed bool
	// ID and Changes distinguish it from later ones of the same subject.
	ID      string
	Changes int64
}
