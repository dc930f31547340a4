package registry

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// waiting are pull requests that wait for topics, and a queue that takes work.
type waiting struct {
	work.Queue
	topics map[string][]source.PullRef
	asked  int
}

func (w *waiting) PutTopics(context.Context, contracts.RepositoryRef, int, []string) error {
	return nil
}

func (w *waiting) PullsOf(_ context.Context, _ int64, topic string) ([]source.PullRef, error) {
	return w.topics[topic], nil
}

func (w *waiting) Enqueue(_ context.Context, work ...work.Work) error {
	w.asked += len(work)
	return nil
}

func TestTheLogTellsHowFarAScanHasCome(t *testing.T) {
	now := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	w := &waiting{topics: map[string][]source.PullRef{work.TopicOfScan: {{Number: 7}}}}
	invalidator, err := NewInvalidator(w, w)
	if err != nil {
		t.Fatal(err)
	}
	left := func(installation int64) (int, bool) { return 4321, installation == 1 }
	p, err := NewScanProgress(invalidator, left, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	ctx := zerolog.New(&log).WithContext(t.Context())
	for _, step := range []struct {
		installation int64
		done         int
		after        time.Duration
		want         string
	}{
		{1, 0, 0, `{"level":"info","read":0,"repositories":250,"rate_left":4321,"message":"reading repositories"}`},
		{1, 1, time.Second, ""},
		{1, 99, time.Second, ""},
		{1, 100, time.Second, `{"level":"info","read":100,"repositories":250,"rate_left":4321,"message":"reading repositories"}`},
		{1, 101, 9 * time.Second, ""},
		{1, 102, time.Second, `{"level":"info","read":102,"repositories":250,"rate_left":4321,"message":"reading repositories"}`},
		{2, 103, 0, `{"level":"info","read":103,"repositories":250,"message":"reading repositories"}`}, // begun by a process that was killed
		{1, 250, 0, `{"level":"info","read":250,"repositories":250,"rate_left":4321,"message":"read all repositories"}`},
		{1, 250, 0, ""}, // told again
	} {
		now = now.Add(step.after)
		log.Reset()
		before := w.asked
		if err := p.Came(ctx, step.installation, source.Scan{Total: 250, Done: step.done, Running: step.done < 250}); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(log.String()); got != step.want {
			t.Errorf("%d read of installation %d: %s, expected %s", step.done, step.installation, got, step.want)
		}
		if evaluated := w.asked > before; evaluated != (step.done == 250) {
			t.Errorf("%d read: judged again %t", step.done, evaluated)
		}
	}
}
