package github_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"plimsoll/server/simulator"
)

// newHook is the App's end of the webhook: it answers with what status says.
func newHook(t *testing.T, status func() int) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status()) }))
	t.Cleanup(server.Close)
	return server.URL
}

// settle waits until all deliveries are made.
func settle(t *testing.T, sim *simulator.Simulator) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := sim.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}
