package terminal

import (
	"os/exec"
	"runtime"
)

// OpenBrowser shows an address. Where that does not work the address has been
// printed, so nothing is lost.
func OpenBrowser(address string) {
	command := map[string][]string{
		"darwin":  {"open"},
		"windows": {"rundll32", "url.dll,FileProtocolHandler"},
	}[runtime.GOOS]
	if command == nil {
		command = []string{"xdg-open"}
	}
	started := exec.Command(command[0], append(command[1:], address)...)
	if started.Start() == nil {
		go func() { _ = started.Wait() }() // only to collect it
	}
}
