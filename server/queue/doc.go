// Package queue runs jobs that are stored in the database: none is lost, and none
// is finished twice.
//
// # States
//
//	           Enqueue                 claimed: owner, attempt+1,
//	(coalesced into a ready job        run_at = end of the lease
//	 of the same key and kind)  ┌──────────────────────────────────┐
//	              │             │                                  ▼
//	              ▼             │                      heartbeat ┌─────────┐ lease ended:
//	         ┌─────────┐ ───────┘                      every 1/3 │ running │ claimed again,
//	         │  ready  │                               of lease └▶└─────────┘ failures+1
//	         └─────────┘ ◀──── retry: failures+1, later ───────────┤  │  │
//	              ▲  ▲  ◀───── snooze, shared fault, shutdown ─────┘  │  └──▶ ┌──────┐
//	              │  │         (not counted)                          │ nil    │ done │
//	              │  └ Retry(id) ┌──────┐ ◀── permanent, or too many ─┘        └──────┘
//	              └──────────────│ dead │     failures
//	                             └──────┘
//
// How a job's function ends decides its next state:
//
//   - nil: done.
//   - [Snooze]: ready again at a certain time; the whole installation is paused, or the job
//     alone waits. Not counted.
//   - [Shared]: a fault that subjects share, such as GitHub being down. Where two subjects
//     of an installation meet it in a row, the installation is paused, longer each time,
//     and no try is counted. Else it is an error like any other.
//   - [Permanent]: dead at once.
//   - any other error: ready again after a backoff, with one failure more; dead after
//     Config.MaxFailures.
//
// A dead job stays dead until somebody runs it again: Retry, which `plimsoll jobs retry`
// and a redelivery by GitHub call. It is ready then, with all its tries.
//
// A running job that has to wait while a newer one of its key and kind is ready
// is done instead: the newer one stands for both, and so do its deliveries.
//
// run_at is when a ready job is due and when the lease of a running one ends, so
// that scheduling, retry, snooze and recovery from a crash look at one column. Jobs of
// one key run one at a time in the order in which they are due; the database
// itself refuses a second running one. owner and attempt fence a worker whose
// lease ran out: what it reports is not taken.
//
// # Who runs next
//
// Installations take turns: with every claim the next installation that has due work gets
// a worker, in the order of their numbers, and of an installation the job that has been
// due for longest. One installation has at most half of the workers of a replica (and at
// least one). So a job waits for other installations' first jobs, never for their
// thousands. A claim costs as much beside thousands of ready jobs as beside one.
//
// A kind may have a pool of workers of its own (RegisterIn); its jobs never wait for
// workers of another pool, nor those for them.
//
// A job may run more than once (a crash after its effect and before its end): its
// work must bear that. The package must not know GitHub or what jobs do.
package queue
