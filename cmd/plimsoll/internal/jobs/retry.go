package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/flags"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server/queue"
)

func newRetryCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "retry JOB…",
		Short: "Run dead jobs again",
		Long: `Run dead jobs again: the named jobs, or all of them. Each starts with a full number of
attempts. If a newer job of the same kind and subject is ready, that job does the work.

A running server starts the jobs within about a second. Otherwise they run when the server
starts.

Exit status: 0 the jobs will run, 1 a named job is not dead, 2 no such job or an error.`,
		Example: `  plimsoll jobs retry --config server.yml 01a227c2-43e8-79f6-b29d-9e87147edd27
  plimsoll jobs retry --config server.yml --all --installation 4711`,
	}
	format, checkFormat := flags.Format(cmd, "text", "json")
	database := flags.AddDatabase(cmd)
	only := addFilter(cmd)
	all := cmd.Flags().Bool("all", false, "all dead jobs, or those selected by --installation and --kind")
	cmd.RunE = func(cmd *cobra.Command, ids []string) error {
		if err := cmp.Or(checkFormat(), only.check(cmd)); err != nil {
			return err
		}
		switch picked := cmd.Flags().Changed("installation") || cmd.Flags().Changed("kind"); {
		case *all && len(ids) > 0:
			return errors.New("--all can't be combined with job ids")
		case !*all && len(ids) == 0:
			return errors.New("give job ids (see plimsoll jobs list), or --all")
		case !*all && picked:
			return errors.New("--installation and --kind need --all")
		}
		from, err := database.OpenBeside(cmd.Context(), t)
		if err != nil {
			return err
		}
		defer func() { _ = from.Close() }() // what was written is committed
		q, err := queueIn(from)
		if err != nil {
			return err
		}
		result := retryResult{Schema: "plimsoll.jobs-retry/v1", Retried: []string{}}
		if *all {
			err = result.retryAll(cmd.Context(), t, q, only)
		} else {
			err = result.retryNamed(cmd.Context(), q, ids)
		}
		if err != nil {
			return err
		}
		return result.write(t, *format)
	}
	return cmd
}

// retryResult is what `plimsoll jobs retry --format json` prints.
type retryResult struct {
	Schema string `json:"schema"`
	// Retried are the jobs that run again.
	Retried []string `json:"retried"`
	// NotDead are those that were named and are not dead.
	NotDead []notDead `json:"not_dead,omitempty"`
}

type notDead struct {
	ID    string      `json:"id"`
	State queue.State `json:"state"`
}

func (r *retryResult) retryNamed(ctx context.Context, q *queue.Queue, ids []string) error {
	for _, id := range ids { // all of them are there, or nothing is done
		if _, err := q.Job(ctx, id); err != nil {
			return noJob(id, err)
		}
	}
	for _, id := range ids {
		err := q.Retry(ctx, id)
		if err == nil {
			r.Retried = append(r.Retried, id)
			continue
		}
		if !errors.Is(err, queue.ErrNotDead) {
			return err
		}
		job, err := q.Job(ctx, id)
		if err != nil {
			return noJob(id, err)
		}
		r.NotDead = append(r.NotDead, notDead{id, job.State})
	}
	return nil
}

// retryAll retries what is dead now; a job that dies again meanwhile stays dead.
func (r *retryResult) retryAll(ctx context.Context, t *terminal.Terminal, q *queue.Queue, only *filter) error {
	dead, err := q.Jobs(ctx, only.of(queue.Dead, math.MaxInt32))
	if err != nil {
		return err
	}
	count := t.Counter("retrying", "jobs")
	defer count(0, 0)
	for i, job := range dead {
		count(int64(i), int64(len(dead)))
		err := q.Retry(ctx, job.ID)
		if errors.Is(err, queue.ErrNotDead) {
			continue // somebody else was quicker
		}
		if err != nil {
			return err
		}
		r.Retried = append(r.Retried, job.ID)
	}
	return nil
}

func (r *retryResult) write(t *terminal.Terminal, format string) error {
	var err error
	switch {
	case format == "json":
		err = t.WriteJSON(r)
	case len(r.Retried) == 1:
		_, err = fmt.Fprintf(t.Stdout, "Job %s will run again.\n", terminal.Shown(r.Retried[0]))
	case len(r.Retried) > 0:
		_, err = fmt.Fprintf(t.Stdout, "%d jobs will run again.\n", len(r.Retried))
	case len(r.NotDead) == 0:
		_, err = fmt.Fprintln(t.Stdout, "There are no dead jobs.")
	}
	if err != nil || len(r.NotDead) == 0 {
		return err
	}
	for _, job := range r.NotDead {
		if format == "text" {
			fmt.Fprintf(t.Stdout, "Job %s is not dead. It is %s.\n", terminal.Shown(job.ID), job.State)
		}
	}
	return terminal.No
}
