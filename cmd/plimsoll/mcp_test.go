package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"plimsoll/cmd/plimsoll/internal/terminal"
)

// editor is a client of the SDK that has started `plimsoll mcp`, as an editor does.
type editor struct {
	t       *testing.T
	session *mcp.ClientSession
	program *exec.Cmd
}

// newEditor starts the program in the current folder. It must end by itself, without an
// error, when the session does.
func newEditor(t *testing.T, env map[string]string, args ...string) *editor {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, append([]string{"mcp"}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "PLIMSOLL_TEST_AS_PROGRAM=1"}
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "editor", Version: "1"}, nil)
	session, err := client.Connect(t.Context(), &mcp.CommandTransport{Command: cmd}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := session.Close(); err != nil {
			t.Errorf("the program ended with: %v", err)
		}
	})
	return &editor{t, session, cmd}
}

type arguments = map[string]any

// call gives the answer of a tool, and whether it is an error.
func (e *editor) call(name string, with arguments) (text string, failed bool) {
	e.t.Helper()
	result, err := e.session.CallTool(e.t.Context(), &mcp.CallToolParams{Name: name, Arguments: with})
	if err != nil { // arguments that do not fit are refused by the protocol, too
		return err.Error(), true
	}
	var all strings.Builder
	for _, content := range result.Content {
		all.WriteString(content.(*mcp.TextContent).Text)
	}
	return all.String(), result.IsError
}

// same fails if a tool answers something else than a command.
func (e *editor) same(env map[string]string, tool string, with arguments, line ...string) {
	e.t.Helper()
	var stdout, stderr strings.Builder
	err := run(e.t.Context(), append(line, "--format", "json"), func(name string) string { return env[name] }, &stdout, &stderr)
	failed := terminal.StatusOf(err) == terminal.Bad
	want := stdout.String()
	if failed {
		want = strings.TrimPrefix(strings.TrimSpace(stderr.String()), "plimsoll: ")
	}
	if text, isError := e.call(tool, with); isError != failed || text != want || text == "" {
		e.t.Errorf("%s %v: failed %v\n%s\nthe command %v: failed %v\n%s", tool, with, isError, text, line, failed, want)
	}
}

// What a client learns about the tools: each argument is described, and all only read.
func TestToolsDescribeThemselves(t *testing.T) {
	t.Chdir(t.TempDir())
	e := newEditor(t, nil)
	about := e.session.InitializeResult()
	if about.ServerInfo.Name != "plimsoll" || !strings.Contains(about.Instructions, "can-i-deploy") || about.Capabilities.Tools == nil {
		t.Errorf("%+v, %+v", about, about.Capabilities)
	}
	var names []string
	for tool, err := range e.session.Tools(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, tool.Name)
		if !tool.Annotations.ReadOnlyHint || *tool.Annotations.DestructiveHint || *tool.Annotations.OpenWorldHint != (tool.Name != "check") {
			t.Errorf("%s: %+v", tool.Name, tool.Annotations)
		}
		if tool.Title == "" || tool.Description == "" {
			t.Errorf("%s is not described", tool.Name)
		}
		schema := tool.InputSchema.(map[string]any)
		if schema["additionalProperties"] == nil {
			t.Errorf("%s takes any argument: %v", tool.Name, schema)
		}
		for name, property := range schema["properties"].(map[string]any) {
			if property.(map[string]any)["description"] == nil {
				t.Errorf("%s: argument %s is not described", tool.Name, name)
			}
			if name == "server" || name == "token" { // a model that sets them could send the token elsewhere
				t.Errorf("%s takes a %s", tool.Name, name)
			}
		}
	}
	if got := strings.Join(names, " "); got != "can-i-deploy can-remove check deployment-status who-uses" {
		t.Errorf("tools: %s", got)
	}
}

