package server_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"plimsoll/deploy/ledger"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
)

// TestAcknowledgementsStandInTheLedger: who agreed, who overrode and why, once each,
// in a chain that holds, for whoever may read the consumer.
func TestAcknowledgementsStandInTheLedger(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		a := newAgreeing(t, testbed.Options{DSN: dsn})
		a.say("eve", "/plimsoll ack all I would like it")
		a.say("max", "/plimsoll ack all until 2026-12-24 the incident can't wait")
		a.say("ana", "/plimsoll ack "+priceGone+" the page goes away")
		a.web.Grant("ana", "read")
		a.shop.Grant("ana", "read") // where it was agreed to
		ask := &asking{live: &live{world: a.world}}
		_, body, _ := ask.ask(a.GitHub.UserToken("ana"), "ledger?repository=acme/web")
		var previous *ledger.Entry
		var got []string
		for line := range strings.Lines(body) {
			var entry ledger.Entry
			var said struct{ Reason, Until string }
			if err := json.Unmarshal([]byte(line), &entry); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			if err := json.Unmarshal(entry.Body, &said); err != nil {
				t.Fatalf("%s: %v", entry.Body, err)
			}
			if err := entry.Intact(previous); err != nil {
				t.Errorf("the chain: %v", err)
			}
			previous = &entry
			got = append(got, strings.TrimSpace(string(entry.Kind)+" "+entry.Component+" "+entry.Actor+": "+said.Reason+" "+said.Until))
		}
		want := []string{"override web max: the incident can't wait 2026-12-25T00:00:00Z", "acknowledgement web ana: the page goes away"}
		if !slices.Equal(got, want) {
			t.Errorf("the ledger says %q, expected %q:\n%s", got, want, body)
		}
		if status, body, _ := ask.ask(a.GitHub.UserToken("otto"), "ledger?repository=acme/web"); status != 404 {
			t.Errorf("a stranger is told %d: %s", status, body)
		}
	})
}
