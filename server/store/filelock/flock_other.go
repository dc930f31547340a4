//go:build !unix

package filelock

import "os"

// Lock creates the file if it does not exist. Without flock a second process is not
// kept out: on such systems the operator must start only one.
func Lock(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
}
