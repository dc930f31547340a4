package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll/checks/readiness/kustomize"
	"plimsoll/server/sandbox"
)

func TestMain(m *testing.M) {
	sandbox.Serve()
	os.Exit(m.Run())
}

// unhurried gives a slow machine time.
var unhurried = sandbox.Config{Build: time.Minute, All: 2 * time.Minute}

func open(t *testing.T, config sandbox.Config) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// request builds folders, each with so many Deployments and so many patches of all of them.
func request(folders int, resources, patches int) kustomize.Request {
	r := kustomize.Request{Files: map[string]string{}}
	var items []string
	for i := range resources {
		items = append(items, fmt.Sprintf(`{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"app-%d"},"spec":{"template":{"spec":{"containers":[{"name":"app","image":"x"}]}}}}`, i))
	}
	var each []string
	for i := range patches {
		each = append(each, fmt.Sprintf(`{"target":{"kind":"Deployment"},"patch":"[{\"op\":\"add\",\"path\":\"/metadata/labels\",\"value\":{\"a\":\"%d\"}}]"}`, i))
	}
	for i := range folders {
		folder := fmt.Sprintf("/k%d", i)
		r.Folders = append(r.Folders, folder)
		r.Files[folder+"/kustomization.yaml"] = `{"resources":["app.yaml"],"patches":[` + strings.Join(each, ",") + `]}`
		r.Files[folder+"/app.yaml"] = strings.Join(items, "\n---\n")
	}
	return r
}

// endless is a request that takes minutes: each patch is laid upon each resource.
func endless() kustomize.Request { return request(1, 500, 500) }

func TestBuilds(t *testing.T) {
	results, err := open(t, unhurried).For(1).Build(t.Context(), request(2, 3, 1))
	if err != nil || len(results) != 2 {
		t.Fatalf("%d results, %v", len(results), err)
	}
	for _, result := range results {
		if result.Problem != "" || len(result.Resources) != 3 || !strings.Contains(result.Resources[0], `"labels":{"a":"0"}`) {
			t.Errorf("got %+v", result)
		}
	}
	broken := request(1, 1, 0)
	delete(broken.Files, "/k0/app.yaml")
	if results, err = open(t, unhurried).For(1).Build(t.Context(), broken); err != nil || !strings.Contains(results[0].Problem, "app.yaml") {
		t.Errorf("%+v, %v", results, err)
	}
}

// A build that would take minutes ends at its limit. Those before it count, those behind it
// are not reached, and another installation does not wait.
func TestABuildEndsAtItsLimit(t *testing.T) {
	s := open(t, sandbox.Config{Build: 2 * time.Second})
	request := request(1, 3, 1)
	bomb := endless()
	for name, content := range bomb.Files {
		request.Files["/bomb"+name] = content
	}
	request.Folders = append(request.Folders, "/bomb/k0", "/k0")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		results, err := s.For(1).Build(t.Context(), request)
		if err != nil || len(results) != 3 || len(results[0].Resources) != 3 || results[1].Limit != kustomize.TooExpensive || results[2].Limit != kustomize.NotReached {
			t.Errorf("%+v, %v", results, err)
		}
	}()
	builds(t, s, 2)
	<-ended
	builds(t, s, 1)
}

// builds builds something small.
func builds(t *testing.T, s *sandbox.Sandbox, installation int64) {
	t.Helper()
	if results, err := s.For(installation).Build(t.Context(), request(1, 1, 1)); err != nil || len(results[0].Resources) != 1 {
		t.Errorf("installation %d: %+v, %v", installation, results, err)
	}
}

func TestAllBuildsEndAtTheirLimit(t *testing.T) {
	results, err := open(t, sandbox.Config{All: time.Second}).For(1).Build(t.Context(), endless())
	if err != nil || results[0].Limit != kustomize.TooExpensive {
		t.Errorf("%+v, %v", results, err)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux bounds the memory of a process")
	}
	large := request(1, 1, 0)
	large.Files["/large"] = strings.Repeat("x", 64<<20)
	s := open(t, sandbox.Config{Memory: 32 << 20, Build: time.Minute, All: time.Minute})
	results, err := s.For(1).Build(t.Context(), large)
	if err != nil || results[0].Limit != kustomize.TooExpensive {
		t.Errorf("%+v, %v", results, err)
	}
}

func TestLongResultsAreTooExpensive(t *testing.T) {
	results, err := open(t, sandbox.Config{Output: 1000}).For(1).Build(t.Context(), request(1, 100, 0))
	if err != nil || results[0].Limit != kustomize.TooExpensive {
		t.Errorf("%+v, %v", results, err)
	}
}

// An installation has one process at a time, and those who wait may give up.
func TestOneProcessForAnInstallation(t *testing.T) {
	s := open(t, sandbox.Config{Build: time.Hour, All: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	errs := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := s.For(1).Build(ctx, endless())
			errs <- err
		}()
	}
	builds(t, s, 2)
	cancel()
	for range 2 {
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("%v, expected the context's error", err)
		}
	}
	builds(t, s, 1)
}

// All that one evaluation builds shares one budget: a bomb at the base and at the head costs
// as much as one, and what stood before it counts.
func TestOneBudgetForAnEvaluation(t *testing.T) {
	s := open(t, sandbox.Config{Build: time.Second})
	evaluation := s.For(1)
	for _, want := range []kustomize.Limit{"", kustomize.TooExpensive, kustomize.NotReached} {
		asked := request(1, 3, 1)
		if want != "" {
			asked = endless()
		}
		results, err := evaluation.Build(t.Context(), asked)
		if err != nil || len(results) != 1 || results[0].Limit != want {
			t.Errorf("%+v, %v, expected the limit %q", results, err, want)
		}
	}
	builds(t, s, 1) // the next evaluation has a budget of its own
}

// Only so many processes run at once, whatever the number of installations, and each gets its
// turn.
func TestProcessesOfAllInstallations(t *testing.T) {
	s := open(t, sandbox.Config{Build: 200 * time.Millisecond, Processes: 2})
	var all sync.WaitGroup
	for installation := range int64(6) {
		all.Go(func() {
			if results, err := s.For(installation).Build(t.Context(), endless()); err != nil || results[0].Limit != kustomize.TooExpensive {
				t.Errorf("installation %d: %+v, %v", installation, results, err)
			}
		})
	}
	ended := make(chan struct{})
	go func() { all.Wait(); close(ended) }()
	for most := 0; ; {
		select {
		case <-ended:
			if most > 2 {
				t.Errorf("%d processes at once, expected at most 2", most)
			}
			return
		default:
			most = max(most, children(t))
		}
	}
}

// children counts the processes that this one has started; 0 where that is not known.
func children(t *testing.T) int {
	lists, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, list := range lists {
		if text, err := os.ReadFile(list); err == nil { // a thread may have ended
			count += len(strings.Fields(string(text)))
		}
	}
	return count
}
