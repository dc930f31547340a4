package entries

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/deploy/ledger"
	"plimsoll/server/store"
)

// NotedHeads reads what was noted of the ledgers before.
func NotedHeads(written []string) ([]ledger.Head, error) {
	heads := make([]ledger.Head, len(written))
	for i, text := range written {
		head, err := ledger.ParseHead(text)
		if err != nil {
			return nil, fmt.Errorf("--head %s: %w", text, err)
		}
		heads[i] = head
	}
	return heads, nil
}

// Verify checks the hash chain of every ledger, and that it holds what was noted.
func Verify(ctx context.Context, t *terminal.Terminal, from *store.Store, noted []ledger.Head) (Result, error) {
	result := Result{Schema: "plimsoll.ledger-verify/v1", Intact: true, Ledgers: []Audited{}}
	ledgers, err := from.Ledgers(ctx)
	if err != nil {
		return result, err
	}
	if ledgers, err = withNoted(ledgers, noted); err != nil {
		return result, err
	}
	for _, kept := range ledgers {
		count := t.Counter(fmt.Sprintf("installation %d", kept.Installation), "entries")
		head, err := from.AuditLedger(ctx, kept.Installation, noted, count)
		count(0, 0)
		fault, broken := errors.AsType[*ledger.Fault](err)
		if err != nil && !broken {
			return result, err
		}
		one := Audited{Head: head, Entries: head.Sequence, Fault: fault}
		if broken {
			result.Intact, one.Text = false, deploytext.LedgerFaultSentence(fault)
		}
		result.Ledgers = append(result.Ledgers, one)
	}
	return result, nil
}

// withNoted finds the installation of heads that name none, and adds the ledgers of heads
// that are gone.
func withNoted(ledgers, noted []ledger.Head) ([]ledger.Head, error) {
	there := slices.Clone(ledgers)
	for i := range noted {
		if noted[i].Installation == 0 {
			if len(there) != 1 {
				return nil, fmt.Errorf("--head %d:…: there are ledgers of %d installations; write INSTALLATION:SEQ:HASH", noted[i].Sequence, len(there))
			}
			noted[i].Installation = there[0].Installation
		}
		if !slices.ContainsFunc(ledgers, func(l ledger.Head) bool { return l.Installation == noted[i].Installation }) {
			ledgers = append(ledgers, ledger.Head{Installation: noted[i].Installation})
		}
	}
	return ledgers, nil
}

// Result is what `plimsoll ledger verify --format json` prints.
type Result struct {
	Schema  string    `json:"schema"`
	Intact  bool      `json:"intact"`
	Ledgers []Audited `json:"ledgers"`
}

// Audited is how one installation's ledger stands.
type Audited struct {
	// Head is the last intact entry.
	Head ledger.Head `json:"head"`
	// Entries that are intact, from the first.
	Entries int64         `json:"entries"`
	Fault   *ledger.Fault `json:"fault,omitempty"`
	Text    string        `json:"text,omitempty"`
}

// Write writes the result in a format. The error is [terminal.No] where a ledger is broken.
func (r Result) Write(t *terminal.Terminal, format string) error {
	if format == "json" {
		if err := t.WriteJSON(r); err != nil {
			return err
		}
	} else if err := r.text(t, t.Stdout); err != nil {
		return err
	}
	if !r.Intact {
		return terminal.No
	}
	return nil
}

func (r Result) text(t *terminal.Terminal, out io.Writer) error {
	if len(r.Ledgers) == 0 {
		_, err := fmt.Fprintln(out, "The ledger is empty: no deployment, verification or override yet.")
		return err
	}
	for _, l := range r.Ledgers {
		var err error
		if l.Fault != nil {
			_, err = fmt.Fprintf(out, "%s: installation %d: %s\n", t.Paint("1;31", "broken"), l.Head.Installation, l.Text)
		} else {
			_, err = fmt.Fprintf(out, "%s: installation %d: %d entries\n  keep this in another place for the next run: --head %s\n", t.Paint("1;32", "intact"), l.Head.Installation, l.Entries, l.Head)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