// Contracts are compared as the command does it, in files and in revisions.
func TestCheckToolAnswersAsTheCommand(t *testing.T) {
	checkFolder(t, checkFiles())
	git(t, "init", "-q")
	git(t, "add", ".")
	git(t, "commit", "-qm", "Begin")
	e := newEditor(t, nil)
	e.same(nil, "check", arguments{"base": "old/openapi.yaml", "head": "new/openapi.yaml"}, "check", "--base", "old/openapi.yaml", "--head", "new/openapi.yaml")
	e.same(nil, "check", arguments{"base": "old/openapi.yaml", "head": "new/openapi.yaml", "consumers": []string{"reader.yml", "other.yml"}, "api": "orders"},
		"check", "--base", "old/openapi.yaml", "--head", "new/openapi.yaml", "--consumers", "reader.yml", "--consumers", "other.yml", "--api", "orders")
	e.same(nil, "check", arguments{"base": "HEAD:old/openapi.yaml", "head": "new/openapi.yaml", "consumers": []string{"."}},
		"check", "--base", "HEAD:old/openapi.yaml", "--head", "new/openapi.yaml", "--consumers", ".")
	e.same(nil, "check", arguments{"base": "gone.yaml", "head": "new/openapi.yaml"}, "check", "--base", "gone.yaml", "--head", "new/openapi.yaml")
	if text, _ := e.call("check", arguments{"base": "old/openapi.yaml", "head": "new/openapi.yaml", "consumers": []string{"reader.yml"}}); !strings.Contains(text, `"verdict": "breaks"`) {
		t.Errorf("nobody breaks: %s", text)
	}
}

