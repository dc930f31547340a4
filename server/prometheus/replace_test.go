package prometheus

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

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

// A password whose file changes is used as soon as the configuration is read again.
func TestReplacedPassword(t *testing.T) {
	metrics := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); password != "the-new-password" {
			http.Error(w, "", http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, `{"status": "success", "data": {"resultType": "vector", "result": []}}`)
	}))
	defer metrics.Close()
	folder := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	load := func() (*config.Server, []Server) {
		conf, err := config.LoadWithoutApp(filepath.Join(folder, "server.yml"), func(string) string { return "" })
		if err != nil {
			t.Fatal(err)
		}
		servers, err := FromOperator(conf.Datasources)
		if err != nil {
			t.Fatal(err)
		}
		return conf, servers
	}
	write("server.yml", "datasources: [{name: default, prometheus: \""+metrics.URL+"\", basic_auth: {username: plimsoll, password_file: password}}]\n")
	write("password", "the-old-password\n")
	before, servers := load()
	s, err := New(Config{Servers: servers})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Query(t.Context(), "", "up", time.Now()); err == nil {
		t.Error("the old password is accepted")
	}
	write("password", "the-new-password\n")
	after, servers := load()
	if reloadable, restart := before.Changes(after); !slices.Equal(reloadable, []string{"datasources"}) || len(restart) > 0 {
		t.Errorf("changed: %q, %q", reloadable, restart)
	}
	replace, err := s.Prepare(servers)
	if err != nil {
		t.Fatal(err)
	}
	replace()
	if _, err := s.Query(t.Context(), "", "up", time.Now()); err != nil {
		t.Errorf("with the new password: %v", err)
	}
}
