package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"plimsoll/contracts"
	"plimsoll/deploy/gate"
	"plimsoll/deploy/ledger"
	"plimsoll/handlers/answers"
)

// mostLedgerLines is how many lines one answer has; ?after= goes on behind them.
const mostLedgerLines = 10_000

// ledgerLine is an entry as who asks may see it.
type ledgerLine struct {
	ledger.Entry
	// Redacted: the entry holds more than is shown here, so its hash can't be computed from
	// what is.
	Redacted bool `json:"redacted,omitempty"`
}

// ledger gives the entries about a repository, as JSON lines.
func (a *API) ledger(w http.ResponseWriter, r *http.Request, who *asker) error {
	repo, err := a.asked(r, who)
	if err != nil {
		return err
	}
	after := int64(0)
	if text := r.URL.Query().Get("after"); text != "" {
		if after, err = strconv.ParseInt(text, 10, 64); err != nil || after < 0 {
			return bad("after: expected the seq of an entry", "")
		}
	}
	var lines []ledgerLine
	for entry, err := range a.store.LedgerOf(r.Context(), repo, after) {
		if err != nil {
			return err
		}
		line, err := a.line(r.Context(), who, repo, entry)
		if err != nil {
			return err
		}
		if lines = append(lines, line); len(lines) == mostLedgerLines {
			break
		}
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.WriteHeader(http.StatusOK)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, line := range lines {
		if err := encoder.Encode(line); err != nil {
			return nil // the client has gone
		}
	}
	return nil
}

// line gives an entry without what who asks may not see.
func (a *API) line(ctx context.Context, who *asker, repo contracts.RepositoryRef, entry ledger.Entry) (ledgerLine, error) {
	line := ledgerLine{Entry: entry}
	switch entry.Kind {
	case ledger.EntryDeployment, ledger.EntryVerdict, ledger.EntryGateOverride: // of the repository alone
		return line, nil
	case ledger.EntryAnswer:
		var body answers.AnswerEntry
		return a.named(ctx, who, line, &body, func() []*[]contracts.AnswerReason { return []*[]contracts.AnswerReason{&body.Reasons} })
	case ledger.EntryGate:
		var body gate.Entry
		return a.named(ctx, who, line, &body, func() (all []*[]contracts.AnswerReason) {
			for i := range body.Reasons {
				all = append(all, &body.Reasons[i].CanDeploy)
			}
			return all
		})
	case ledger.EntryRollback:
		var body ledger.RollbackEntry
		return a.named(ctx, who, line, &body, func() (all []*[]contracts.AnswerReason) {
			for i := range body.Rollback.Reasons {
				all = append(all, &body.Rollback.Reasons[i].CanDeploy)
			}
			return all
		})
	}
	// What was agreed to on a pull request of another repository.
	var body struct {
		Provider int64 `json:"provider"`
	}
	if json.Unmarshal(entry.Body, &body) != nil {
		return redacted(line), nil
	}
	if body.Provider == repo.ID {
		return line, nil
	}
	provider, err := a.store.Repository(ctx, repo.Installation, body.Provider)
	if missing(err) {
		return redacted(line), nil
	}
	if err != nil {
		return line, err
	}
	sees, err := who.sees(ctx, []contracts.RepositoryRef{provider.RepositoryRef})
	if err != nil || sees(provider.ID) {
		return line, err
	}
	return redacted(line), nil
}

// named gives an entry of the repository itself, whose body names other repositories in some
// reasons.
func (a *API) named(ctx context.Context, who *asker, line ledgerLine, body any, reasons func() []*[]contracts.AnswerReason) (ledgerLine, error) {
	if err := json.Unmarshal(line.Body, body); err != nil {
		return redacted(line), nil
	}
	for _, list := range reasons() {
		// An entry is old: who may read what it names counts as it is now.
		present, err := a.store.Present(ctx, line.Installation, *list)
		if err != nil {
			return line, err
		}
		sees, err := who.seesVersions(ctx, present)
		if err != nil {
			return line, err
		}
		for _, reason := range present {
			for _, v := range []*contracts.AnswerVersion{reason.Consumer, reason.Provider} {
				line.Redacted = line.Redacted || v != nil && !sees(*v)
			}
		}
		*list = contracts.SeenBy(present, sees)
	}
	if !line.Redacted {
		return line, nil
	}
	var err error
	line.Body, err = json.Marshal(body)
	return line, err
}

// redacted leaves of an entry that it is there.
func redacted(line ledgerLine) ledgerLine {
	line.Redacted = true
	line.Body, line.Commit, line.Actor, line.Once = nil, "", "", ""
	return line
}
