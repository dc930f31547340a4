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
	// MaxInFlight bounds the bodies being taken at once, in bytes; more wait, and
	// are refused with 503 after StoreTimeout. Default 256 MiB, at least MaxBody.
	MaxInFlight int64
	// StoreTimeout is how long storing may take before the answer is 500. GitHub
	// waits for 10 seconds. Default 8 seconds.
	StoreTimeout time.Duration
}

// WithDefaults fills in what is not set.
func (c Config) WithDefaults() Config {
	c.MaxBody = cmp.Or(c.MaxBody, maxBody)
	c.MaxInFlight = cmp.Or(c.MaxInFlight, max(256<<20, c.MaxBody))
	c.StoreTimeout = cmp.Or(c.StoreTimeout, 8*time.Second)
	return c
}

func (c Config) validate() error {
	var errs []error
	if len(c.Secrets) == 0 {
		errs = append(errs, errors.New("a webhook secret is needed: without one anybody could send events"))
	}
	for i, secret := range c.Secrets {
		if strings.TrimSpace(secret) == "" {
			errs = append(errs, fmt.Errorf("webhook secret %d is empty: take it out or set it", i+1))
		}
	}
	if c.MaxBody < 0 || c.StoreTimeout < 0 || c.MaxInFlight < c.MaxBody {
		errs = append(errs, errors.New("MaxBody and StoreTimeout must be positive, and MaxInFlight at least MaxBody"))
	}
	return errors.Join(errs...)
}
