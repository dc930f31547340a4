package gate

import (
	"encoding/json"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

// Asked is a deployment protection rule that asked, and the progress of its answer. A
// workflow run asks once for each environment; when it is run again, it asks again for
// another deployment.
type Asked struct {
	Run int64 `json:"-"`
	// Environment by GitHub's name.
	Environment string    `json:"-"`
	Deployment  int64     `json:"-"`
	Asked       time.Time `json:"-"`
	// Commit that is to be deployed; empty: not known.
	Commit string `json:"commit,omitempty"`
	// Answered is when GitHub accepted the answer or did not need it any more; zero: it
	// still waits.
	Answered time.Time `json:"-"`

	// Reports counts the reports that were sent; LastReport is the last one.
	Reports    int    `json:"reports,omitempty"`
	LastReport string `json:"last_report,omitempty"`
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

// Override lets a commit pass a gate. It overrides one verdict to roll back, or one reason of a
// gate about one commit: the next verdict, and other reasons, hold the commit again.
type Override struct {
	// Of is what is overridden: the id of a verification, or what [Reason.ID] returns.
	Of     string
	Login  string
	Reason string
	// Number is the pull request with the command, Source names the command.
	Number int
	Source string
	At     time.Time
}

// UnmarshalJSON reads what was stored, also by versions that called the last report what
// was said.
func (a *Asked) UnmarshalJSON(data []byte) error {
	type current Asked
	stored := struct {
		*current
		Said string `json:"said"`
	}{current: (*current)(a)}
	if err := json.Unmarshal(data, &stored); err != nil {
		return err
	}
	if stored.Said != "" {
		a.LastReport = stored.Said
	}
	return nil
}

// UnmarshalJSON reads what was stored, also by versions that called the target a place, and
// the reasons of can-i-deploy what it said.
func (r *Reason) UnmarshalJSON(data []byte) error {
	type current Reason
	stored := struct {
		*current
		Place *deploy.Target           `json:"place"`
		Said  []contracts.AnswerReason `json:"said"`
	}{current: (*current)(r)}
	if err := json.Unmarshal(data, &stored); err != nil {
		return err
	}
	if stored.Place != nil {
		r.Target = *stored.Place
	}
	if stored.Said != nil {
		r.CanDeploy = stored.Said
	}
	return nil
}
