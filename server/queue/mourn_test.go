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
			var mourned []string
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
					mourned = append(mourned, job.Kind+" "+job.Key)
					return nil
				})
				if err := b.Enqueue(t.Context(), Job{Kind: kind, Key: "k-" + kind, Installation: 1}); err != nil {
					t.Fatal(err)
				}
			}
			for attempt := range 2 {
				if attempt == 1 && len(mourned) > 0 {
					t.Errorf("mourned too early: %q", mourned)
				}
				if _, err := b.RunDue(t.Context()); err != nil {
					t.Fatal(err)
				}
				b.advance(b.config.MaxBackoff)
			}
			slices.Sort(mourned)
			if !slices.Equal(mourned, []string{"flaky k-flaky", "panics k-panics"}) {
				t.Errorf("mourned %q", mourned)
			}
		})
}
