package intake_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/server/intake"
	"plimsoll/server/queue"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

func TestAWebhookIsStoredAndHandled(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.expectSent(t, request("push", "d-1", `{"pull":1}`), 200, `"state":"stored"`)
		delivery, err := b.store.Delivery(t.Context(), "d-1")
		if err != nil {
			t.Fatal(err)
		}
		if delivery.Event != "push" || string(delivery.Body) != `{"pull":1}` || delivery.Installation != 7 ||
			delivery.Repository != 9 || delivery.Headers != `{"X-GitHub-Hook-ID":"42"}` || delivery.Job == "" {
			t.Errorf("stored %+v", delivery)
		}
		var logged bytes.Buffer
		b.check = func(ctx context.Context) error {
			zerolog.Ctx(ctx).Info().Msg("at work")
			if job, ok := queue.FromContext(ctx); !ok || job.Kind != "event/push" {
				t.Errorf("job of the context: %+v", job)
			}
			return nil
		}
		if _, err := b.queue.RunDue(zerolog.New(&logged).WithContext(t.Context())); err != nil {
			t.Fatal(err)
		}
		b.expect(t, `push d-1 {"pull":1}`)
		for _, field := range []string{`"delivery":"d-1"`, `"event":"push"`, `"installation":7`, `"repository":9`, `"key":"pull/1"`} {
			if line, _, _ := strings.Cut(logged.String(), "\n"); !strings.Contains(line, field) {
				t.Errorf("no %s in the log line %s", field, line)
			}
		}
	})
}

func TestEverySecretFitsDuringRotation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s, intake.Config{Secrets: []string{"new", secret}})
		b.expectSent(t, request("push", "d-old", `{}`), 200, "stored")
		r := request("push", "d-new", `{}`)
		r.Header.Set("X-Hub-Signature-256", sign(sha256.New, "sha256=", "new", `{}`))
		b.expectSent(t, r, 200, "stored")
	})
}

func TestTheSameDeliveryFiftyTimesAtOnceIsOneJob(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		var group sync.WaitGroup
		states := make([]string, 50)
		for i := range states {
			group.Go(func() {
				status, body := b.send(request("pull_request", "d-1", `{"pull":1}`))
				if status != 200 {
					t.Errorf("status %d", status)
				}
				states[i] = body
			})
		}
		group.Wait()
		stored := 0
		for _, state := range states {
			if strings.Contains(state, `"stored"`) {
				stored++
			}
		}
		if stored != 1 {
			t.Errorf("%d of 50 were stored", stored)
		}
		if n := b.runDue(t); n != 1 {
			t.Errorf("%d jobs ran", n)
		}
		b.expectSent(t, request("pull_request", "d-1", `{"pull":1}`), 200, `"duplicate"`)
		if n := b.runDue(t); n != 0 {
			t.Errorf("%d jobs ran for a duplicate", n)
		}
		b.expect(t, `pull_request d-1 {"pull":1}`)
	})
}

func TestWaitingDeliveriesOfASubjectAreMergedAndTraceable(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for i := range 4 {
			b.expectSent(t, request("pull_request", fmt.Sprintf("d-%d", i), fmt.Sprintf(`{"pull":1,"n":%d}`, i)), 200, "stored")
		}
		if n := b.runDue(t); n != 1 {
			t.Errorf("%d jobs ran", n)
		}
		b.expect(t, `pull_request d-3 {"pull":1,"n":3}`)
		last, err := b.store.Delivery(t.Context(), "d-3")
		if err != nil {
			t.Fatal(err)
		}
		ids, err := b.store.DeliveriesOfJob(t.Context(), last.Job)
		slices.Sort(ids)
		if err != nil || !slices.Equal(ids, []string{"d-0", "d-1", "d-2", "d-3"}) {
			t.Errorf("deliveries of the job: %q, %v", ids, err)
		}
	})
}

func TestWhatAsksForNothingIsStoredAsIgnored(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.expectSent(t, request("star", "d-1", `{}`), 202, `"ignored"`)
		b.expectSent(t, request("push", "d-2", `{"ignore":"not the default branch"}`), 202, `"ignored"`)
		b.expectSent(t, request("push", "d-3", `[]`), 202, `"ignored"`)
		b.expectSent(t, request("ping", "d-4", `{"zen":"x"}`), 200, `"ignored"`)
		for id, why := range map[string]string{"d-1": "no handler for this event", "d-2": "not the default branch", "d-3": "not understood: ", "d-4": "no handler for this event"} {
			delivery, err := b.store.Delivery(t.Context(), id)
			if err != nil || !strings.HasPrefix(delivery.Ignored, why) || delivery.Job != "" || len(delivery.Body) != 0 {
				t.Errorf("%s: %+v, %v", id, delivery, err)
			}
		}
		if n := b.runDue(t); n != 0 {
			t.Errorf("%d jobs ran", n)
		}
	})
}

func TestAHandlersErrorBringsTheJobAgain(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.check = func(context.Context) error { return errors.New("502") }
		b.expectSent(t, request("push", "d-1", `{"pull":1}`), 200, "stored")
		b.runDue(t)
		delivery, err := b.store.Delivery(t.Context(), "d-1")
		if err != nil {
			t.Fatal(err)
		}
		row, err := b.store.Read().GetJob(t.Context(), delivery.Job)
		if err != nil || row.State != "ready" || row.LastError != "502" || row.RunAt <= time.Now().UnixMilli() {
			t.Errorf("job %+v, %v", row, err)
		}
	})
}

// pushless handles fewer events than the version before.
type pushless struct{ *recorder }

func (pushless) Handles() []string { return []string{"pull_request"} }

func TestAStoredEventThatNobodyHandlesAnyMoreIsDead(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.expectSent(t, request("push", "d-1", `{"pull":1}`), 200, "stored")
		later, err := queue.New(b.store, queue.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := intake.New(intake.Config{Secrets: []string{secret}}, pushless{b.recorder}, b.store, later); err != nil {
			t.Fatal(err)
		}
		if _, err := later.RunDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		if state, _ := b.stateOf(t, "d-1"); state != queue.Dead {
			t.Errorf("the job is %s, expected dead", state)
		}
		b.expect(t)
	})
}
