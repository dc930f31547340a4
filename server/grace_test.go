package server

import (
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"plimsoll/server/queue"
)

// Whatever starts the server waits as long as the server takes to stop.
func TestPackagesWaitForTheServer(t *testing.T) {
	conf := queue.Config{}.WithDefaults()
	stops := closeWithin + conf.Grace + conf.Settle
	for file, shape := range map[string]string{
		"chart/values.yaml": `(?m)^terminationGracePeriodSeconds: (\d+)`,
		"compose.yml":       `stop_grace_period: (\d+)s`,
		"plimsoll.service":  `TimeoutStopSec=(\d+)s`,
	} {
		text, err := os.ReadFile("../packaging/" + file)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(shape).FindSubmatch(text)
		if found == nil {
			t.Errorf("%s does not say how long it waits", file)
			continue
		}
		seconds, err := strconv.Atoi(string(found[1]))
		if err != nil || time.Duration(seconds)*time.Second < stops+5*time.Second {
			t.Errorf("%s waits for %d s, the server stops within %s", file, seconds, stops)
		}
	}
}
