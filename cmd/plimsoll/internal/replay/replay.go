// Package replay decides a verdict of the ledger again from what is stored.
package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"

	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/cmd/plimsoll/internal/flags"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/cmd/plimsoll/internal/verdict"
	"plimsoll/deploy"
	"plimsoll/deploy/ledger"
	"plimsoll/server/store"
)

// replaySchema names the JSON of a replay, which replay reads as well.
const replaySchema = "plimsoll.replay/v1"

// Replayed is what `plimsoll verify --replay ID --format json` prints. It holds what is
// needed to decide once more, the history only where that is asked for.
type Replayed struct {
	Schema  string        `json:"schema"`
	Same    bool          `json:"same"`
	Verdict deploy.Answer `json:"verdict"`
	// Differences with a sentence each.
	Differences []Difference    `json:"differences"`
	Entry       ledger.Entry    `json:"entry"`
	History     *deploy.History `json:"history,omitempty"`
}

// Difference is what would be decided otherwise.
type Difference struct {
	ledger.Difference
	Text string `json:"text"`
}

// decidable is an entry with what the signals were before.
type decidable struct {
	entry   ledger.Entry
	history *deploy.History
	hash    string
}

// Options say what to decide again.
type Options struct {
	// Name of the entry: verdict/…, INSTALLATION:SEQ, or a file (- is standard input).
	Name, Format string
	// WithHistory adds what the signals were before to the JSON.
	WithHistory bool
	Database    flags.Database
}

// Run decides again what an entry tells.
func Run(ctx context.Context, t *terminal.Terminal, o Options) error {
	found, err := findEvidence(ctx, t, o.Name, o.Database)
	if err != nil {
		return err
	}
	r, err := ledger.DecideAgain(found.entry, found.history, found.hash)
	if err != nil {
		return fmt.Errorf("--replay %s: %w", o.Name, err)
	}
	out := Replayed{Schema: replaySchema, Same: r.Same, Verdict: r.Stored.Verdict.Answer, Differences: []Difference{}, Entry: found.entry}
	if o.WithHistory {
		out.History = found.history
	}
	for _, d := range r.Different {
		out.Differences = append(out.Differences, Difference{d, deploytext.DifferenceSentence(d)})
	}
	switch o.Format {
	case "json":
		err = t.WriteJSON(out)
	default:
		deployed := deploytext.Deployed{
			Repository: r.Stored.Verification.Repository, Run: deploy.VerificationRun{Verification: r.Stored.Verification, Verdict: &r.Stored.Verdict},
			Samples: r.Stored.Samples, History: found.history, Signals: r.Stored.Verdict.Signals, Now: r.Stored.Verdict.At,
		}
		err = verdict.Write(t, deployed, o.Format)
		if err == nil {
			err = out.text(t, r)
		}
	}
	switch {
	case err != nil:
		return err
	case !r.Same:
		return terminal.Bad
	}
	return verdict.Status(r.Stored.Verdict.Answer)
}

func (out Replayed) text(t *terminal.Terminal, r ledger.Replay) error {
	var b strings.Builder
	if out.Same {
		fmt.Fprintf(&b, "%s from the data stored at %s UTC.\n", t.Paint("1;32", "The replay gives the same verdict, bit for bit,"), r.Stored.Verdict.At.UTC().Format("2006-01-02 15:04:05"))
	} else {
		fmt.Fprintf(&b, "%s:\n", t.Paint("1;31", "The stored data gives a different verdict"))
		for _, d := range out.Differences {
			fmt.Fprintf(&b, "  %s\n", terminal.Shown(d.Text))
		}
	}
	_, err := fmt.Fprint(t.Stdout, b.String())
	return err
}

var sequencePattern = regexp.MustCompile(`^(-?\d+):(\d+)$`)

// findEvidence finds an entry by its name (verdict/…), as INSTALLATION:SEQ, or in a file
// of JSON (- is standard input).
func findEvidence(ctx context.Context, t *terminal.Terminal, name string, database flags.Database) (decidable, error) {
	target := sequencePattern.FindStringSubmatch(name)
	if target == nil && !strings.HasPrefix(name, "verdict/") {
		return evidenceOfFile(name)
	}
	from, err := database.Open(ctx, t)
	if err != nil {
		return decidable{}, err
	}
	defer func() { _ = from.Close() }() // it was only read
	var entry ledger.Entry
	if target != nil {
		installation, err1 := strconv.ParseInt(target[1], 10, 64)
		sequence, err2 := strconv.ParseInt(target[2], 10, 64)
		if errors.Join(err1, err2) != nil {
			return decidable{}, fmt.Errorf("--replay %s: the number is too large", name)
		}
		entry, err = from.LedgerEntry(ctx, installation, sequence)
	} else {
		entry, err = from.LedgerOnce(ctx, name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return decidable{}, fmt.Errorf("--replay %s: the ledger has no such entry (plimsoll ledger list --kind verdict shows them)", name)
	}
	if err != nil {
		return decidable{}, err
	}
	return withHistory(ctx, from, entry)
}

// withHistory adds what the signals were before, where the entry names it.
func withHistory(ctx context.Context, from *store.Store, entry ledger.Entry) (decidable, error) {
	found := decidable{entry: entry}
	var body ledger.VerdictEntry
	if entry.Kind != ledger.EntryVerdict || json.Unmarshal(entry.Body, &body) != nil || body.History == "" {
		return found, nil
	}
	var err error
	found.history, found.hash, err = from.History(ctx, body.Verification.Repository, body.Verification.ID())
	return found, err
}

// evidenceOfFile reads one verdict's entry, as the ledger's JSON lines or a replay gives
// it.
func evidenceOfFile(name string) (decidable, error) {
	in := io.Reader(os.Stdin)
	if name != "-" {
		file, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			return decidable{}, fmt.Errorf("--replay %s: expected verdict/…, INSTALLATION:SEQ, or a file with the entry as JSON", name)
		}
		if err != nil {
			return decidable{}, err
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	var all []decidable
	for decoder := json.NewDecoder(in); ; {
		var line struct {
			ledger.Entry
			Redacted bool `json:"redacted"`
			// As a replay writes it.
			Inner   *ledger.Entry   `json:"entry"`
			History *deploy.History `json:"history"`
		}
		err := decoder.Decode(&line)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return decidable{}, fmt.Errorf("--replay %s: not a ledger entry in JSON: %w", name, err)
		}
		if line.Inner != nil {
			line.Entry = *line.Inner
		}
		if line.Redacted {
			return decidable{}, fmt.Errorf("--replay %s: the entry has no body, because it was exported for a person without access", name)
		}
		if line.Kind == ledger.EntryVerdict {
			found := decidable{entry: line.Entry, history: line.History}
			if found.history != nil {
				found.hash = found.history.Hash()
			}
			all = append(all, found)
		}
	}
	if len(all) != 1 {
		return decidable{}, fmt.Errorf("--replay %s: expected one verdict, found %d", name, len(all))
	}
	return all[0], nil
}
