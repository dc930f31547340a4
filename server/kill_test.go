package server_test

import (
	"os"
	"sync/atomic"
	"testing"

	"plimsoll/server/store/storetest"
)

// A server that is killed with SIGKILL at any moment leaves nothing undone and does
// nothing twice: when it was started again on SQLite, or another replica took over on
// PostgreSQL, people see what they would have seen without the kill.
//
// Every moment at which something changes is tried (see kills); with PLIMSOLL_KILLS=all
// also every request that only reads.
func TestKill(t *testing.T) {
	all := os.Getenv("PLIMSOLL_KILLS") == "all"
	var kills atomic.Int64
	t.Cleanup(func() { t.Logf("%d kills", kills.Load()) })
	for _, scenario := range killScenarios {
		t.Run(scenario.name, func(t *testing.T) {
			t.Parallel()
			storetest.EachDSN(t, func(t *testing.T, dsn string) {
				// One job at a time: exactly one is broken off, and always the same one.
				k := newKillable(t, scenario, dsn, 1)
				n := k.everyMoment(scenario, func() []moment { return k.kills(all) })
				kills.Add(int64(n))
				t.Logf("%d kills", n)
			})
		})
	}
}

// A replica that holds a request for longer than its lease, because it is suspended or its
// clock is set, goes on when another one has done the job: it does nothing twice.
// It is held at requests that read. One that writes can't be called back. On SQLite there
// is no other replica, and no process takes over what it runs itself.
func TestOvertaken(t *testing.T) {
	for _, scenario := range killScenarios {
		t.Run(scenario.name, func(t *testing.T) {
			t.Parallel()
			k := newKillable(t, scenario, storetest.Postgres(t), 1)
			n := k.everyMoment(scenario, func() []moment { return k.reads(overtake) })
			t.Logf("overtaken %d times", n)
		})
	}
}

// everyMoment compares a run for each moment with one in which nothing happens, and gives
// how many there were.
func (k *killable) everyMoment(scenario killScenario, moments func() []moment) int {
	k.t.Helper()
	for range 2 { // what is stored after the first run spares the second one requests
		k.run(scenario, nil)
		k.restart()
	}
	want := k.run(scenario, nil).result()
	for _, prefix := range []string{"POST ", "GET ", commitTo, endOf} {
		if k.count(prefix) == 0 {
			k.t.Fatalf("a run in which nothing happens has no event %q", prefix)
		}
	}
	if !k.dropBefore(scenario.from) {
		k.t.Fatalf("a run in which nothing happens has no event %q", scenario.from)
	}
	list := moments()
	for _, m := range list {
		r := k.run(scenario, &m)
		for range 3 {
			if r.happened {
				break
			}
			// What the processes remember has spared them the request.
			k.restart()
			r = k.run(scenario, &m)
		}
		switch got := r.result(); {
		case !r.happened && m.how == overtake && m.n > 1:
			// Each replica remembers what it has read: a second request of the same kind
			// depends on which of them has done the work before.
		case !r.happened:
			k.t.Errorf("%s: this did not happen again", m)
		case got != want:
			k.t.Errorf("%s:\n%s", m, difference(want, got))
		}
	}
	return len(list)
}