func git(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=ana", "-c", "user.email=ana@example.com"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// No argument leads out of the folder, is taken for a flag, or stops the program; what is
// asked afterwards is answered.
func TestHostileArguments(t *testing.T) {
	const secret = "5ecret-0f-somebody-else"
	outside := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	foreign := filepath.Join(outside, "order.yaml")
	write(foreign, "type: object\nproperties:\n  "+secret+": {type: string}\n")
	write(filepath.Join(outside, "plimsoll.yml"), declaration(secret))
	files := checkFiles()
	files["ref.yaml"] = strings.Replace(checkBase, "order.yaml", "../../../../../../../.."+foreign, 1)
	files["absolute.yaml"] = strings.Replace(checkBase, "order.yaml", foreign, 1)
	files["linked.yaml"] = strings.Replace(checkBase, "order.yaml", "link.yaml", 1)
	files[".github/plimsoll.yml"] = declaration("id")
	dir := checkFolder(t, files)
	for name, target := range map[string]string{"link.yaml": foreign, "linked": outside, "gone.yaml": filepath.Join(outside, "nothing")} {
		if err := os.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo("pipe.yml", 0o644); err != nil {
		t.Fatal(err)
	}
	e := newEditor(t, map[string]string{"PLIMSOLL_TOKEN": secret})
	fine := arguments{"base": "old/openapi.yaml", "head": filepath.Join(dir, "new/openapi.yaml")}
	but := func(name string, value any) arguments {
		changed := arguments{"base": fine["base"], "head": fine["head"]}
		changed[name] = value
		return changed
	}
	huge := strings.Repeat("x", 1<<20)
	for name, each := range map[string]struct {
		tool string
		with arguments
		says string
	}{
		"an absolute path":             {"check", but("head", foreign), "it is outside the folder"},
		"a path upwards":               {"check", but("base", "old/../../x.yaml"), "it is outside the folder"},
		"what is not there":            {"check", but("base", "/nothing/x.yaml"), "it is outside the folder"},
		"the environment":              {"check", but("base", "/proc/self/environ"), "it is outside the folder"},
		"a link":                       {"check", but("head", "link.yaml"), "can't be read"},
		"a link to nothing":            {"check", but("head", "gone.yaml"), "gone.yaml"},
		"a link to a folder":           {"check", but("head", "linked/order.yaml"), "can't be read"},
		"a reference upwards":          {"check", but("head", "ref.yaml"), "ref.yaml"},
		"a reference to the root":      {"check", but("head", "absolute.yaml"), "absolute.yaml"},
		"a reference to a link":        {"check", but("head", "linked.yaml"), "can't be read"},
		"a pipe":                       {"check", but("head", "pipe.yml"), "pipe.yml"},
		"a folder":                     {"check", but("head", "old"), "old"},
		"consumers elsewhere":          {"check", but("consumers", []string{outside}), "it is outside the folder"},
		"consumers by a link":          {"check", but("consumers", []string{"linked"}), "it is outside the folder"},
		"a file by a link":             {"check", but("consumers", []string{"linked/plimsoll.yml"}), "it is outside the folder"},
		"consumers in a pipe":          {"check", but("consumers", []string{"pipe.yml"}), "not a regular file"},
		"too many consumers":           {"check", but("consumers", make([]string, 101)), "consumers"},
		"a huge path":                  {"check", but("base", huge), "base"},
		"a huge path of consumers":     {"check", but("consumers", []string{huge[:5000]}), "consumers"},
		"a NUL":                        {"check", but("base", "a\x00b"), "a"},
		"a flag as a path":             {"check", but("base", "--help"), "--help"},
		"a flag as a revision":         {"check", but("base", "--output=x:openapi.yaml"), "git"},
		"another folder":               {"check", but("within", "/"), "within"},
		"another type":                 {"check", but("base", 7), "base"},
		"nothing":                      {"check", nil, "base"},
		"a flag as an operation":       {"can-remove", arguments{"api": "acme/shop/shop", "operation": "--help"}, "PLIMSOLL_SERVER"},
		"a flag as an API":             {"who-uses", arguments{"api": "--server=http://127.0.0.1:1"}, "owner/repo/api"},
		"a path upwards in an API":     {"who-uses", arguments{"api": "../../x"}, "owner/repo/api"},
		"another server":               {"who-uses", arguments{"api": "acme/shop/shop", "server": "https://evil.example"}, "server"},
		"a repository with parameters": {"deployment-status", arguments{"repository": "acme/shop/x"}, "expected owner/repo"},
		"no such tool":                 {"serve", arguments{}, "serve"},
	} {
		text, failed := e.call(each.tool, each.with)
		if !failed || !strings.Contains(text, each.says) {
			t.Errorf("%s: expected an error with %q:\n%.2000s", name, each.says, text)
		}
		if strings.Contains(text, secret) {
			t.Errorf("%s: shows what is outside:\n%.2000s", name, text)
		}
	}
	if text, failed := e.call("check", fine); failed || !strings.Contains(text, `"breaking": 1`) {
		t.Errorf("an honest question afterwards: %s", text)
	}
	if text, failed := e.call("check", but("consumers", []string{".github/plimsoll.yml", "linked.yaml"})); !failed {
		t.Errorf("a contract is no declaration: %s", text)
	}
	if text, failed := e.call("check", but("consumers", []string{".github/plimsoll.yml"})); failed || !strings.Contains(text, `"consumers_affected": 0`) {
		t.Errorf("a declaration in .github: %s", text)
	}
	e.alone(dir)
}

// alone starts the program in .github: its parent is outside, also where a declaration there
// speaks for the whole repository.
func (e *editor) alone(dir string) {
	e.t.Helper()
	e.t.Chdir(filepath.Join(dir, ".github"))
	inside := newEditor(e.t, nil)
	if text, failed := inside.call("check", arguments{"base": "HEAD:x.yaml", "head": "HEAD:x.yaml", "consumers": []string{"plimsoll.yml"}}); !failed || !strings.Contains(text, "it is outside the folder") {
		e.t.Errorf("a declaration whose repository is outside: %s", text)
	}
}

// A call that the client cancels ends its question to the server, and no other one.
func TestCancelledCall(t *testing.T) {
	asked, ended := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("repository") == "acme/slow" {
			close(asked)
			<-r.Context().Done()
			close(ended)
			return
		}
		fmt.Fprint(w, `{"schema":"plimsoll.running/v1","repository":"acme/shop","running":[]}`)
	}))
	defer server.Close()
	t.Chdir(t.TempDir())
	env := map[string]string{"GITHUB_TOKEN": "x"}
	e := newEditor(t, env, "--server", server.URL)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error)
	go func() {
		_, err := e.session.CallTool(ctx, &mcp.CallToolParams{Name: "deployment-status", Arguments: arguments{"repository": "acme/slow"}})
		done <- err
	}()
	<-asked
	env["PLIMSOLL_SERVER"] = server.URL
	e.same(env, "deployment-status", arguments{"repository": "acme/shop"}, "running", "--repository", "acme/shop")
	cancel()
	if err := <-done; err == nil {
		t.Error("the cancelled call was answered")
	}
	<-ended
	e.same(env, "deployment-status", arguments{"repository": "acme/shop"}, "running", "--repository", "acme/shop")
}

