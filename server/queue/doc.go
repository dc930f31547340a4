// Package queue runs jobs that are stored in the database: none is lost, and none
// is finished twice.
//
//	           Enqueue                 claimed: owner, attempt+1,
//	(coalesced into a ready job        run_at = end of the lease
//	 of the same key and kind)  ┌──────────────────────────────────┐
//	              │             │                                  ▼
//	              ▼             │                      heartbeat ┌─────────┐ lease ended:
//	         ┌─────────┐ ───────┘                      every 1/3 │ running │ claimed again,
//	         │  ready  │                               of lease └▶└─────────┘ failures+1
//	         └─────────┘ ◀──── retry (failures+1, later) ──────────┤  │  │
//	              ▲  ▲  ◀───── snooze, shutdown (not counted) ─────┘  │  └──▶ ┌──────┐
//	              │  │                                                │ nil    │ done │
//	              │  └ Retry(id) ┌──────┐ ◀── permanent, or too many ─┘        └──────┘
//	              └──────────────│ dead │     failures
//	                             └──────┘
//
// A running job that has to wait while a newer one of its key and kind is ready
// is done instead: the newer one stands for both, and so do its deliveries.
//
// run_at is when a ready job is due and when the lease of a running one ends, so
// that scheduling, retry, snooze and recovery from a crash are one query. Jobs of
// one key run one at a time in the order in which they are due; the database
// itself refuses a second running one. owner and attempt fence a worker whose
// lease ran out: what it reports is not taken.
//
// A job may run more than once (a crash after its effect and before its end): its
// work must bear that. The package must not know GitHub or what jobs do.
package queue
