package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"plimsoll/server/store"
	"plimsoll/server/store/sqlc"
	"plimsoll/server/store/storetest"
)

// explainer runs queries and asks the database how it does each.
type explainer struct {
	*sql.Conn
	prefix string
	plans  map[string]string // by the query's name
}

func (e *explainer) explain(ctx context.Context, query string, args []any) {
	name := regexp.MustCompile(`-- name: (\w+)`).FindStringSubmatch(query)[1]
	rows, err := e.Conn.QueryContext(ctx, e.prefix+query, args...)
	if err != nil {
		e.plans[name] = "error: " + err.Error()
		return
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		e.plans[name] = "error: " + err.Error()
		return
	}
	var plan strings.Builder
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			plan.WriteString("error: " + err.Error())
		}
		fmt.Fprintln(&plan, *values[len(values)-1].(*any)) // the text is the last column
	}
	e.plans[name] = plan.String()
}

func (e *explainer) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	e.explain(ctx, query, args)
	return e.Conn.QueryContext(ctx, query, args...)
}

func (e *explainer) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	e.explain(ctx, query, args)
	return e.Conn.QueryRowContext(ctx, query, args...)
}

func (e *explainer) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	e.explain(ctx, query, args)
	return e.Conn.ExecContext(ctx, query, args...)
}

var _ sqlc.DBTX = (*explainer)(nil)

// TestLookUpsUseIndexes asks both databases how they do the queries that run for
// every webhook, job and pull request.
func TestLookUpsUseIndexes(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		ctx := t.Context()
		storetest.Open(t, store.Options{DSN: dsn})
		e := &explainer{prefix: "EXPLAIN ", plans: map[string]string{}}
		driver, source, scan := "pgx", dsn, "Seq Scan"
		if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
			driver, source, scan, e.prefix = "sqlite", path, "SCAN", "EXPLAIN QUERY PLAN "
		}
		db, err := sql.Open(driver, source)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		if e.Conn, err = db.Conn(ctx); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = e.Close() }()
		if driver == "pgx" {
			// The tables are empty: a scan is what PostgreSQL would take.
			if _, err := e.Conn.ExecContext(ctx, "SET enable_seqscan = off"); err != nil {
				t.Fatal(err)
			}
		}
		askAll(ctx, sqlc.New(e), driver == "pgx")
		for name, plan := range e.plans {
			noPlan := plan == "" && name != "InsertDelivery" // SQLite has none for a plain insert
			if noPlan || strings.Contains(plan, "error: ") || scans(plan, scan) {
				t.Errorf("%s:\n%s", name, plan)
			}
		}
		for _, name := range []string{"ListConsumers", "ListLiveConsumers", "ListUndeclared", "ListRunning", "ListUsedContents", "ListBaselines"} {
			// What it costs must not grow with all that is registered.
			if plan, ok := e.plans[name]; !ok || strings.Contains(plan, "(installation=?)") {
				t.Errorf("%s reads everything that an installation has:\n%s", name, plan)
			}
		}
		if driver == "sqlite" {
			// Nobody runs ANALYZE: what SQLite guesses has to be right. PostgreSQL counts.
			for _, name := range []string{"ClaimJobs", "ListDueInstallations"} {
				if !strings.Contains(e.plans[name], "jobs_ready_of_installation (pool=? AND installation=?") || strings.Contains(e.plans[name], "jobs_due") {
					t.Errorf("%s reads the jobs of every installation:\n%s", name, e.plans[name])
				}
			}
		}
		e.explain(ctx, "-- name: Control\nSELECT id FROM jobs WHERE last_error = 'x'", nil)
		if !scans(e.plans["Control"], scan) {
			t.Errorf("a query without an index was not found out:\n%s", e.plans["Control"])
		}
		if len(e.plans) < 25 {
			t.Errorf("only %d queries were asked for", len(e.plans))
		}
	})
}

// scans tells whether a plan reads a table from end to end. SQLite calls it a
// scan, too, when it reads an index in order and stops early, or a subquery. "waiting" is
// the common table of a recursion.
func scans(plan, scan string) bool {
	for line := range strings.Lines(plan) {
		if strings.Contains(line, scan) && !strings.Contains(line, "USING INDEX") && !strings.Contains(line, "USING COVERING INDEX") && !strings.Contains(line, "CONSTANT ROW") && !strings.Contains(line, "SCAN waiting") {
			return true
		}
	}
	return false
}

