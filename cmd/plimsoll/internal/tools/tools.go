// Package tools gives Plimsoll's commands to editors and agents as tools of the Model
// Context Protocol. A tool runs the command line of the same name, so both answer alike.
package tools

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server/version"
)

// Command runs one command line. What went wrong is written to stderr when it returns.
type Command func(ctx context.Context, args []string, stdout, stderr io.Writer) error

// Bounds of one call, and of all together.
const (
	mostCharacters = 4096    // of one argument
	mostConsumers  = 100     // files and folders of one call
	mostAnswer     = 1 << 20 // bytes; what reads it has little room
	mostQuestions  = 4       // to the server at once
)

// instructions tell a model when to use the tools.
const instructions = `Plimsoll tells whether a change is safe to ship. All tools only read.
Before you change or remove part of an API, ask can-remove or who-uses.
After you changed a contract, run check on the old and the new version.
Before a deployment, ask can-i-deploy; afterwards, deployment-status.
An error that names a flag such as --commit means the argument of that name.
"unknown" is not "yes": tell the user what is not known.`

// service runs commands for tools.
type service struct {
	run Command
	// checks and questions are places for calls that run at once. Comparing contracts
	// needs memory, and sets the garbage collector for the whole process.
	checks, questions chan struct{}
}

// Serve answers over in and out until in ends or ctx does.
func Serve(ctx context.Context, run Command, in io.Reader, out io.Writer) error {
	stoppable := func(call context.Context, args []string, stdout, stderr io.Writer) error {
		call, cancel := context.WithCancel(call)
		defer cancel()
		defer context.AfterFunc(ctx, cancel)() // the SDK waits for calls that run when it is stopped
		return run(call, args, stdout, stderr)
	}
	server := newServer(stoppable)
	err := server.Run(ctx, &mcp.IOTransport{Reader: io.NopCloser(in), Writer: writer{out}})
	if ctx.Err() != nil || errors.Is(err, io.EOF) {
		return nil // it was stopped
	}
	return err
}

// writer is closed with the process.
type writer struct{ io.Writer }

func (writer) Close() error { return nil }

func newServer(run Command) *mcp.Server {
	server := mcp.NewServer(&mcp.Implementation{Name: "plimsoll", Title: "Plimsoll", Version: version.Current().Release}, &mcp.ServerOptions{
		Instructions: instructions,
		Capabilities: &mcp.ServerCapabilities{Tools: &mcp.ToolCapabilities{}},
	})
	s := &service{run: run, checks: make(chan struct{}, 1), questions: make(chan struct{}, mostQuestions)}
	add(server, s, tool{name: "check", title: "Compare two API contracts", places: s.checks, description: `Compare two versions of an OpenAPI contract and list each change once, with the consumers that it breaks.
Runs on this machine and needs no server. Reads only files inside the working directory.
The answer has "summary" with counts, "verdict" if consumers are given, and "changes" with level, place and affected consumers.`}, check.args)
	add(server, s, tool{name: "can-i-deploy", title: "Is a commit safe to deploy?", description: `Ask the Plimsoll server if a commit is safe to deploy to an environment.
The commit is checked against the consumers and the providers that run there. "answer" is yes, no or unknown, with reasons.`}, canIDeploy.args)
	add(server, s, tool{name: "can-remove", title: "Can an operation or field be removed?", description: `Ask the Plimsoll server who uses an operation or a field of an API, in which environments, and which line declares the use.
"answer" is yes only if it is proven that there is no consumer.`}, canRemove.args)
	add(server, s, tool{name: "who-uses", title: "Who uses an API?", description: `Ask the Plimsoll server for all consumers of an API, with the operations that they use and the line that declares the use.
"hidden" counts consumers that the token can't read.`}, whoUses.args)
	add(server, s, tool{name: "deployment-status", title: "What runs where?", description: `Ask the Plimsoll server what runs in each environment: commit, time, author, and "verdict" of the deployment
("verified", "roll back", "investigate" or "watched" while it is measured).`}, status.args)
	return server
}

// tool is what is said about a tool.
type tool struct {
	name, title, description string
	// places of calls at once; nil for those of the server's questions.
	places chan struct{}
}

// add adds a tool that runs the command line which args gives.
func add[In any](server *mcp.Server, s *service, t tool, args func(In) []string) {
	no, outside := false, t.places == nil
	places := t.places
	if outside {
		places = s.questions
	}
	mcp.AddTool(server, &mcp.Tool{
		Name: t.name, Title: t.title, Description: t.description, InputSchema: bounded[In](),
		Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true, IdempotentHint: true, DestructiveHint: &no, OpenWorldHint: &outside},
	}, func(ctx context.Context, _ *mcp.CallToolRequest, in In) (*mcp.CallToolResult, any, error) {
		leave, err := enter(ctx, places)
		if err != nil {
			return nil, nil, err
		}
		defer leave()
		result, err := s.answer(ctx, args(in))
		return result, nil, err
	})
}

// enter waits for a place. A call that was cancelled while it waited does not run.
func enter(ctx context.Context, places chan struct{}) (leave func(), err error) {
	select {
	case places <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	leave = func() { <-places }
	if ctx.Err() != nil { // both were ready
		leave()
		return nil, ctx.Err()
	}
	return leave, nil
}

// bounded is the schema of the arguments, with limits that refuse what nobody means.
func bounded[In any]() *jsonschema.Schema {
	schema, err := jsonschema.For[In](nil)
	if err != nil {
		panic(fmt.Sprintf("tools: %v", err)) // the types are part of the program
	}
	characters, items := mostCharacters, mostConsumers
	for _, property := range schema.Properties {
		if property.Type == "string" {
			property.MaxLength = &characters
		}
		if property.Items != nil {
			property.MaxItems, property.Items.MaxLength = &items, &characters
		}
	}
	return schema
}

// answer runs a command line. Its JSON is the answer; what it writes to standard error is a
// warning beside it, or the reason why there is none.
func (s *service) answer(ctx context.Context, args []string) (*mcp.CallToolResult, error) {
	var stdout, stderr bytes.Buffer
	err := s.run(ctx, args, &stdout, &stderr)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if terminal.StatusOf(err) == terminal.Bad {
		return nil, errors.New(strings.TrimPrefix(strings.TrimSpace(stderr.String()), "plimsoll: "))
	}
	if stdout.Len() > mostAnswer {
		return nil, fmt.Errorf("the answer has %d KiB, and at most %d are given here: run plimsoll %s in a terminal", stdout.Len()>>10, mostAnswer>>10, args[0])
	}
	result := &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: stdout.String()}}}
	if stderr.Len() > 0 {
		result.Content = append(result.Content, &mcp.TextContent{Text: stderr.String()})
	}
	return result, nil
}
