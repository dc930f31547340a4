package overview_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/server/dashboard/dashboardtest"
	"plimsoll/server/dashboard/overview"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed/orgfixture"
)

// BenchmarkFiftyPeople has 50 people read the pages of an organisation of 5,000 components at
// once, while 20 repositories a second are registered again. It reports the median and the
// 95th percentile of a page.
func BenchmarkFiftyPeople(b *testing.B) {
	w := dashboardtest.Open(b, storetest.SQLite(b), true)
	w.Must(overview.New(overview.Deps{Frame: w.Frame, Store: w.Store}))
	w.Shop()
	api := contracts.APIRef{Repository: dashboardtest.Orders, Name: "orders"}
	organisation := orgfixture.New(orgfixture.Options{API: api})
	w.Must(organisation.Write(b.Context(), w.Store))
	reads := map[int64]bool{11: true, 12: true, 13: true}
	for _, r := range organisation.Repositories {
		reads[r.Now.Repository.ID] = true
	}
	const people = 50
	for i := range people {
		name := fmt.Sprint("person-", i)
		w.People[name] = &dashboardtest.Person{Name: name, Reads: reads}
	}
	some := organisation.Repositories[7].Now
	paths := []string{"/", "/components?q=component-1", "/components?page=7", "/components/acme/orders/orders", "/components/acme/" + some.Repository.Name + "/" + some.Components[0].Name}
	stop := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
				r := organisation.Repositories[i%len(organisation.Repositories)].Now
				r.Commit = dashboardtest.Commit(fmt.Sprint("again", i))
				if _, err := w.Store.Register(b.Context(), r); err != nil {
					return
				}
			}
		}
	})
	w.Page("person-0", "/")
	var mu sync.Mutex
	var took []time.Duration
	for b.Loop() {
		var asking sync.WaitGroup
		for i := range people {
			asking.Go(func() {
				time.Sleep(time.Duration(i) * 20 * time.Millisecond) // people do not ask at one instant
				began := time.Now()
				got := w.Get(fmt.Sprint("person-", i), paths[i%len(paths)])
				mu.Lock()
				defer mu.Unlock()
				if took = append(took, time.Since(began)); got.Code != http.StatusOK {
					b.Errorf("%d", got.Code)
				}
			})
		}
		asking.Wait()
	}
	close(stop)
	writing.Wait()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/median")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "ms/p95")
}
