package work

// FollowUp is a stored change whose consequences have not been asked for yet: pull
// requests to evaluate again, an entry of the ledger, a deployment to watch. The store
// writes it in the transaction of the change, so that any later job of the subject finds
// it when this one breaks off.
type FollowUp struct {
	Installation, Repository int64
	// Subject of the repository that changed.
	Subject string
	// Open is false where nothing changed and nothing was left to do.
	Open bool
	// Resumed is true where an earlier attempt left it open, so that the state before
	// its change is not known any more.
	Resumed bool
	// ID and Changes distinguish it from later ones of the same subject.
	ID      string
	Changes int64
}
