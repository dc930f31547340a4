package registry

import (
	"context"
	"errors"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// ScanProgress reports how far the reading of installations has come: to the log on the
// way, and at the end to the open pull requests that were evaluated before it.
type ScanProgress struct {
	invalidator *Invalidator
	left        func(installation int64) (left int, known bool)
	now         func() time.Time

	mu       sync.Mutex
	reported map[int64]time.Time
}

// NewScanProgress returns a ScanProgress. left gives how many requests GitHub still grants
// an installation before it makes it wait; known is false if GitHub has not said so.
func NewScanProgress(invalidator *Invalidator, left func(installation int64) (left int, known bool), now func() time.Time) (*ScanProgress, error) {
	if invalidator == nil || left == nil || now == nil {
		return nil, errors.New("make the progress of scans: it needs an invalidator, the limit of requests and a clock")
	}
	return &ScanProgress{invalidator: invalidator, left: left, now: now, reported: map[int64]time.Time{}}, nil
}

// The log gets a line for every so many repositories, and at least so often.
const (
	reportEvery = 100
	reportAfter = 10 * time.Second
)

// Came reports a scan after a step. The end may be reported again: an earlier report may
// have been interrupted.
func (p *ScanProgress) Came(ctx context.Context, installation int64, scan source.Scan) error {
	if !scan.Running {
		if p.ended(installation) {
			p.report(ctx, installation, scan, "read all repositories")
		}
		return p.invalidator.Changed(ctx, installation, work.TopicOfScan)
	}
	if p.due(installation, scan) {
		p.report(ctx, installation, scan, "reading repositories")
	}
	return nil
}

func (p *ScanProgress) report(ctx context.Context, installation int64, scan source.Scan, message string) {
	line := zerolog.Ctx(ctx).Info().Int("read", scan.Done).Int("repositories", scan.Total)
	if left, known := p.left(installation); known {
		line = line.Int("rate_left", left)
	}
	line.Msg(message)
}

// due reports whether it is time for a line, and takes it as written.
func (p *ScanProgress) due(installation int64, scan source.Scan) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	last, known := p.reported[installation]
	if known && scan.Done%reportEvery != 0 && p.now().Sub(last) < reportAfter {
		return false
	}
	p.reported[installation] = p.now()
	return true
}

// ended reports whether anything was reported of a scan that is over now.
func (p *ScanProgress) ended(installation int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, known := p.reported[installation]
	delete(p.reported, installation)
	return known
}
