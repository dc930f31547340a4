package gate

import "time"

// AskedGate is a deployment protection rule that has asked, and how far the answer has
// come. A run of a workflow asks once for each environment; run again, it asks anew by
// another deployment.
type Asked struct {
	Run int64 `json:"-"`
	// Environment as GitHub calls it.
	Environment string    `json:"-"`
	Deployment  int64     `json:"-"`
	Asked       time.Time `json:"-"`
	// Answered is when GitHub had the answer, or wanted none any more; zero: it waits.
	Answered time.Time `json:"-"`

	// Reports were sent, Said is the last one.
	Reports int    `json:"reports,omitempty"`
	Said    string `json:"said,omitempty"`
	// Trouble: the last report says that it can't be answered.
	Trouble bool `json:"trouble,omitempty"`
	// Decision is kept before it is sent: an answer of GitHub's that is lost does not
	// tell whether the decision has arrived.
	Decision *Decision `json:"decision,omitempty"`
}

// GateDecision is an answer that is no hold.
type Decision struct {
	State   State    `json:"state"`
	Reasons []Reason `json:"reasons"`
	// Commit and Creator of the deployment; empty: it is not known whose it is.
	Commit  string    `json:"commit,omitempty"`
	Creator string    `json:"creator,omitempty"`
	At      time.Time `json:"at"`
}

// Override is somebody's word that a commit may go again where it was to be rolled back.
// It is about one verdict: the next one to roll back holds the commit again.
type Override struct {
	// Verification whose verdict is overridden, by its id.
	Verification string
	Login        string
	Reason       string
	// Number of the pull request that it was given on, Source the command.
	Number int
	Source string
	At     time.Time
}
