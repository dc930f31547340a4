package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"plimsoll/cmd/plimsoll/internal/git/gittest"
	"plimsoll/cmd/plimsoll/internal/terminal"
)

// script runs the action's script in a checkout, with this test's binary as the program.
func (s *workflowStep) script(inputs map[string]string) stepResult {
	s.t.Helper()
	for _, name := range []string{"bash", "curl", "tar"} {
		if _, err := exec.LookPath(name); err != nil {
			if os.Getenv("CI") != "" {
				s.t.Fatalf("%s is missing: the action's script was not run", name)
			}
			s.t.Skipf("%s is missing: the action's script was not run", name)
		}
	}
	program, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.CommandContext(s.t.Context(), "bash", filepath.Join(packageFolder, "..", "..", "packaging", "action", "run.sh"))
	cmd.Dir = s.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.t.TempDir(), "RUNNER_TEMP=" + s.t.TempDir(), "PLIMSOLL_TEST_AS_PROGRAM=1",
		"PLIMSOLL_BINARY=" + program, "PLIMSOLL_ACTION=" + filepath.Join(packageFolder, "..", "..")}
	for _, variables := range []map[string]string{s.env, inputs} {
		for name, value := range variables {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	for _, name := range []string{"GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"} {
		if err := os.WriteFile(s.env[name], nil, 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	log, err := cmd.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok && err != nil {
		s.t.Fatal(err)
	} else if ok {
		return stepResult{status: terminal.Answer(exit.ExitCode()), log: string(log), summary: s.read("GITHUB_STEP_SUMMARY"), output: s.read("GITHUB_OUTPUT")}
	}
	return stepResult{log: string(log), summary: s.read("GITHUB_STEP_SUMMARY"), output: s.read("GITHUB_OUTPUT")}
}

// The script hands on the inputs of action.yml, whatever they hold.
func TestActionScript(t *testing.T) {
	s := shopAndPrice(t)
	beside := s.consumersBeside(map[string]string{"a b/$(touch pwned)/plimsoll.yml": webFile, "app.yml": appFile})
	consumers := "\n  " + beside + "/a b/$(touch pwned)  \r\n\n" + beside + "/app.yml\n"
	result := s.script(map[string]string{"PLIMSOLL_CONSUMERS": consumers, "PLIMSOLL_READINESS": "false"})
	result.has(t, terminal.No, "1 consumer breaks: web", "answer=no")
	if comments := s.pull.Comments(); len(comments) != 1 {
		t.Errorf("comments: %+v", comments)
	}
	for line := range strings.Lines(result.output) {
		if name, file, _ := strings.Cut(strings.TrimSpace(line), "="); name == "sarif" {
			checkSARIF(t, file)
		}
	}
	if _, err := os.Stat(filepath.Join(s.dir, "pwned")); err == nil {
		t.Error("an input was executed")
	}

	s.script(map[string]string{"PLIMSOLL_FAIL_ON": "none", "PLIMSOLL_CONSUMERS": consumers, "PLIMSOLL_READINESS": "false"}).has(t, terminal.Fine, "1 consumer breaks")
	s.script(map[string]string{"PLIMSOLL_FAIL_ON": "$(touch pwned)"}).has(t, terminal.Bad, "use one of breaking, risky, info, none")
	s.script(map[string]string{"PLIMSOLL_BINARY": "/nowhere"}).has(t, terminal.Bad, "::error title=Plimsoll::binary: no such program")

	// What can't be told fails only if that is asked for.
	unknown := newStep(t, map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": "openapi: ["}, map[string]string{"openapi.yaml": canContract})
	unknown.script(map[string]string{"PLIMSOLL_READINESS": "false"}).has(t, terminal.Fine, "::warning title=Plimsoll::The answer is unknown", "answer=unknown")
	unknown.script(map[string]string{"PLIMSOLL_READINESS": "false", "PLIMSOLL_FAIL_ON_UNKNOWN": "true"}).has(t, terminal.Unknown)
}

// The binary is the release of the action's own version, if its checksum is right; it is built
// where there is no release.
func TestActionScriptFindsTheBinary(t *testing.T) {
	s := shopAndPrice(t)
	name := fmt.Sprintf("plimsoll_1.2.3_%s_%s.tar.gz", runtime.GOOS, runtime.GOARCH)
	var archive bytes.Buffer
	packed := gzip.NewWriter(&archive)
	files := tar.NewWriter(packed)
	program := "#!/bin/sh\necho \"released: $*\"\n"
	for file, text := range map[string]string{"plimsoll": program, "README.md": "x"} {
		if err := files.WriteHeader(&tar.Header{Name: file, Mode: 0o755, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := files.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(files.Close(), packed.Close()); err != nil {
		t.Fatal(err)
	}
	sums := fmt.Sprintf("%x  %s\n%s  other\n", sha256.Sum256(archive.Bytes()), name, strings.Repeat("0", 64))
	releases := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1.2.3/checksums.txt":
			_, _ = w.Write([]byte(sums))
		case "/v1.2.3/" + name:
			_, _ = w.Write(archive.Bytes())
		default:
			http.NotFound(w, r)
		}
	}))
	defer releases.Close()
	trusted := filepath.Join(t.TempDir(), "ca.pem")
	gittest.Write(t, filepath.Dir(trusted), map[string]string{"ca.pem": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: releases.Certificate().Raw}))})
	inputs := func(more map[string]string) map[string]string {
		all := map[string]string{"PLIMSOLL_BINARY": "", "PLIMSOLL_RELEASES": releases.URL, "CURL_CA_BUNDLE": trusted, "PLIMSOLL_ACTION": "/_actions/acme/plimsoll/v1.2.3"}
		for key, value := range more {
			all[key] = value
		}
		return all
	}
	s.script(inputs(nil)).has(t, terminal.Fine, "released: action --fail-on=breaking")
	s.script(inputs(map[string]string{"PLIMSOLL_VERSION": "v1.2.3", "PLIMSOLL_ACTION": "/_actions/acme/plimsoll/0123abc"})).has(t, terminal.Fine, "released: action")
	s.script(inputs(map[string]string{"PLIMSOLL_VERSION": "1.2.4"})).has(t, terminal.Bad, "can't download checksums.txt of version 1.2.4")
	s.script(inputs(map[string]string{"PLIMSOLL_VERSION": "../1.2.3"})).has(t, terminal.Bad, "version: expected one such as 1.2.3")

	sums = strings.Repeat("0", 64) + "  " + name + "\n"
	s.script(inputs(nil)).has(t, terminal.Bad, "the checksum of "+name+" is wrong")
	sums = "no checksums\n"
	s.script(inputs(nil)).has(t, terminal.Bad, "the checksum of "+name+" is wrong")

	// A branch or commit is no release: the action's own source is built, never the checkout's.
	source := t.TempDir()
	gittest.Write(t, source, map[string]string{"go.mod": "module tiny\n", "cmd/plimsoll/main.go": "package main\n\nfunc main() { println(\"built from source\") }\n"})
	gittest.Write(t, s.dir, map[string]string{"go.mod": "module evil\n", "cmd/plimsoll/main.go": "package main\n\nfunc main() { println(\"of the pull request\") }\n"})
	s.script(inputs(map[string]string{"PLIMSOLL_ACTION": source})).has(t, terminal.Fine, "built from source", "because this is no released version")
}
