package images

import "plimsoll/contracts"

// HealthState says what a file says about a health check.
type HealthState string

// The states. Unset: nothing is said, so that what lies below counts (the image
// named by FROM; for a Compose service, its image).
const (
	Unset    HealthState = ""
	Declared HealthState = "declared"
	Disabled HealthState = "disabled"
)

// Health is a health check: HEALTHCHECK of a Dockerfile's stage, or healthcheck
// of a Compose service.
type Health struct {
	State HealthState
	// At is where it stands; zero where it is Unset.
	At contracts.Position
	// Command is what is run, its words joined by blanks.
	Command string
}
