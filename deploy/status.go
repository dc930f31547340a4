package deploy

import "time"

// Status is one report on a deployment.
type Status struct {
	ID    int64
	State State
	At    time.Time
	// Environment by GitHub's name, where the report names another one than was
	// asked for; else the same or empty.
	Environment string
	// URL where it is reached; mostly empty.
	URL string
	// LogURL is the page with the log; may be empty.
	LogURL string
	// Own: this App made it, to report its verdict. It says nothing of what runs.
	Own bool
}

// Reported returns the deployment by the reports on it, in any order.
func (d Deployment) Reported(statuses []Status) Deployment {
	d.State, d.StateAt, d.Status, d.SucceededAt, d.StartedAt, d.URL, d.LogURL = "", time.Time{}, 0, time.Time{}, time.Time{}, "", ""
	newestWith := struct{ environment, url, log int64 }{}
	for _, s := range statuses {
		if s.Own {
			continue
		}
		if s.ID > d.Status {
			d.State, d.StateAt, d.Status = s.State, s.At, s.ID
		}
		if s.State == Success && s.At.After(d.SucceededAt) {
			d.SucceededAt = s.At
		}
		if s.Environment != "" && s.ID > newestWith.environment {
			d.Environment, newestWith.environment = s.Environment, s.ID
		}
		if s.URL != "" && s.ID > newestWith.url {
			d.URL, newestWith.url = s.URL, s.ID
		}
		if s.LogURL != "" && s.ID > newestWith.log {
			d.LogURL, newestWith.log = s.LogURL, s.ID
		}
	}
	d.StartedAt = startedAt(statuses, d.SucceededAt)
	return d
}

// startedAt is when what succeeded at an instant was first reported to be in progress, after
// what succeeded before it; zero: never.
func startedAt(statuses []Status, succeeded time.Time) (started time.Time) {
	var before time.Time
	for _, s := range statuses {
		if s.State == Success && !s.Own && s.At.Before(succeeded) && s.At.After(before) {
			before = s.At
		}
	}
	for _, s := range statuses {
		if s.State == InProgress && !s.Own && s.At.After(before) && s.At.Before(succeeded) && (started.IsZero() || s.At.Before(started)) {
			started = s.At
		}
	}
	return started
}

// Runs reports whether the deployment's commit runs somewhere, unless a newer
// deployment says otherwise.
func (d Deployment) Runs() bool { return len(Live([]Deployment{d})) > 0 }
