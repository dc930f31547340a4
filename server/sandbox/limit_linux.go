package sandbox

import (
	"fmt"
	"os"
	"syscall"
)

// limit bounds what this process may use from now on. Memory is counted from what Go has
// reserved already, most of which it never touches.
func limit(memory, seconds uint64) error {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return err
	}
	var pages uint64
	if _, err := fmt.Sscan(string(text), &pages); err != nil {
		return err
	}
	for _, l := range []struct {
		resource int
		most     uint64
	}{
		{syscall.RLIMIT_AS, pages*uint64(os.Getpagesize()) + memory},
		{syscall.RLIMIT_CPU, seconds},
		{syscall.RLIMIT_CORE, 0},
		{syscall.RLIMIT_FSIZE, 0},
	} {
		if err := syscall.Setrlimit(l.resource, &syscall.Rlimit{Cur: l.most, Max: l.most}); err != nil {
			return err
		}
	}
	return nil
}
