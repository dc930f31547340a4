package main

import (
	"os"
	"testing"

	"plimsoll/server/sandbox"
)

func TestMain(m *testing.M) {
	sandbox.Serve()
	if os.Getenv("PLIMSOLL_TEST_AS_PROGRAM") != "" { // a test starts its own binary as the program
		main()
	}
	os.Exit(m.Run())
}
