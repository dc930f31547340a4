//go:build unix

package filelock

import (
	"errors"
	"os"
	"syscall"
)

// Lock creates the file if it does not exist and locks it for this process until the
// file is closed. The kernel releases the lock when the process ends, even if it is
// killed. If another process has the lock, the error wraps [ErrHeld].
func Lock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrHeld
		}
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
