package simulator

import (
	"context"
	"fmt"
	"slices"

	"plimsoll/server/simulator/internal/hook"
)

// Delivery is one delivery, or one attempt at it: a redelivery has the same GUID.
type Delivery = hook.Delivery

// Fate is what a script makes of a delivery.
type Fate = hook.Fate

// The fates.
const (
	Send   = hook.Send   // as it should be
	Drop   = hook.Drop   // fails: "failed to connect to host" in the log
	Vanish = hook.Vanish // neither sent nor logged: GitHub had an outage
	Double = hook.Double // sent twice with the same GUID
	Hold   = hook.Hold   // kept until Release, which sends what it held in any order
)

// SetHook says where deliveries go. Without one nothing is delivered or logged.
func (s *Simulator) SetHook(url string) {
	defer s.lock()()
	s.hook.SetURL(url)
}

// OnDelivery lets a script decide on each delivery; nil sends all. The function is
// called with the simulator locked: it must not call back.
func (s *Simulator) OnDelivery(fate func(*Delivery) Fate) {
	defer s.lock()()
	s.hook.SetFate(fate)
}

// Held lists the deliveries that are held, oldest first.
func (s *Simulator) Held() []*Delivery {
	defer s.lock()()
	return slices.Clone(s.hook.Held())
}

// Release sends held deliveries in the order given (positions in Held). Without any it
// sends all, the newest first.
func (s *Simulator) Release(order ...int) {
	defer s.lock()()
	s.hook.Release(order)
}

// Deliveries is the log, oldest first.
func (s *Simulator) Deliveries() []Delivery {
	defer s.lock()()
	var list []Delivery
	for _, d := range s.hook.Log() {
		list = append(list, *d)
	}
	return list
}

// Redeliver presses "Redeliver" in the App's settings.
func (s *Simulator) Redeliver(id int64) {
	defer s.lock()()
	d := s.hook.Delivery(id)
	if d == nil {
		panic(fmt.Sprintf("simulator: no delivery %d", id))
	}
	s.hook.Redeliver(d)
}

// Flush waits until nothing is queued or under way. It does not wait for what the App
// does after its answer.
func (s *Simulator) Flush(ctx context.Context) error { return s.hook.Flush(ctx) }
