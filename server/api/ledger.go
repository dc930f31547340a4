package api

import (
	"encoding/json"
	"net/http"
	"strconv"

	"plimsoll/server/redact"
)

// mostLedgerLines is how many lines one answer has; ?after= goes on behind them.
const mostLedgerLines = 10_000

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
	var lines []redact.Line
	for entry, err := range a.store.LedgerOf(r.Context(), repo, after) {
		if err != nil {
			return err
		}
		line, err := redact.Entry(r.Context(), a.store, who.sees, repo, entry)
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
