package gate

import "time"

// Asked is a deployment protection rule that asked, and the progress of its answer. A
// workflow run asks once for each environment; when it is run again, it asks again for
// another deployment.
type Asked struct {
	Run int64 `json:"-"`
	// Environment by GitHub's name.
	Environment string    `json:"-"`
	Deployment  int64     `json:"-"`
	Asked       time.Time `json:"-"`
	// Answered is when GitHub accepted the answer or did not need it any more; zero: it
	// still waits.
	Answered time.Time `json:"-"`

	// Reports counts the reports that were sent; Said is the last one.
	Reports    int    `json:"reports,omitempty"`
	LastReport string `json:"said,omitempty"`
	// Trouble: the last report says that the gate can't be answered.
	Trouble bool `json:"trouble,omitempty"`
	// Decision is stored before it is sent, because a lost response of GitHub does not say
	// whether the decision arrived.
	Decision *Decision `json:"decision,omitempty"`
}

// Decision is a final answer: approved or rejected.
type Decision struct {
	State   State    `json:"state"`
	Reasons []Reason `json:"reasons"`
	// Commit and Creator of the deployment; empty: unknown.
	Commit  string    `json:"commit,omitempty"`
	Creator string    `json:"creator,omitempty"`
	At      time.Time `json:"at"`
}

// Override lets a commit be deployed again although its last verdict was to roll back. It
// overrides one verdict: the next verdict to roll back holds the commit again.
type Override struct {
	// Verification is the id of the verification whose verdict is overridden.
	Verification string
	Login        string
	Reason       string
	// Number is the pull request with the command, Source names the command.
	Number int
	Source string
	At     time.Time
}
