package testbed

import (
	"context"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"plimsoll/config"
	"plimsoll/server"
)

// operatorsFile is the operator's file of a testbed, which a script may change.
type operatorsFile struct {
	now    atomic.Pointer[config.Server]
	hangup chan os.Signal
}

func newOperatorsFile(conf *config.Server) *operatorsFile {
	f := &operatorsFile{hangup: make(chan os.Signal)}
	f.now.Store(conf)
	return f
}

// reload has the server read the file only when a script says so.
func (f *operatorsFile) reload() server.Reload {
	return server.Reload{Load: func() (*config.Server, error) { return f.now.Load(), nil }, Hangup: f.hangup, Every: time.Hour}
}

// Reload changes the operator's file, sends SIGHUP, and waits until the server has read the
// file.
func (s *Testbed) Reload(ctx context.Context, change func(*config.Server)) error {
	next := *s.file.now.Load()
	change(&next)
	s.file.now.Store(&next)
	// The server takes a signal when it has handled the one before.
	for range 2 {
		select {
		case s.file.hangup <- syscall.SIGHUP:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
