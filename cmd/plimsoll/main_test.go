package main

import (
	"os"
	"testing"

	"plimsoll/server/sandbox"
)

func TestMain(m *testing.M) {
	sandbox.Serve()
	os.Exit(m.Run())
}
