package jobs

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"plimsoll/checks"
	"plimsoll/cmd/plimsoll/internal/flags"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server/queue"
)

func newShowCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show JOB",
		Short: "Show a job with its error, arguments and deliveries",
		Long: `Show a job with its full last error, its arguments, and the ids of the GitHub deliveries
that caused it. The ids match those in the settings of the GitHub App.

Exit status: 0 OK, 2 bad input, no such job or unreadable database.`,
		Example: `  plimsoll jobs show --config server.yml 01a227c2-43e8-79f6-b29d-9e87147edd27`,
		Args:    cobra.ExactArgs(1),
	}
	format, checkFormat := flags.Format(cmd, "text", "json")
	database := flags.AddDatabase(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkFormat(); err != nil {
			return err
		}
		from, err := database.Open(cmd.Context(), t)
		if err != nil {
			return err
		}
		defer func() { _ = from.Close() }() // it was only read
		q, err := queueIn(from)
		if err != nil {
			return err
		}
		job, err := q.Job(cmd.Context(), args[0])
		if err != nil {
			return noJob(args[0], err)
		}
		accounts, err := accountsOf(cmd.Context(), from)
		if err != nil {
			return err
		}
		shown := Shown{Schema: "plimsoll.job/v1", Job: listed(job, accounts), Arguments: job.Args}
		if shown.Deliveries, err = from.DeliveriesOfJob(cmd.Context(), job.ID); err != nil {
			return err
		}
		if *format == "json" {
			return t.WriteJSON(shown)
		}
		return shown.text(t)
	}
	return cmd
}

// noJob says that a job is not there, where that is what is wrong.
func noJob(id string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("no job %s (finished jobs are deleted after a while)", terminal.Shown(id))
	}
	return err
}

func (s Shown) text(t *terminal.Terminal) error {
	job := s.Job
	at := map[queue.State]string{queue.Dead: "died", queue.Running: "leased until", queue.Ready: "due", queue.Done: "done"}
	account := job.owner()
	if job.Account != "" {
		account += fmt.Sprintf(" (installation %d)", job.Installation)
	}
	var b strings.Builder
	for _, line := range [][2]string{
		{"job", job.ID}, {"state", string(job.State)}, {"account", account}, {"kind", job.Kind}, {"subject", job.Subject},
		{"failures", fmt.Sprint(job.FailedTries)}, {"created", job.CreatedAt.Format(time.DateTime) + " UTC"},
		{at[job.State], job.At.Format(time.DateTime) + " UTC"}, {"deliveries", strings.Join(s.Deliveries, ", ")},
		{"arguments", string(s.Arguments)}, {"last error", job.Error},
	} {
		fmt.Fprintf(&b, "%s %s\n", t.Paint("1", fmt.Sprintf("%-13s", line[0]+":")), cmp.Or(checks.Plain(line[1]), "-"))
	}
	_, err := fmt.Fprint(t.Stdout, b.String())
	return err
}
