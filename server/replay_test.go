package server_test

import (
	"encoding/json"

	"plimsoll/deploy/ledger"
	"plimsoll/server/store"
)

// decidesAgain reads the ledger beside the running server: it is whole, and what is stored
// gives every verdict in it again, bit for bit.
func (w *watching) decidesAgain() {
	w.t.Helper()
	from, err := store.OpenReading(w.t.Context(), store.Options{DSN: w.dsn})
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = from.Close() }()
	if _, err := from.AuditLedger(w.t.Context(), w.app.ID(), nil, nil); err != nil {
		w.t.Errorf("the ledger is broken: %v", err)
	}
	for entry, err := range from.Ledger(w.t.Context(), w.app.ID(), 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		if entry.Kind != ledger.EntryVerdict {
			continue
		}
		var body ledger.VerdictEntry
		if err := json.Unmarshal(entry.Body, &body); err != nil {
			w.t.Fatal(err)
		}
		history, hash, err := from.History(w.t.Context(), body.Verification.Repository, body.Verification.ID())
		if err != nil {
			w.t.Fatal(err)
		}
		if r, err := ledger.DecideAgain(entry, history, hash); err != nil || !r.Same {
			w.t.Errorf("%s can't be decided again: %+v, %v", entry.Once, r.Different, err)
		}
	}
}
