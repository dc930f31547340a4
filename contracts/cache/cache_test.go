package cache_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"plimsoll/contracts/cache"
)

func lengths(key, value string) int64 { return int64(len(key) + len(value)) }

func wantKept(t *testing.T, c *cache.Cache[string, string], entries int, bytes int64) {
	t.Helper()
	if n, size := c.Stats(); n != entries || size != bytes {
		t.Errorf("%d entries of %d bytes, want %d of %d", n, size, entries, bytes)
	}
}

func wantValue(t *testing.T, c *cache.Cache[string, string], key, want string) {
	t.Helper()
	if got, ok := c.Get(key); got != want || !ok {
		t.Errorf("%s: %q, %t, want %q", key, got, ok, want)
	}
}

func wantGone(t *testing.T, c *cache.Cache[string, string], keys ...string) {
	t.Helper()
	for _, key := range keys {
		if got, ok := c.Get(key); ok || got != "" {
			t.Errorf("%s is kept: %q", key, got)
		}
	}
}

func TestLeastRecentlyUsedGoesFirst(t *testing.T) {
	c := cache.New(30, lengths)
	c.Add("a", "123456789")
	c.Add("b", "123456789")
	c.Add("c", "123456789")
	wantKept(t, c, 3, 30)
	wantValue(t, c, "a", "123456789") // now b is the oldest
	c.Add("d", "1")
	wantGone(t, c, "b")
	wantKept(t, c, 3, 22)
	// One large entry replaces as many as it needs to.
	c.Add("e", "12345678901234")
	wantGone(t, c, "b", "c")
	wantValue(t, c, "d", "1")
	wantValue(t, c, "e", "12345678901234")
	wantKept(t, c, 3, 27)
}

func TestAddReplaces(t *testing.T) {
	c := cache.New(20, lengths)
	c.Add("a", "1234")
	c.Add("a", "12")
	wantValue(t, c, "a", "12")
	wantKept(t, c, 1, 3)
	c.Remove("a")
	c.Remove("a")
	wantGone(t, c, "a")
	wantKept(t, c, 0, 0)
}

func TestTooLargeIsNotKept(t *testing.T) {
	c := cache.New(20, lengths)
	c.Add("a", "123456789") // exactly half
	c.Add("b", "1234567890")
	wantGone(t, c, "b")
	wantKept(t, c, 1, 10)
	// The old value is wrong by now: it goes, although the new one is not kept.
	c.Add("a", strings.Repeat("x", 100))
	wantGone(t, c, "a")
	wantKept(t, c, 0, 0)
}

func TestBoundHoldsUnderConcurrentUse(t *testing.T) {
	const bound = 500
	c := cache.New(bound, lengths)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(worker)))
			for range 2000 {
				key := fmt.Sprint(random.IntN(100))
				switch random.IntN(4) {
				case 0:
					c.Remove(key)
				case 1:
					c.Add(key, strings.Repeat(key, random.IntN(40)))
				default:
					if value, ok := c.Get(key); ok && strings.Trim(value, key) != "" {
						t.Errorf("%s has the value of another key: %q", key, value)
					}
				}
				if n, bytes := c.Stats(); bytes > bound || bytes < int64(n) {
					t.Errorf("%d entries of %d bytes", n, bytes)
				}
			}
		})
	}
	wg.Wait()
	for i := range 100 {
		c.Remove(fmt.Sprint(i))
	}
	wantKept(t, c, 0, 0)
}

func TestNewRefusesWhatCanNotWork(t *testing.T) {
	for name, build := range map[string]func(){
		"no bound": func() { cache.New(0, lengths) },
		"no size":  func() { cache.New[string, string](1, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("New did not panic")
				}
			}()
			build()
		})
	}
}
