// Package jobs has the commands that list the jobs of a database and run dead ones again.
//
// It must not know what the work of a job is.
package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server/queue"
	"plimsoll/server/store"
)

// Command makes the command with those below it.
func Command(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "jobs",
		Short: "List the server's jobs and run dead jobs again",
		Long: `List the jobs in the server's database and run dead jobs again.

A job is dead after an error that can't resolve itself, or after too many failures. Dead
jobs do not run again on their own. Fix the cause, then run "plimsoll jobs retry", or press
"Redeliver" for the delivery in the settings of the GitHub App.

These commands use the database directly. You can run them while the server runs.`,
		Example: `  plimsoll jobs list --config server.yml --state dead
  plimsoll jobs retry --config server.yml --all`,
	}
	cmd.AddCommand(newListCommand(t), newShowCommand(t), newRetryCommand(t))
	return cmd
}

// states are the states of jobs that are listed, those first that need somebody.
var states = []queue.State{queue.Dead, queue.Running, queue.Ready}

// filter holds the flags that pick jobs.
type filter struct {
	installation int64
	kind         string
}

func addFilter(cmd *cobra.Command) *filter {
	var f filter
	cmd.Flags().Int64Var(&f.installation, "installation", queue.AnyInstallation, "only jobs of this installation id")
	cmd.Flags().StringVar(&f.kind, "kind", "", "only jobs of this kind, such as event/pull_request")
	return &f
}

func (f *filter) check(cmd *cobra.Command) error {
	if cmd.Flags().Changed("installation") && f.installation < 0 {
		return fmt.Errorf("--installation %d: expected an installation id", f.installation)
	}
	return nil
}

// of gives the filter for jobs in a state.
func (f *filter) of(state queue.State, most int) queue.Filter {
	return queue.Filter{State: state, Installation: f.installation, Kind: f.kind, Most: most}
}

// queueIn is the queue in an open database; nothing runs it.
func queueIn(from *store.Store) (*queue.Queue, error) { return queue.New(from, queue.Config{}) }

// Job is a job as JSON.
type Job struct {
	ID           string      `json:"id"`
	State        queue.State `json:"state"`
	Installation int64       `json:"installation"`
	// Account that the installation belongs to, where it is known.
	Account string `json:"account,omitempty"`
	Kind    string `json:"kind"`
	// Subject is what the job works on: no two jobs of one subject run at once.
	Subject string `json:"subject,omitempty"`
	// FailedTries that count towards dead.
	FailedTries int       `json:"failed_tries"`
	CreatedAt   time.Time `json:"created_at"`
	// At is when a dead job died, when a ready one is due, and when the lease of a running
	// one ends.
	At    time.Time `json:"at"`
	Error string    `json:"error,omitempty"`
}

func listed(job queue.Job, accounts map[int64]string) Job {
	return Job{
		ID: job.ID, State: job.State, Installation: job.Installation, Account: accounts[job.Installation], Kind: job.Kind, Subject: job.Key,
		FailedTries: job.Attempt - 1, CreatedAt: job.CreatedAt.UTC(), At: job.RunAt.UTC(), Error: job.LastError,
	}
}

// owner names the installation for people.
func (j Job) owner() string {
	if j.Installation == 0 {
		return "-"
	}
	return cmp.Or(j.Account, fmt.Sprint(j.Installation))
}

// accountsOf gives the accounts of the installations that the server knows.
func accountsOf(ctx context.Context, from *store.Store) (map[int64]string, error) {
	installations, err := from.Installations(ctx)
	if err != nil {
		return nil, err
	}
	accounts := map[int64]string{}
	for _, installation := range installations {
		accounts[installation.ID] = installation.Account
	}
	return accounts, nil
}

// Shown is what `plimsoll jobs show --format json` prints.
type Shown struct {
	Schema string `json:"schema"`
	Job    Job    `json:"job"`
	// Deliveries of GitHub's that the job answers, by their ids.
	Deliveries []string        `json:"deliveries"`
	Arguments  json.RawMessage `json:"arguments"`
}
