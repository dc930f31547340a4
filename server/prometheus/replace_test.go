package prometheus

import (
	"context"
	"sync"
	"testing"

	"plimsoll/config"
)

type accountKey struct{}

// While servers are replaced, no account gets the server of another one, and a server whose
// settings stay the same keeps its connections.
func TestReplacedServers(t *testing.T) {
	of := func(account config.Account) []Server {
		return []Server{
			{Name: "default", URL: "http://" + string(account) + ".example", Accounts: []config.Account{account}, Token: config.NewSecret(string(account))},
			{Name: "shared", URL: "http://shared.example", Accounts: []config.Account{"acme", "globex"}, Token: config.NewSecret("shared")},
		}
	}
	s, err := New(Config{Servers: of("acme"), MayAsk: func(ctx context.Context, server Server) (bool, error) {
		for _, account := range server.Accounts {
			if account == ctx.Value(accountKey{}) {
				return true, nil
			}
		}
		return false, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	shared := (*s.byName.Load())["shared"]
	var all sync.WaitGroup
	stop := make(chan struct{})
	for _, account := range []config.Account{"acme", "globex"} {
		all.Go(func() {
			ctx := context.WithValue(t.Context(), accountKey{}, account)
			for {
				select {
				case <-stop:
					return
				default:
				}
				if got, err := s.named(ctx, "default"); err == nil && got.URL != "http://"+string(account)+".example" {
					t.Errorf("%s gets %s", account, got.URL)
					return
				}
			}
		})
	}
	for i := range 200 {
		replace, err := s.Prepare(of([]config.Account{"globex", "acme"}[i%2]))
		if err != nil {
			t.Fatal(err)
		}
		replace()
	}
	close(stop)
	all.Wait()
	if (*s.byName.Load())["shared"] != shared {
		t.Error("a server that did not change was made again")
	}
	if _, err := s.Prepare([]Server{{Name: "x", URL: "ftp://x"}}); err == nil || (*s.byName.Load())["shared"] != shared {
		t.Errorf("a server that can't be used: %v", err)
	}
}
