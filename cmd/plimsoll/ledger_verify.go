package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/deploy"
)

func newLedgerVerifyCommand(t *terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check that nobody has changed the ledger",
		Long: `Check the hash chain of every installation's ledger: an entry that was changed, taken
out, put in or swapped is found, and so is an end that was cut off. The first bad entry
is named.

Who can write to the database can write the whole chain anew. So note the heads that are
printed somewhere else, and give them the next time with --head: then that is found too.

Exit status: 0 whole; 1 broken; 2 the input is bad, or the database can't be read.`,
		Example: `  plimsoll ledger verify --config server.yml
  plimsoll ledger verify --database sqlite:plimsoll.db --head 4711:1093:9f1c…`,
		Args: cobra.NoArgs,
	}
	format, checkFormat := formatFlag(cmd, "text", "json")
	database := addDatabaseFlags(cmd)
	written := cmd.Flags().StringArray("head", nil, "a head that was noted before, [INSTALLATION:]SEQ:HASH; may be repeated")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkFormat(); err != nil {
			return err
		}
		noted, err := notedHeads(*written)
		if err != nil {
			return err
		}
		from, err := database.open(cmd.Context(), t)
		if err != nil {
			return err
		}
		defer func() { _ = from.Close() }() // it was only read
		ledgers, err := from.Ledgers(cmd.Context())
		if err != nil {
			return err
		}
		if ledgers, err = withNoted(ledgers, noted); err != nil {
			return err
		}
		result := ledgerResult{Schema: "plimsoll.ledger-verify/v1", Whole: true, Ledgers: []auditedLedger{}}
		step := t.progressLine()
		for _, ledger := range ledgers {
			head, err := from.AuditLedger(cmd.Context(), ledger.Installation, noted, func(seq, end int64) {
				step(fmt.Sprintf("installation %d: %d of %d entries", ledger.Installation, seq, end))
			})
			fault, broken := errors.AsType[*deploy.LedgerFault](err)
			if err != nil && !broken {
				step("")
				return err
			}
			one := auditedLedger{Head: head, Entries: head.Sequence, Fault: fault}
			if broken {
				result.Whole, one.Text = false, deploytext.LedgerFaultSentence(fault)
			}
			result.Ledgers = append(result.Ledgers, one)
		}
		step("")
		return result.write(t, *format)
	}
	return cmd
}

// notedHeads reads what was noted.
func notedHeads(written []string) ([]deploy.Head, error) {
	heads := make([]deploy.Head, len(written))
	for i, text := range written {
		head, err := deploy.ParseHead(text)
		if err != nil {
			return nil, fmt.Errorf("--head %s: %w", text, err)
		}
		heads[i] = head
	}
	return heads, nil
}

// withNoted settles which installation is meant where that was not noted, and adds the
// ledgers that were noted and are gone.
func withNoted(ledgers, noted []deploy.Head) ([]deploy.Head, error) {
	there := slices.Clone(ledgers)
	for i := range noted {
		if noted[i].Installation == 0 {
			if len(there) != 1 {
				return nil, fmt.Errorf("--head %d:…: which installation? There are ledgers of %d: write INSTALLATION:SEQ:HASH", noted[i].Sequence, len(there))
			}
			noted[i].Installation = there[0].Installation
		}
		if !slices.ContainsFunc(ledgers, func(l deploy.Head) bool { return l.Installation == noted[i].Installation }) {
			ledgers = append(ledgers, deploy.Head{Installation: noted[i].Installation})
		}
	}
	return ledgers, nil
}

// ledgerResult is what `plimsoll ledger verify --format json` prints.
type ledgerResult struct {
	Schema  string          `json:"schema"`
	Whole   bool            `json:"whole"`
	Ledgers []auditedLedger `json:"ledgers"`
}

type auditedLedger struct {
	// Head is the last entry that is whole.
	Head deploy.Head `json:"head"`
	// Entries that are whole, from the first.
	Entries int64               `json:"entries"`
	Fault   *deploy.LedgerFault `json:"fault,omitempty"`
	Text    string              `json:"text,omitempty"`
}

func (r ledgerResult) write(t *terminal, format string) error {
	if format == "json" {
		if err := writeJSON(t, r); err != nil {
			return err
		}
	} else if err := r.text(t, t.stdout); err != nil {
		return err
	}
	if !r.Whole {
		return answer(statusNo)
	}
	return nil
}

func (r ledgerResult) text(t *terminal, out io.Writer) error {
	if len(r.Ledgers) == 0 {
		_, err := fmt.Fprintln(out, "There is no ledger yet: nothing was deployed, verified or agreed to.")
		return err
	}
	for _, l := range r.Ledgers {
		var err error
		if l.Fault != nil {
			_, err = fmt.Fprintf(out, "%s: installation %d: %s\n", t.paint("1;31", "broken"), l.Head.Installation, l.Text)
		} else {
			_, err = fmt.Fprintf(out, "%s: installation %d: %d entries\n  note this elsewhere: --head %s\n", t.paint("1;32", "whole"), l.Head.Installation, l.Entries, l.Head)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
