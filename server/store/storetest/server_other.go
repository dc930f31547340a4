//go:build !linux

package storetest

// startServer starts no server here: set PLIMSOLL_TEST_POSTGRES.
func startServer(...string) (string, error) { return "", errNotInstalled }
