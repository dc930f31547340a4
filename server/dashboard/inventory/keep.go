package inventory

import (
	"context"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// Ages of what is kept: up to fresh it is shown as it is, up to stale it is shown and read
// again meanwhile, and after that a page waits for it.
const (
	fresh = 2 * time.Second
	stale = 30 * time.Second
)

// readWithin bounds one reading.
const readWithin = time.Minute

// Kept keeps the newest inventory for everyone who asks. So that many pages cost one reading,
// it reads at most once at a time.
type Kept struct {
	read func(context.Context) (*Inventory, error)
	// always: every page has it read again, for tests.
	always bool

	reading sync.Mutex // held while it is read

	mu      sync.Mutex // guards what follows
	newest  *Inventory
	at      time.Time
	renewed bool // a reading in the background is under way
}

// Keep keeps what a reader reads. always reads it again for every page.
func Keep(reader *Reader, always bool) *Kept { return &Kept{read: reader.Read, always: always} }

// Get returns an inventory that is at most a few seconds old while it is asked for often.
func (k *Kept) Get(ctx context.Context) (*Inventory, error) {
	k.mu.Lock()
	newest, age := k.newest, time.Since(k.at)
	if newest != nil && age < stale && !k.always {
		if age >= fresh && !k.renewed {
			k.renewed = true
			go k.renew(context.WithoutCancel(ctx))
		}
		k.mu.Unlock()
		return newest, nil
	}
	k.mu.Unlock()
	return k.wait(ctx, newest)
}

// wait reads it unless someone else has since.
func (k *Kept) wait(ctx context.Context, seen *Inventory) (*Inventory, error) {
	k.reading.Lock()
	defer k.reading.Unlock()
	k.mu.Lock()
	newest := k.newest
	k.mu.Unlock()
	if newest != seen && !k.always {
		return newest, nil
	}
	read, err := k.read(ctx)
	if err == nil {
		k.put(read)
	}
	return read, err
}

func (k *Kept) renew(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	k.reading.Lock()
	defer k.reading.Unlock()
	read, err := k.read(ctx)
	if err != nil {
		zerolog.Ctx(ctx).Warn().Err(err).Msg("the dashboard shows what it read before")
	} else {
		k.put(read)
	}
	k.mu.Lock()
	k.renewed = false
	k.mu.Unlock()
}

func (k *Kept) put(read *Inventory) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.newest, k.at = read, time.Now()
}
