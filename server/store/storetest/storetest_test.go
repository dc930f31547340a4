package storetest_test

import (
	"bufio"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"plimsoll/server/store/storetest"
)

// child makes this test binary start a server, print its folder, and wait.
const child = "PLIMSOLL_STORETEST_CHILD"

// TestTheServerGoesWithItsProcess kills a test process and looks whether its
// PostgreSQL and its folder go, too.
func TestTheServerGoesWithItsProcess(t *testing.T) {
	if os.Getenv(child) != "" {
		fmt.Println("folder " + folder(t, storetest.Postgres(t)))
		select {}
	}
	if os.Getenv(storetest.Env) != "" {
		t.Skipf("%s is set: no server is started", storetest.Env)
	}
	folder(t, storetest.Postgres(t)) // skips where PostgreSQL is not installed
	command := exec.Command(os.Args[0], "-test.run=^TestTheServerGoesWithItsProcess$")
	command.Env = append(os.Environ(), child+"=1")
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	path := ""
	for lines := bufio.NewScanner(out); path == "" && lines.Scan(); {
		if after, ok := strings.CutPrefix(lines.Text(), "folder "); ok {
			path = after
		}
	}
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	if path == "" {
		t.Fatal("the process started no server")
	}
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(path); os.IsNotExist(err) {
			return
		}
	}
	t.Errorf("%s is still there", path)
}

// folder is where a server has its socket and its data.
func folder(t *testing.T, dsn string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("host")
}
