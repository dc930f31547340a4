package intake_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"plimsoll/server/queue"
	"plimsoll/server/store/sqlc"
)

// stateOf gives the state of the job of a delivery and its failed tries.
func (b *bench) stateOf(t *testing.T, delivery string) (queue.State, int) {
	t.Helper()
	stored, err := b.store.Delivery(t.Context(), delivery)
	if err != nil {
		t.Fatal(err)
	}
	job, err := b.queue.Job(t.Context(), stored.Job)
	if err != nil {
		t.Fatal(err)
	}
	return job.State, job.Attempt - 1
}

// GitHub's "Redeliver" runs a dead job again; one that waits, runs or is done stays as it is.
func TestARedeliveryRevivesADeadJobAlone(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		broken := errors.New("a permission is missing")
		b.check = func(context.Context) error { return queue.Permanent(broken) }
		hook := func() { b.expectSent(t, request("push", "d-1", `{"pull":1}`), 200, `"state":"duplicate"`) }
		b.expectSent(t, request("push", "d-1", `{"pull":1}`), 200, `"state":"stored"`)
		hook() // it waits
		b.check = func(context.Context) error {
			hook() // it runs
			return queue.Permanent(broken)
		}
		b.runDue(t)
		if state, failed := b.stateOf(t, "d-1"); state != queue.Dead || failed != 1 {
			t.Fatalf("%s after %d failures, expected a dead job", state, failed)
		}
		if n := b.runDue(t); n != 0 {
			t.Errorf("%d jobs ran, expected none", n)
		}

		b.check = nil
		b.expectSent(t, request("push", "d-1", `{"pull":1}`), 200, `"state":"revived"`)
		if state, failed := b.stateOf(t, "d-1"); state != queue.Ready || failed != 0 {
			t.Errorf("revived: %s after %d failures", state, failed)
		}
		hook() // it waits again
		if n := b.runDue(t); n != 1 {
			t.Errorf("%d jobs ran, expected one", n)
		}
		hook() // it is done
		if n := b.runDue(t); n != 0 {
			t.Errorf("%d jobs ran, expected none", n)
		}
		b.expect(t, `push d-1 {"pull":1}`, `push d-1 {"pull":1}`)
	})
}

// Where a newer event of the subject waits, its job stands for the dead one as well.
func TestARedeliveryBehindANewerEvent(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.check = func(context.Context) error { return queue.Permanent(errors.New("broken")) }
		b.expectSent(t, request("push", "d-1", `{"pull":1}`), 200, "stored")
		b.runDue(t)
		b.check = nil
		b.expectSent(t, request("push", "d-2", `{"pull":1,"n":2}`), 200, "stored")
		b.expectSent(t, request("push", "d-1", `{"pull":1}`), 200, "revived")
		if n := b.runDue(t); n != 1 {
			t.Errorf("%d jobs ran, expected one for both", n)
		}
		b.expect(t, `push d-1 {"pull":1}`, `push d-2 {"pull":1,"n":2}`)
		for _, delivery := range []string{"d-1", "d-2"} {
			if state, _ := b.stateOf(t, delivery); state != queue.Done {
				t.Errorf("the job of %s is %s", delivery, state)
			}
		}
	})
}

// However often and at once it comes, it is one job that runs once.
func TestManyRedeliveriesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.check = func(context.Context) error { return queue.Permanent(errors.New("broken")) }
		b.expectSent(t, request("push", "d-1", `{"pull":1}`), 200, "stored")
		b.runDue(t)
		b.check = nil
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if status, body := b.send(request("push", "d-1", `{"pull":1}`)); status != 200 {
					t.Errorf("%d %s", status, body)
				}
			})
		}
		all.Wait()
		if n := b.runDue(t); n != 1 {
			t.Errorf("%d jobs ran, expected one", n)
		}
	})
}

// A delivery whose job was deleted with age, or that asked for nothing, has none to revive.
func TestARedeliveryOfWhatHasNoJob(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.expectSent(t, request("push", "d-1", `{"pull":1,"ignore":"nobody asks"}`), 202, "ignored")
		b.expectSent(t, request("push", "d-1", `{"pull":1}`), 200, "duplicate")
		b.expectSent(t, request("push", "d-2", `{"pull":1}`), 200, "stored")
		b.runDue(t)
		now, err := b.store.Now(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		err = b.store.Tx(t.Context(), func(ctx context.Context, q *sqlc.Queries) error {
			deleted, err := q.PruneJobs(ctx, now.Add(time.Hour).UnixMilli())
			if err == nil && deleted != 1 {
				err = fmt.Errorf("%d jobs were deleted, expected one", deleted)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		b.expectSent(t, request("push", "d-2", `{"pull":1}`), 200, "duplicate")
		if n := b.runDue(t); n != 0 {
			t.Errorf("%d jobs ran, expected none", n)
		}
	})
}