// A signal stops the program, also while a question waits for the server. It ends well.
func TestStoppedByASignal(t *testing.T) {
	asked, ended := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
		close(ended)
	}))
	defer server.Close()
	t.Chdir(t.TempDir())
	e := newEditor(t, map[string]string{"GITHUB_TOKEN": "x", "PLIMSOLL_SERVER": server.URL})
	done := make(chan error)
	go func() {
		_, err := e.session.CallTool(t.Context(), &mcp.CallToolParams{Name: "deployment-status", Arguments: arguments{"repository": "acme/slow"}})
		done <- err
	}()
	<-asked
	if err := e.program.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-ended
	<-done               // an error, or an answer that is one
	_ = e.session.Wait() // the program has closed its end
}

// Without a server, or with one that does not answer, a tool says what to do.
func TestServerIsAway(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	t.Chdir(t.TempDir())
	for name, each := range map[string]struct {
		env  map[string]string
		says string
	}{
		"none":     {map[string]string{"GITHUB_TOKEN": "x"}, "give the server's URL, or set PLIMSOLL_SERVER"},
		"no token": {map[string]string{"PLIMSOLL_SERVER": gone.URL}, "set PLIMSOLL_TOKEN or GITHUB_TOKEN"},
		"away":     {map[string]string{"PLIMSOLL_SERVER": gone.URL, "GITHUB_TOKEN": "x"}, "no answer from " + gone.URL},
	} {
		e := newEditor(t, each.env)
		for tool, with := range map[string]arguments{
			"can-i-deploy": {"environment": "production", "repository": "acme/shop", "commit": "0123456789012345678901234567890123456789"},
			"can-remove":   {"api": "acme/shop/shop", "operation": "getItem"}, "who-uses": {"api": "acme/shop/shop"},
			"deployment-status": {"repository": "acme/shop"},
		} {
			if text, failed := e.call(tool, with); !failed || !strings.Contains(text, each.says) {
				t.Errorf("%s, %s: expected %q:\n%s", name, tool, each.says, text)
			}
		}
	}
}

// Where an editor knows no project it starts programs in the root of the disk.
func TestMCPNeedsAFolder(t *testing.T) {
	t.Chdir("/")
	if status, _, stderr := runLine(t, "mcp"); status != terminal.Bad || !strings.Contains(stderr, "set --dir to the folder of your project") {
		t.Errorf("status %d, %s", status, stderr)
	}
	if status, _, stderr := runLine(t, "mcp", "--dir", "/nothing"); status != terminal.Bad || !strings.Contains(stderr, "--dir: ") {
		t.Errorf("status %d, %s", status, stderr)
	}
	dir := t.TempDir()
	e := newEditor(t, nil, "--dir", dir)
	if text, _ := e.call("check", arguments{"base": "/etc/hosts", "head": "b"}); !strings.Contains(text, "it is outside the folder "+dir) {
		t.Errorf("another folder: %s", text)
	}
}
