package queue

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestReplicasAreToldAtOnceAndThenEveryFiftyMilliseconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var mu sync.Mutex
		var told []time.Duration
		n := &notifier{broadcast: func(context.Context) error {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, time.Since(begun))
			return nil
		}}
		for range 1000 { // a job a millisecond
			n.notify()
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if len(told) != 21 || told[0] != 0 || told[20] < time.Second {
			t.Errorf("told %d times: %v", len(told), told)
		}
		for i := 1; i < len(told); i++ {
			if told[i]-told[i-1] < notifyEvery {
				t.Errorf("told at %v and again at %v", told[i-1], told[i])
			}
		}
	})
}
