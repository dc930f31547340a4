package registry

import (
	"context"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// ScanProgress tells how far the reading of installations has come: the log on the
// way, and at the end the open pull requests that were judged before it.
type ScanProgress struct {
	Invalidator *Invalidator
	// Left gives how many requests GitHub still grants an installation before it
	// makes it wait; known is false where GitHub has not said.
	Left func(installation int64) (left int, known bool)
	// Now gives the time; default: time.Now.
	Now func() time.Time

	mu       sync.Mutex
	reported map[int64]time.Time
}

// The log is told of every so many repositories, and at least so often.
const (
	reportEvery = 100
	reportAfter = 10 * time.Second
)

// Came tells of a scan as it is after a step. It may be told of an end again: an
// earlier telling may have been cut short.
func (p *ScanProgress) Came(ctx context.Context, installation int64, scan source.Scan) error {
	if !scan.Running {
		if p.ended(installation) {
			p.report(ctx, installation, scan, "read all repositories")
		}
		return p.Invalidator.Changed(ctx, installation, work.TopicOfScan)
	}
	if p.due(installation, scan) {
		p.report(ctx, installation, scan, "reading repositories")
	}
	return nil
}

func (p *ScanProgress) report(ctx context.Context, installation int64, scan source.Scan, message string) {
	line := zerolog.Ctx(ctx).Info().Int("read", scan.Done).Int("repositories", scan.Total)
	if left, known := p.Left(installation); known {
		line = line.Int("rate_left", left)
	}
	line.Msg(message)
}

// due tells whether it is time for a line, and takes it as written.
func (p *ScanProgress) due(installation int64, scan source.Scan) bool {
	now := time.Now
	if p.Now != nil {
		now = p.Now
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	last, known := p.reported[installation]
	if known && scan.Done%reportEvery != 0 && now().Sub(last) < reportAfter {
		return false
	}
	if p.reported == nil {
		p.reported = map[int64]time.Time{}
	}
	p.reported[installation] = now()
	return true
}

// ended tells whether anything was told of a scan that is over now.
func (p *ScanProgress) ended(installation int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, known := p.reported[installation]
	delete(p.reported, installation)
	return known
}
