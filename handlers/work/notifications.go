package work

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"plimsoll/config"
	"plimsoll/contracts"
)

// KindNotify notifies one of the operator's destinations of an event: NotifyArgs. It is a kind
// of its own for each event and destination, so that none replaces another.
const KindNotify = "notify"

// NotifyArgs are the arguments of KindNotify. Addresses and secrets of the destination are
// read from the configuration when a message is sent.
type NotifyArgs struct {
	Repository   contracts.RepositoryRef `json:"repository"`
	Destination  string                  `json:"destination"`
	Notification Notification            `json:"notification"`
}

// Notification is an event of a deployment, for a destination. It names the deployment's own
// repository and no other one: those who read it may not be allowed to know of others.
type Notification struct {
	// ID is the same for every destination and every try.
	ID    string               `json:"id"`
	Event config.NotifiedEvent `json:"event"`
	At    time.Time            `json:"at"`
	// Title says in one line what happened.
	Title       string `json:"title"`
	Repository  string `json:"repository"`
	Component   string `json:"component"`
	Environment string `json:"environment"`
	Instance    string `json:"instance,omitempty"`
	Commit      string `json:"commit"`
	Deployment  int64  `json:"deployment"`
	// Verdict is set for verdicts, Rollback for rollbacks.
	Verdict  string            `json:"verdict,omitempty"`
	Rollback *NotifiedRollback `json:"rollback,omitempty"`
	// URL is the page with the evidence; empty if there is none.
	URL string `json:"url,omitempty"`
}

// NotifiedRollback is how far a rollback has come.
type NotifiedRollback struct {
	// State is proposed, dry-run, refused, performed, failed, lost or ended.
	State    string `json:"state"`
	ToCommit string `json:"to_commit,omitempty"`
	// Outcome is the verdict on the deployment that rolled back.
	Outcome string `json:"outcome,omitempty"`
}

// NotificationID names an event of a verification: the same event has the same id.
func NotificationID(verification, event string) string {
	sum := sha256.Sum256([]byte(event + "\n" + verification))
	return hex.EncodeToString(sum[:16])
}

// NotifyWork is the work of notifying a destination of an event, once.
func NotifyWork(repo contracts.RepositoryRef, destination string, n Notification) Work {
	name := KindNotify + "/" + n.ID + "/" + destination
	return Work{
		Kind: name, Key: KindNotify + "/" + destination, Installation: repo.Installation, Once: name,
		Args: NotifyArgs{Repository: repo, Destination: destination, Notification: n},
	}
}
