// Command speed runs `plimsoll check` and oasdiff over the same pairs of
// contracts, cold, one after the other, and writes wall time, CPU time and peak
// memory of both as a table. Each process is measured by what the kernel says of
// it when it ends.
//
//	go run ./speed -specs ../../../shared/data/specs -out SPEED.md
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	var s session
	var out, only string
	flag.StringVar(&s.specs, "specs", "../../../shared/data/specs", "folder of pairs, each with base.* and head.*")
	flag.StringVar(&s.plimsoll, "plimsoll", "", "the built plimsoll")
	flag.StringVar(&s.oasdiff, "oasdiff", "", "the built ./oasdiff")
	flag.StringVar(&s.rows, "rows", "", "folder that keeps oasdiff's rows, for the oracle")
	flag.StringVar(&out, "out", "", "file to write the table to; standard output when empty")
	flag.StringVar(&only, "only", "", "comma-separated names of pairs; all when empty")
	flag.IntVar(&s.runs, "runs", 3, "runs of each program on each pair; the median counts")
	flag.Int64Var(&s.once, "once", 7<<20, "from this many bytes of base on, oasdiff runs once")
	flag.DurationVar(&s.bound, "bound", 5*time.Minute, "time bound for one run")
	flag.Parse()
	if os.Getenv(measuring) != "" {
		if err := s.measure(flag.Arg(0), flag.Args()[1:]...); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	text, err := s.table(only)
	if err == nil && out != "" {
		err = os.WriteFile(out, []byte(text), 0o644)
	} else if err == nil {
		fmt.Print(text)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type session struct {
	specs, plimsoll, oasdiff, rows string
	runs                           int
	once                           int64
	bound                          time.Duration
}

// cost is what one run took.
type cost struct {
	wall, cpu time.Duration
	peak      int64 // bytes
	entries   int
	output    int // bytes
	err       error
}

func (s *session) table(only string) (string, error) {
	for _, program := range []string{s.plimsoll, s.oasdiff} {
		if _, err := os.Stat(program); err != nil {
			return "", fmt.Errorf("name the built programs with -plimsoll and -oasdiff: %w", err)
		}
	}
	pairs, err := s.pairs(only)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Load average before: %s. %d CPUs, %s/%s, %s.\n\n", load(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	b.WriteString("| pair | plimsoll: wall s | CPU s | peak MB | entries | output kB | oasdiff: wall s | CPU s | peak MB | entries | output kB | CPU: times less |\n")
	b.WriteString("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, p := range pairs {
		ours, theirs := make([]cost, 0, s.runs), make([]cost, 0, s.runs)
		for i := range s.runs {
			ours = append(ours, s.run(p, s.plimsoll, "check", "--format", "json", "--fail-on", "none", "--base", p.base, "--head", p.head))
			if i == 0 || p.size < s.once {
				theirs = append(theirs, s.run(p, s.oasdiff, p.base, p.head))
			}
		}
		o, t := median(ours), median(theirs)
		ratio := "-"
		if t.err == nil && o.err == nil {
			ratio = fmt.Sprintf("%.0f", t.cpu.Seconds()/o.cpu.Seconds())
		}
		line := fmt.Sprintf("| %s | %s | %s | %s |\n", p.name, o, t, ratio)
		b.WriteString(line)
		fmt.Fprint(os.Stderr, line)
	}
	fmt.Fprintf(&b, "\nLoad average after: %s.\n", load())
	return b.String(), nil
}

func (c cost) String() string {
	if c.err != nil {
		return "no answer: " + strings.ReplaceAll(c.err.Error(), "|", "/") + " | | | |"
	}
	return fmt.Sprintf("%.2f | %.2f | %.0f | %d | %.0f", c.wall.Seconds(), c.cpu.Seconds(), float64(c.peak)/(1<<20), c.entries, float64(c.output)/1000)
}

// median takes the run in the middle by CPU time.
func median(runs []cost) cost {
	slices.SortFunc(runs, func(a, b cost) int { return cmp.Compare(a.cpu, b.cpu) })
	return runs[len(runs)/2]
}

type pair struct {
	name, base, head string
	size             int64
}

func (s *session) pairs(only string) ([]pair, error) {
	entries, err := os.ReadDir(s.specs)
	if err != nil {
		return nil, fmt.Errorf("list pairs: %w", err)
	}
	var pairs []pair
	for _, e := range entries {
		if !e.IsDir() || only != "" && !slices.Contains(strings.Split(only, ","), e.Name()) {
			continue
		}
		p := pair{name: e.Name()}
		for _, pattern := range []string{"%s.json", "%s.yaml", "%s/*.yaml"} {
			bases, _ := filepath.Glob(filepath.Join(s.specs, p.name, fmt.Sprintf(pattern, "base")))
			heads, _ := filepath.Glob(filepath.Join(s.specs, p.name, fmt.Sprintf(pattern, "head")))
			if len(bases) > 0 && len(heads) > 0 {
				p.base, p.head = bases[0], heads[0]
				break
			}
		}
		if p.base == "" {
			continue
		}
		if info, err := os.Stat(p.base); err == nil {
			p.size = info.Size()
		}
		pairs = append(pairs, p)
	}
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.size, b.size) })
	return pairs, nil
}

