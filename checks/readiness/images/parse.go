package images

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"plimsoll/contracts"
)

// maxStages of one Dockerfile: real ones have less than thirty.
const maxStages = 256

// maxInstruction bounds one instruction, its continuation lines joined; what
// heredocs hold is not counted. BuildKit's own scanner stops at 64 KiB a line.
const maxInstruction = 128 << 10

// ParseDockerfile reads a Dockerfile the way BuildKit does: parser directives
// (escape), continuation lines, comments between them, heredocs. Instructions
// that are not known are left to the frontend that # syntax= may name. An error
// is a [*contracts.Problem] with the line.
func ParseDockerfile(file string, data []byte) (*Dockerfile, error) {
	if len(data) > Bounds.Bytes {
		return nil, problem(file, 0, fmt.Sprintf("the file has %d bytes, at most %d are read", len(data), Bounds.Bytes), "is this a Dockerfile?")
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return nil, problem(file, bytes.Count(data[:i], []byte("\n"))+1, "a NUL byte: this is not a text file", "save it as UTF-8 text")
	}
	parsed, err := parser.Parse(bytes.NewReader(data))
	if err != nil {
		return nil, syntaxProblem(file, err)
	}
	r := reader{file: file, result: &Dockerfile{File: file}, globals: map[string]string{}}
	for _, node := range parsed.AST.Children {
		if len(node.Original) > maxInstruction {
			return nil, problem(file, node.StartLine, fmt.Sprintf("an instruction of %d bytes, at most %d are read", len(node.Original), maxInstruction), "put the script into a file of its own")
		}
		if err := r.instruction(node); err != nil {
			return nil, err
		}
	}
	if len(r.result.Stages) == 0 {
		return nil, problem(file, 0, "no FROM: nothing is built", "begin with FROM and the image to build on")
	}
	return r.result, nil
}

func problem(file string, line int, message, hint string) *contracts.Problem {
	return &contracts.Problem{Position: contracts.Position{File: file, Line: line}, Message: message, Hint: hint}
}

// syntaxProblem takes the place out of what BuildKit's parser says.
func syntaxProblem(file string, err error) *contracts.Problem {
	line := 0
	if located, ok := errors.AsType[*parser.LocationError](err); ok {
		for _, ranges := range located.Locations {
			for _, each := range ranges {
				if line == 0 {
					line = each.Start.Line
				}
			}
		}
	}
	message := strings.Join(strings.FieldsFunc(strings.ToValidUTF8(err.Error(), "?"), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
	if runes := []rune(message); len(runes) > 300 {
		message = string(runes[:300]) + "…"
	}
	return problem(file, line, "not a Dockerfile: "+message, "docker build --check says more")
}

// reader turns instructions into stages.
type reader struct {
	file    string
	result  *Dockerfile
	globals map[string]string // ARG before the first FROM, with a value
}

func (r *reader) instruction(node *parser.Node) error {
	name := strings.ToUpper(node.Value)
	if name == "FROM" {
		return r.from(node)
	}
	if len(r.result.Stages) == 0 {
		if name == "ARG" {
			assign(r.globals, words(node), r.global, nil)
		}
		return nil
	}
	stage := r.result.Final()
	stage.End = node.EndLine
	if name != "CMD" && name != "ENTRYPOINT" && stage.Start == 0 {
		stage.Ready = node.EndLine
	}
	switch name {
	case "HEALTHCHECK":
		return r.health(stage, node)
	case "EXPOSE":
		r.expose(stage, node)
	case "ARG":
		assign(stage.values, words(node), r.result.value(stage), r.globals)
	case "ENV":
		value := r.result.value(stage)
		for n := node.Next; n != nil && n.Next != nil && n.Next.Next != nil; n = n.Next.Next.Next {
			assign(stage.values, []string{n.Value + "=" + n.Next.Value}, value, nil)
		}
	case "CMD", "ENTRYPOINT":
		if stage.Start == 0 {
			stage.Start = node.StartLine
		}
	}
	return nil
}

// assign keeps NAME=value if the value is known. A name alone takes its value from
// inherit.
func assign(into map[string]string, pairs []string, known func(string) (string, bool), inherit map[string]string) {
	for _, pair := range pairs {
		name, value, given := strings.Cut(pair, "=")
		if !given {
			if value, found := inherit[name]; found {
				into[name] = value
			}
			continue
		}
		if value, ok := expand(strings.Trim(value, `"'`), known); ok {
			into[name] = value
		} else {
			delete(into, name)
		}
	}
}

func (r *reader) from(node *parser.Node) error {
	args := words(node)
	named := len(args) == 3 && strings.EqualFold(args[1], "as")
	if len(args) != 1 && !named {
		return problem(r.file, node.StartLine, "FROM takes an image, or an image AS a name", "write FROM image AS name")
	}
	if len(r.result.Stages) == maxStages {
		return problem(r.file, node.StartLine, fmt.Sprintf("more than %d stages", maxStages), "split the file")
	}
	stage := Stage{At: contracts.Position{File: r.file, Line: node.StartLine}, From: args[0], Base: -1, Ready: node.EndLine, End: node.EndLine, values: map[string]string{}}
	base, ok := expand(args[0], r.global)
	stage.Unresolved = !ok
	for i, earlier := range r.result.Stages {
		if ok && earlier.Name != "" && strings.EqualFold(earlier.Name, base) {
			stage.Base = i
		}
	}
	if named {
		stage.Name = strings.ToLower(args[2])
	}
	r.result.Stages = append(r.result.Stages, stage)
	return nil
}

func (r *reader) global(name string) (string, bool) {
	value, ok := r.globals[name]
	return value, ok
}

func (r *reader) health(stage *Stage, node *parser.Node) error {
	args := words(node)
	at := contracts.Position{File: r.file, Line: node.StartLine}
	switch {
	case len(args) == 1 && strings.EqualFold(args[0], "NONE"):
		stage.Health = Health{State: Disabled, At: at}
	case len(args) > 1 && strings.EqualFold(args[0], "CMD"):
		stage.Health = Health{State: Declared, At: at, Command: strings.Join(args[1:], " ")}
	default:
		return problem(r.file, node.StartLine, "HEALTHCHECK takes CMD and a command, or NONE", "write HEALTHCHECK CMD and the command that checks")
	}
	return nil
}

func (r *reader) expose(stage *Stage, node *parser.Node) {
	for _, word := range words(node) {
		word, ok := expand(word, r.result.value(stage))
		if !ok {
			continue
		}
		port, protocol, found := strings.Cut(strings.Trim(word, `"'`), "/")
		if !found {
			protocol = "tcp"
		}
		first, _, _ := strings.Cut(port, "-")
		if number, err := strconv.Atoi(first); err == nil && number > 0 && number < 65536 {
			stage.Ports = append(stage.Ports, Port{At: contracts.Position{File: r.file, Line: node.StartLine}, Number: number, Protocol: strings.ToLower(protocol)})
		}
	}
}

// words gives what stands behind an instruction, word by word.
func words(node *parser.Node) []string {
	var all []string
	for n := node.Next; n != nil; n = n.Next {
		all = append(all, n.Value)
	}
	return all
}