// askAll runs the look-ups; what they find does not matter.
func askAll(ctx context.Context, q *sqlc.Queries, skipsLocked bool) {
	ignore := func(any, error) {}
	ignore(q.ListConsumers(ctx, sqlc.ListConsumersParams{Installation: 1, Api: "orders", ApiOwnerRepo: "acme/orders", Repository: 2}))
	ignore(q.ListProvisions(ctx, 1, 2))
	ignore(q.LastProvisionSince(ctx, 1, "orders"))
	ignore(q.ListProviders(ctx, 1, "orders"))
	ignore(q.ListAPIs(ctx, 1))
	ignore(q.GetRegistration(ctx, 1, 2))
	ignore(q.GetRepository(ctx, 1, 2))
	ignore(q.RepositoryOfName(ctx, 1, "acme/orders"))
	ignore(q.ListRepositories(ctx, 1))
	ignore(q.ListElsewhere(ctx, 2, 1))
	ignore(q.ListWatchedFiles(ctx, 1, 2))
	ignore(q.GetContent(ctx, 1, "sha"))
	ignore(q.GetPullState(ctx, 1, 2, 3))
	ignore(q.GetWatermark(ctx, 1, "x"))
	ignore(q.GetScan(ctx, 1))
	ignore(q.GetReading(ctx, 1, 2))
	ignore(q.CountReadings(ctx, 1))
	ignore(q.ListReadings(ctx, 1, "failed", 5))
	ignore(q.ListUnlisted(ctx, 1, 5))
	ignore(q.IsEnrolled(ctx, 1, 2))
	ignore(q.GetDelivery(ctx, "d"))
	ignore(q.DeliveryStored(ctx, "d"))
	ignore(q.DeliveryAsked(ctx, "d"))
	ignore(q.DeadJobOfDelivery(ctx, "d"))
	ignore(q.ListDeliveriesOfJob(ctx, "j"))
	ignore(q.InsertDelivery(ctx, sqlc.InsertDeliveryParams{ID: "d", Body: []byte{}}))
	ignore(q.PruneDeliveries(ctx, 5))
	ignore(q.ReadyJobOf(ctx, 1, "k", "kind"))
	ignore(q.CountNamed(ctx, "d"))
	ignore(q.GetJob(ctx, "j"))
	ignore(q.ListDeadJobs(ctx, 1, "", 10))
	ignore(q.ListJobsInState(ctx, sqlc.ListJobsInStateParams{State: "ready", Installation: 1, Most: 10}))
	ignore(q.ListEndedLeases(ctx, 5))
	ignore(q.ListFirstDue(ctx, 5, 10))
	ignore(q.ListDueInstallations(ctx, sqlc.ListDueInstallationsParams{Until: 5, Most: 10}))
	ignore(q.TakeOverJob(ctx, sqlc.TakeOverJobParams{ID: "j"}))
	ignore(q.CountJobs(ctx))
	ignore(q.OldestDue(ctx, 5))
	ignore(q.PruneJobs(ctx, 5))
	ignore(q.ExtendLease(ctx, sqlc.ExtendLeaseParams{ID: "j"}))
	ignore(q.FinishJob(ctx, sqlc.FinishJobParams{ID: "j"}))
	ignore(q.RequeueJob(ctx, sqlc.RequeueJobParams{ID: "j"}))
	ignore(q.ListPauses(ctx, 5))
	ignore(q.PruneSamples(ctx, 5, 10))
	ignore(q.PruneHistories(ctx, 5, 10))
	ignore(q.GetDeployment(ctx, 1, 2, 3))
	ignore(q.ListDeploymentsTo(ctx, sqlc.ListDeploymentsToParams{Installation: 1, Repository: 2, Component: "web", Most: 5}))
	ignore(q.ListDeployments(ctx, 1, 2, 5))
	ignore(q.ListPlacements(ctx, 1, 2, 3))
	ignore(q.ListLive(ctx, 1, 2))
	ignore(q.ListLiveConsumers(ctx, sqlc.ListLiveConsumersParams{Installation: 1, Api: "orders", ApiOwnerRepo: "acme/orders", Repository: 2}))
	ignore(q.ListUndeclared(ctx, 1, "orders"))
	ignore(q.ListRunning(ctx, 1, "orders"))
	ignore(q.ListBaselines(ctx, 1, "orders", 2))
	ignore(q.ListWritten(ctx, sqlc.ListWrittenParams{Installation: 1, Repository: 2, Component: "web", Api: "orders", Content: "sha", Provider: 3}))
	ignore(q.ListUsedContents(ctx, 1, "orders"))
	ignore(q.ListConsumptions(ctx, 1, 2))
	ignore(q.GetSnapshot(ctx, 1, 2, "c"))
	ignore(q.ListAcknowledgements(ctx, 1, 2))
	ignore(q.ListPullsOfTopic(ctx, 1, "consumer/2"))
	ignore(q.LedgerHas(ctx, 1, "x"))
	ignore(q.GetFollowUp(ctx, 1, 2, "releases"))
	ignore(q.ListLedgerOf(ctx, sqlc.ListLedgerOfParams{Installation: 1, Repository: 2, Seq: 3, Limit: 4}))
	ignore(q.ListLedger(ctx, 1, 5, 10))
	ignore(q.ListNewestLedger(ctx, 1, 5, 10))
	ignore(q.ListVerdicts(ctx))
	ignore(q.ListUnsettledVerifications(ctx, 5, 10))
	ignore(q.ListFailedDeployments(ctx, 5, 10))
	ignore(q.ListPlacedDeployments(ctx, 9, 5, 10))
	ignore(q.ListPlacedDeploymentsOf(ctx, sqlc.ListPlacedDeploymentsOfParams{Installation: 1, Repository: 2, Component: "web", Most: 5}))
	if skipsLocked {
		ignore(q.ClaimJobsSkippingLocked(ctx, sqlc.ClaimJobsSkippingLockedParams{Most: 5}))
	} else {
		ignore(q.ClaimJobs(ctx, sqlc.ClaimJobsParams{Most: 5}))
	}
}
