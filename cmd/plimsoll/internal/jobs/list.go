package jobs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"plimsoll/checks"
	"plimsoll/cmd/plimsoll/internal/flags"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server/queue"
)

func newListCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List dead, running and ready jobs",
		Long: `List jobs: dead jobs first, the most recent one on top, then running and ready jobs in
the order in which they are due.

TIME is the time of death of a dead job, the due time of a ready job, and the end of the
lease of a running job. TRIES counts failed attempts.

Exit status: 0 OK (also if the list is empty), 2 bad input or unreadable database.`,
		Example: `  plimsoll jobs list --config server.yml
  plimsoll jobs list --database sqlite:plimsoll.db --state dead --format json | jq -r .jobs[].error`,
		Args: cobra.NoArgs,
	}
	format, checkFormat := flags.Format(cmd, "text", "json")
	database := flags.AddDatabase(cmd)
	only := addFilter(cmd)
	named := cmd.Flags().StringSlice("state", nil, "only these states: dead, running, ready (default: all)")
	limit := cmd.Flags().Int("limit", 100, "maximum number of jobs per state")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := cmp.Or(checkFormat(), only.check(cmd)); err != nil {
			return err
		}
		if *limit < 1 || *limit > 1_000_000 {
			return fmt.Errorf("--limit %d: expected 1 to 1000000", *limit)
		}
		wanted, err := statesNamed(*named)
		if err != nil {
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
		accounts, err := accountsOf(cmd.Context(), from)
		if err != nil {
			return err
		}
		result := List{Schema: "plimsoll.jobs/v1", Jobs: []Job{}}
		for _, state := range wanted {
			jobs, err := q.Jobs(cmd.Context(), only.of(state, *limit+1))
			if err != nil {
				return err
			}
			if len(jobs) > *limit {
				jobs, result.Incomplete = jobs[:*limit], append(result.Incomplete, state)
			}
			for _, job := range jobs {
				result.Jobs = append(result.Jobs, listed(job, accounts))
			}
		}
		if *format == "json" {
			return t.WriteJSON(result)
		}
		return result.text(t)
	}
	return cmd
}

// statesNamed reads --state; nothing means all of them.
func statesNamed(names []string) ([]queue.State, error) {
	if len(names) == 0 {
		return states, nil
	}
	for _, name := range names {
		if !slices.Contains(states, queue.State(name)) {
			return nil, fmt.Errorf("--state %s: use one of dead, running, ready", name)
		}
	}
	return slices.DeleteFunc(slices.Clone(states), func(s queue.State) bool { return !slices.Contains(names, string(s)) }), nil
}

// List is what `plimsoll jobs list --format json` prints.
type List struct {
	Schema string `json:"schema"`
	Jobs   []Job  `json:"jobs"`
	// Incomplete names the states of which there are more jobs than --limit.
	Incomplete []queue.State `json:"incomplete,omitempty"`
}

// longestError is how much of an error a table shows.
const longestError = 80

func (r List) text(t *terminal.Terminal) error {
	if len(r.Jobs) == 0 {
		_, err := fmt.Fprintln(t.Stdout, "No jobs found.")
		return err
	}
	table := tabwriter.NewWriter(t.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "JOB\tSTATE\tACCOUNT\tKIND\tSUBJECT\tTRIES\tTIME (UTC)\tLAST ERROR")
	for _, job := range r.Jobs {
		problem := checks.Plain(job.Error)
		if runes := []rune(problem); len(runes) > longestError {
			problem = string(runes[:longestError]) + "…"
		}
		cells := []string{job.ID, string(job.State), job.owner(), job.Kind, job.Subject, fmt.Sprint(job.FailedTries), job.At.Format(time.DateTime), problem}
		for i, cell := range cells {
			cells[i] = cmp.Or(checks.Plain(cell), "-")
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, state := range r.Incomplete {
		if _, err := fmt.Fprintf(t.Stdout, "There are more %s jobs. Raise --limit to see them.\n", state); err != nil {
			return err
		}
	}
	return nil
}
