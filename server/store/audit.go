package store

import (
	"context"
	"math"

	"plimsoll/deploy"
)

// AuditLedger checks the ledger of an installation from its first entry to its end, and
// against the heads that were noted elsewhere. What is added meanwhile is checked with
// it. far is told how far it has come, of how many entries; may be nil.
//
// The head is the last entry that is whole, to be noted. The error is a
// [*deploy.LedgerFault] where the ledger is not what was written; any other one says
// that it could not be read.
func (s *Store) AuditLedger(ctx context.Context, installation int64, noted []deploy.Head, far func(seq, end int64)) (deploy.Head, error) {
	audit := deploy.NewAudit(installation, noted)
	// From below the first: also what was put before it is found.
	for after := int64(math.MinInt64); ; {
		entries, end, err := s.LedgerPage(ctx, installation, after)
		if err != nil {
			return audit.Last(), err
		}
		for _, entry := range entries {
			if err := audit.Entry(entry); err != nil {
				return audit.Last(), err
			}
			after = entry.Sequence
		}
		if len(entries) == 0 {
			return audit.Last(), audit.End(end)
		}
		if far != nil {
			far(after, max(end.Sequence, after))
		}
	}
}
