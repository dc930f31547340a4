//go:build !unix

package store

import "os"

// lockFile opens the lock file. Without flock a second process is not kept out:
// on such systems the operator has to start only one.
func lockFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
}
