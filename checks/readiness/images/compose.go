package images

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"plimsoll/config"
	"plimsoll/contracts"
)

// Compose is what a Compose file says of its services.
type Compose struct {
	File string
	// Services in the order of the file. Keys that begin with x- are none; anchors
	// and merge keys are resolved.
	Services []Service
	// NotFollowed are the places where the file goes on elsewhere (extends,
	// include), which is not read.
	NotFollowed []contracts.Problem
}

// Service is one service of a Compose file.
type Service struct {
	At contracts.Position
	// Name of the service.
	Name string
	// Image that it runs, or that a build is called; "" without one.
	Image string
	// Build says what it builds; nil where it builds nothing.
	Build *Build
	// Health is its healthcheck. Unset: that of its image counts.
	Health Health
	// Profiles under which it starts; none: always.
	Profiles []string
	// Extends is the service that it takes over from, which is not followed: a
	// health check may stand there. "" without one.
	Extends string
}

// Build is what a service builds.
type Build struct {
	At contracts.Position
	// Context is the folder in the repository, "." for its root; "" where it is
	// none (an address, a variable without a value, a folder outside).
	Context string
	// Dockerfile is its path in the repository; "" if that is unknown or the file is
	// inline in the Compose file.
	Dockerfile string
	// Target is the stage to build; "" for the final one.
	Target string
}

// Builds says whether the service builds a Dockerfile of the repository.
func (s *Service) Builds(dockerfile string) bool {
	return s.Build != nil && s.Build.Dockerfile != "" && s.Build.Dockerfile == dockerfile
}

// ParseCompose reads a Compose file that lies at a path of the repository.
// Variables take the default that stands with them (${PORT:-8080}). The error is
// [config.Errors] or a [*contracts.Problem].
//
// https://docs.docker.com/reference/compose-file/services/
func ParseCompose(file string, data []byte) (*Compose, error) {
	documents, err := config.ParseTree(file, data, Bounds)
	if err != nil {
		return nil, err
	}
	if len(documents) == 0 {
		return nil, problem(file, 0, "the file is empty", "name the services under services:")
	}
	root := target(documents[0])
	if root.Kind != yaml.MappingNode {
		return nil, problem(file, root.Line, "expected a mapping with services", "name the services under services:")
	}
	c := &Compose{File: file}
	for key, value := range pairs(root) {
		switch key.Value {
		case "services":
			if value.Kind != yaml.MappingNode && value.Tag != "!!null" {
				return nil, problem(file, value.Line, "services must be a mapping of names to services", "write each service's name, a colon and its settings below")
			}
			for name, service := range pairs(value) {
				c.service(name, service)
			}
		case "include":
			c.notFollowed(key, "include: other Compose files are not followed")
		}
	}
	return c, nil
}

func (c *Compose) at(n *yaml.Node) contracts.Position {
	return contracts.Position{File: c.File, Line: n.Line, Column: n.Column}
}

func (c *Compose) notFollowed(n *yaml.Node, message string) {
	c.NotFollowed = append(c.NotFollowed, contracts.Problem{Position: c.at(n), Message: message, Hint: "write it into the service itself"})
}

func (c *Compose) service(name, node *yaml.Node) {
	s := Service{At: c.at(name), Name: name.Value}
	for key, value := range pairs(node) {
		switch key.Value {
		case "image":
			s.Image = value.Value
		case "build":
			s.Build = c.build(key, value)
		case "healthcheck":
			s.Health = c.health(key, value)
		case "profiles":
			for _, each := range value.Content {
				s.Profiles = append(s.Profiles, target(each).Value)
			}
		case "extends":
			if s.Extends = value.Value; value.Kind == yaml.MappingNode {
				s.Extends = text(value, "service")
			}
			c.notFollowed(key, fmt.Sprintf("service %s extends another one, which is not followed", strconv.Quote(s.Name)))
		}
	}
	c.Services = append(c.Services, s)
}

// build reads both forms: the folder alone, and a mapping.
func (c *Compose) build(key, node *yaml.Node) *Build {
	b := &Build{At: c.at(key)}
	folder, dockerfile := node.Value, "Dockerfile"
	if node.Kind == yaml.MappingNode {
		if folder = text(node, "context"); folder == "" {
			folder = "."
		}
		if name := text(node, "dockerfile"); name != "" {
			dockerfile = name
		}
		if text(node, "dockerfile_inline") != "" {
			dockerfile = ""
		}
		b.Target, _ = expand(text(node, "target"), none)
	}
	var ok bool
	if b.Context, ok = c.inside(path.Dir(c.File), folder); !ok {
		return b
	}
	if dockerfile, ok = expand(dockerfile, none); ok && dockerfile != "" {
		b.Dockerfile, _ = c.inside(b.Context, dockerfile)
	}
	return b
}

// inside gives a path of the repository for one that is relative to a folder;
// not ok where it is an address, absolute, or leads out of it.
func (c *Compose) inside(folder, name string) (string, bool) {
	name, ok := expand(name, none)
	if !ok || name == "" || path.IsAbs(name) || strings.Contains(name, "://") || strings.HasPrefix(name, "git@") || strings.HasPrefix(name, "~") {
		return "", false
	}
	joined := path.Join(folder, name)
	if joined == ".." || strings.HasPrefix(joined, "../") {
		return "", false
	}
	return joined, true
}

// none knows no variable: what the environment sets is unknown.
func none(string) (string, bool) { return "", false }

// health reads a healthcheck. Without a test it only tunes that of the image.
//
// https://docs.docker.com/reference/compose-file/services/#healthcheck
func (c *Compose) health(key, node *yaml.Node) Health {
	h := Health{At: c.at(key)}
	for name, value := range pairs(node) {
		switch {
		case name.Value == "disable" && value.Value == "true":
			return Health{State: Disabled, At: h.At}
		case name.Value == "test" && value.Kind == yaml.SequenceNode:
			var words []string
			for _, each := range value.Content {
				words = append(words, target(each).Value)
			}
			switch {
			case len(words) > 0 && words[0] == "NONE":
				h.State = Disabled
			case len(words) > 1 && (words[0] == "CMD" || words[0] == "CMD-SHELL"):
				h.State, h.Command = Declared, strings.Join(words[1:], " ")
			}
		case name.Value == "test" && value.Kind == yaml.ScalarNode && value.Tag != "!!null" && strings.TrimSpace(value.Value) != "":
			h.State, h.Command = Declared, value.Value
			if value.Value == "NONE" {
				h.State, h.Command = Disabled, ""
			}
		}
	}
	if h.State == Unset {
		return Health{}
	}
	return h
}