// measuring in the environment makes this program measure one run of another and
// tell it as JSON. What the kernel says of a process's peak memory begins with that
// of the process that started it, so it has to be a small one.
const measuring = "PLIMSOLL_SPEED_MEASURE"

// told is a cost as it goes from one process to the other; durations in nanoseconds.
type told struct {
	Wall, CPU       time.Duration
	Peak            int64
	Entries, Output int
	Fault           string
}

// run has a small process of its own start the program and measure it.
func (s *session) run(p pair, program string, args ...string) cost {
	self, err := os.Executable()
	if err != nil {
		return cost{err: err}
	}
	flags := []string{"-bound", s.bound.String()}
	if program == s.oasdiff && s.rows != "" {
		flags = append(flags, "-rows", filepath.Join(s.rows, p.name+".json"))
	}
	cmd := exec.Command(self, append(append(flags, program), args...)...)
	cmd.Env = append(os.Environ(), measuring+"=1")
	out, err := cmd.Output()
	if err != nil {
		return cost{err: err}
	}
	var t told
	if err := json.Unmarshal(out, &t); err != nil {
		return cost{err: err}
	}
	c := cost{wall: t.Wall, cpu: t.CPU, peak: t.Peak, entries: t.Entries, output: t.Output}
	if t.Fault != "" {
		c.err = errors.New(t.Fault)
	}
	return c
}

// measure tells on standard output what one run costs.
func (s *session) measure(program string, args ...string) error {
	c := s.start(program, args...)
	t := told{Wall: c.wall, CPU: c.cpu, Peak: c.peak, Entries: c.entries, Output: c.output}
	if c.err != nil {
		t.Fault = c.err.Error()
	}
	return json.NewEncoder(os.Stdout).Encode(t)
}

// start starts a program and reads its resource usage when it has ended.
func (s *session) start(program string, args ...string) cost {
	ctx, cancel := context.WithTimeout(context.Background(), s.bound)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	err := cmd.Run()
	c := cost{wall: time.Since(start), output: stdout.Len()}
	if err != nil {
		words, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		if ctx.Err() != nil {
			words = fmt.Sprintf("stopped after %s", s.bound)
		}
		if at := strings.LastIndex(words, ": "); len(words) > 120 && at > 0 {
			words = words[at+2:]
		}
		c.err = fmt.Errorf("%s", words)
		return c
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	c.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	c.peak = usage.Maxrss << 10
	c.entries = entries(stdout.Bytes())
	if s.rows != "" { // when measuring: a file
		if err := os.WriteFile(s.rows, stdout.Bytes(), 0o644); err != nil {
			c.err = err
		}
	}
	return c
}

// entries counts what a report holds: an array, or the array "changes".
func entries(report []byte) int {
	var list []json.RawMessage
	if json.Unmarshal(report, &list) == nil {
		return len(list)
	}
	var object struct {
		Changes []json.RawMessage `json:"changes"`
	}
	if json.Unmarshal(report, &object) == nil {
		return len(object.Changes)
	}
	return -1
}

func load() string {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	fields := strings.Fields(string(data))
	return strings.Join(fields[:min(3, len(fields))], " ")
}
