package server

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"plimsoll/server/queue"
)

// readyWithin bounds the questions that readyz asks.
const readyWithin = 3 * time.Second

// readyCheck is one thing that /readyz looks at. None of them asks GitHub: a restart does not
// fix GitHub.
type readyCheck struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	// Problem names no account and no repository: outsiders may read it.
	Problem string `json:"problem,omitempty"`
}

// counting is a check that has a problem if there is something to count. one and more say what,
// with the number in the place of %d.
func counting(name string, n int, one, more string) readyCheck {
	switch n {
	case 0:
		return readyCheck{Name: name, OK: true}
	case 1:
		return readyCheck{Name: name, Problem: one}
	}
	return readyCheck{Name: name, Problem: fmt.Sprintf(more, n)}
}

// readyz says whether webhooks can be stored and worked on, and names what is wrong.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	status, body, _ := s.readiness(ctx)
	answer(w, status, body)
}

// notReady is the answer while the database is away. It holds up everything else.
func (s *Server) notReady(err error) (status int, body map[string]any) {
	s.log.Warn().Err(err).Msg("not ready: the database does not answer")
	return http.StatusServiceUnavailable, map[string]any{
		"status": "not ready", "database": "does not answer", "checks": []readyCheck{{Name: "database", Problem: "The database does not answer."}},
	}
}

// readiness makes the checks that are cheap enough for everybody who asks.
func (s *Server) readiness(ctx context.Context) (status int, body map[string]any, checks []readyCheck) {
	if s.stopping.Load() {
		return http.StatusServiceUnavailable, map[string]any{"status": "stopping"}, nil
	}
	err := s.store.Ping(ctx)
	var pauses []queue.Pause
	if err == nil {
		pauses, err = s.queue.Pauses(ctx)
	}
	if err != nil {
		status, body = s.notReady(err)
		return status, body, nil
	}
	configuration := readyCheck{Name: "configuration", OK: true}
	if s.reloader != nil && s.reloader.State().Problem != "" {
		configuration = readyCheck{Name: "configuration", Problem: "The changed files were refused. The server continues with the configuration before."}
	}
	checks = []readyCheck{
		{Name: "database", OK: true},
		counting("queue", len(pauses), "The work of 1 installation is paused.", "The work of %d installations is paused."),
		configuration,
	}
	return http.StatusOK, map[string]any{"status": "ready", "database": "answers", "queue": "runs", "paused_installations": len(pauses), "checks": checks}, checks
}

// readyzInDetail is readyz for operators: it checks more, and says which installations are
// paused, since when and why, which ones lack permissions, and which repositories have not
// been read.
func (s *Server) readyzInDetail(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	status, body := s.readinessInDetail(ctx)
	answer(w, status, body)
}

func (s *Server) readinessInDetail(ctx context.Context) (status int, body map[string]any) {
	status, body, checks := s.readiness(ctx)
	if status != http.StatusOK {
		return status, body
	}
	installations, err := s.conditions(ctx)
	var names []otherName
	if err == nil {
		names, err = s.otherNames(ctx)
	}
	var jobs queue.Stats
	if err == nil {
		jobs, err = s.queue.Stats(ctx)
	}
	if err != nil {
		return s.notReady(err)
	}
	body["installations"], body["renamed_accounts"] = installations, names
	if s.reloader != nil {
		body["configuration"] = s.reloader.State()
	}
	body["checks"] = append(append(checks, checksOf(installations)...),
		counting("accounts", len(names), "1 account that the configuration names has another name now.", "%d accounts that the configuration names have other names now."),
		counting("jobs", jobs.Of(queue.Dead), "1 job is dead. See plimsoll jobs list.", "%d jobs are dead. See plimsoll jobs list."))
	return status, body
}

// checksOf are the checks of what accounts have granted, and of what could be read there.
func checksOf(installations []condition) []readyCheck {
	lacking, failed, missing := 0, 0, 0
	for _, c := range installations {
		if c.Lacking != nil {
			lacking++
		}
		if c.Reading != nil {
			failed += c.Reading.Failed
		}
		missing += len(c.Missing)
	}
	return []readyCheck{
		counting("permissions", lacking, "1 installation lacks permissions or events.", "%d installations lack permissions or events."),
		counting("repositories", failed, "1 repository can't be read.", "%d repositories can't be read."),
		counting("joined accounts", missing, "1 joined account can't be read.", "%d joined accounts can't be read."),
	}
}

// warnOfChecks says in the log what is wrong when the server starts.
func (s *Server) warnOfChecks(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	_, body := s.readinessInDetail(ctx)
	checks, _ := body["checks"].([]readyCheck)
	for _, check := range checks {
		if !check.OK {
			s.log.Warn().Str("check", check.Name).Msg(check.Problem)
		}
	}
}
