package deploy_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"plimsoll/deploy"
)

// What an observer lacks is named when it is made, and not found by the first deployment.
func TestNewObserverNamesWhatIsMissing(t *testing.T) {
	now := func(context.Context) (time.Time, error) { return time.Time{}, nil }
	whole := struct {
		deploy.Prober
		deploy.Past
		deploy.ObservationStore
	}{}
	if _, err := deploy.NewObserver(now, whole, nil, whole, whole); err != nil {
		t.Errorf("without signals: %v", err)
	}
	for missing, make := range map[string]func() (*deploy.Observer, error){
		"now":           func() (*deploy.Observer, error) { return deploy.NewObserver(nil, whole, nil, whole, whole) },
		"prober":        func() (*deploy.Observer, error) { return deploy.NewObserver(now, nil, nil, whole, whole) },
		"past, store":   func() (*deploy.Observer, error) { return deploy.NewObserver(now, whole, nil, nil, nil) },
		"prober, store": func() (*deploy.Observer, error) { return deploy.NewObserver(now, nil, nil, whole, nil) },
	} {
		if _, err := make(); err == nil || !strings.HasSuffix(err.Error(), "missing "+missing) {
			t.Errorf("without %s: %v", missing, err)
		}
	}
}
