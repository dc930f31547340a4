package intake

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
)

// GitHub sends at most 25 MB (https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap);
// the slack leaves room for its way of counting.
const maxBody = 26 << 20

// Config says how webhooks are taken.
type Config struct {
	// Secrets of the App's webhook, at least one, none empty. With several, each
	// is accepted: put the new one beside the old one, change it at GitHub, then
	// take the old one out.
	Secrets []string
	// MaxBody bounds a request's body, in bytes. Default 26 MiB.
	MaxBody int64
	// MaxInFlight bounds what has arrived of the bodies being taken at once, in bytes;
	// more wait, and are refused with 503 after StoreTimeout. A quarter is for the first
	// 128 KiB of each body. Default 256 MiB, at least twice MaxBody.
	MaxInFlight int64
	// StallTimeout is how long a body may bring nothing, BodyTimeout how long it may take
	// in all. Defaults 5 and 20 seconds.
	StallTimeout, BodyTimeout time.Duration
	// StoreTimeout is how long storing may take before the answer is 500. GitHub
	// waits for 10 seconds. Default 8 seconds.
	StoreTimeout time.Duration
}

// WithDefaults fills in what is not set.
func (c Config) WithDefaults() Config {
	c.MaxBody = cmp.Or(c.MaxBody, maxBody)
	c.MaxInFlight = cmp.Or(c.MaxInFlight, max(256<<20, 2*c.MaxBody))
	c.StallTimeout = cmp.Or(c.StallTimeout, 5*time.Second)
	c.BodyTimeout = cmp.Or(c.BodyTimeout, 20*time.Second)
	c.StoreTimeout = cmp.Or(c.StoreTimeout, 8*time.Second)
	return c
}

func (c Config) validate() error {
	var errs []error
	if len(c.Secrets) == 0 {
		errs = append(errs, errors.New("a webhook secret is required: without one, anyone could send events"))
	}
	for i, secret := range c.Secrets {
		if strings.TrimSpace(secret) == "" {
			errs = append(errs, fmt.Errorf("webhook secret %d is empty: take it out or set it", i+1))
		}
	}
	if c.MaxBody < 0 || min(c.StoreTimeout, c.StallTimeout, c.BodyTimeout) < 0 {
		errs = append(errs, errors.New("MaxBody and the timeouts must be positive"))
	}
	if least := max(2*c.MaxBody, smallBody/reservePart); c.MaxInFlight < least {
		errs = append(errs, fmt.Errorf("MaxInFlight must be at least %d: twice MaxBody, and a small body in its reserve", least))
	}
	return errors.Join(errs...)
}
