package queue

import (
	"context"
	"errors"
	"slices"
	"testing"
)

func TestWhatIsDoneWhenAJobIsGivenUp(t *testing.T) {
	each(t, Config{Workers: 1, MaxFailures: 2}, // in order
		func(t *testing.T, b *bench) {
			var given []string
			b.Register("flaky", func(context.Context, Job) error { return errors.New("not today") })
			b.Register("panics", func(context.Context, Job) error { panic("oops") })
			b.Register("fine", func(context.Context, Job) error { return nil })
			for _, kind := range []string{"flaky", "panics", "fine"} {
				failed := false
				b.WhenDead(kind, func(_ context.Context, job Job) error {
					if !failed {
						failed = true
						return errors.New("the database is away")
					}
					given = append(given, job.Kind+" "+job.Key)
					return nil
				})
				if err := b.Enqueue(t.Context(), Job{Kind: kind, Key: "k-" + kind, Installation: 1}); err != nil {
					t.Fatal(err)
				}
			}
			for attempt := range 2 {
				if attempt == 1 && len(given) > 0 {
					t.Errorf("given up too early: %q", given)
				}
				if _, err := b.RunDue(t.Context()); err != nil {
					t.Fatal(err)
				}
				b.advance(b.config.MaxBackoff)
			}
			slices.Sort(given)
			if !slices.Equal(given, []string{"flaky k-flaky", "panics k-panics"}) {
				t.Errorf("given up %q", given)
			}
		})
}
