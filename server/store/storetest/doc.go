// Package storetest runs a test on every database that the store supports.
//
// SQLite is a file in the test's own folder. PostgreSQL is the server named by
// PLIMSOLL_TEST_POSTGRES, or else one throwaway server per test process, made
// from the Debian package and gone with the process, however that ends. Each test
// gets a migrated database of its own.
package storetest
