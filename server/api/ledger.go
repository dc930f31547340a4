package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"plimsoll/contracts"
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
	case ledger.EntryDeployment, ledger.EntryVerdict: // of the repository alone
		return line, nil
	case ledger.EntryAnswer:
		var body answers.AnswerEntry
		if err := json.Unmarshal(entry.Body, &body); err != nil {
			return redacted(line), nil
		}
		// An entry is old: who may read what it names counts as it is now.
		present, err := a.store.Present(ctx, repo.Installation, body.Reasons)
		if err != nil {
			return line, err
		}
		body.Reasons = present
		sees, err := who.seesVersions(ctx, body.Reasons)
		if err != nil {
			return line, err
		}
		for _, reason := range body.Reasons {
			for _, v := range []*contracts.AnswerVersion{reason.Consumer, reason.Provider} {
				line.Redacted = line.Redacted || v != nil && !sees(*v)
			}
		}
		if !line.Redacted {
			return line, nil
		}
		body.Reasons = contracts.SeenBy(body.Reasons, sees)
		line.Body, err = json.Marshal(body)
		return line, err
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

// redacted leaves of an entry that it is there.
func redacted(line ledgerLine) ledgerLine {
	line.Redacted = true
	line.Body, line.Commit, line.Actor, line.Once = nil, "", "", ""
	return line
}
