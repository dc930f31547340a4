// Package images reads how a component's container image is built and run:
// Dockerfiles and Compose files. It gives facts (stages, health checks, ports,
// which service builds which Dockerfile) and evaluates nothing; the rules of
// readiness do.
//
// Nothing is run, fetched or followed out of the file: an image named by FROM
// may bring a health check of its own, which only its registry knows, and a
// Compose service that extends another is said to be so. The package knows
// neither GitHub nor the repository file.
package images

import (
	"path"
	"strings"

	"plimsoll/config"
)

// Bounds of a Dockerfile or a Compose file; a longer one is refused.
var Bounds = config.Bounds{Bytes: 512 << 10, Depth: 64, AliasNodes: 10_000, Documents: 1}

// notDockerfiles end names that begin like a Dockerfile's and are none: the list
// of what stays out of a build, a text about it, a template that something else
// renders first.
var notDockerfiles = []string{".dockerignore", ".md", ".txt", ".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".template", ".erb", ".mustache", ".in"}

// IsDockerfile says whether a path is a Dockerfile's by its name: Dockerfile,
// Dockerfile.*, *.Dockerfile, and the same with Containerfile. Capitals do not
// count, as Docker itself also finds "dockerfile".
func IsDockerfile(file string) bool {
	name := strings.ToLower(path.Base(file))
	for _, suffix := range notDockerfiles {
		if strings.HasSuffix(name, suffix) {
			return false
		}
	}
	for _, word := range []string{"dockerfile", "containerfile"} {
		if name == word || len(name) > len(word)+1 && (strings.HasPrefix(name, word+".") || strings.HasSuffix(name, "."+word)) {
			return true
		}
	}
	return false
}

// IsCompose says whether a path is a Compose file's by its name: compose.yaml,
// docker-compose.yml and what is laid over them, such as compose.override.yaml
// and docker-compose-dev.yml.
//
// https://docs.docker.com/compose/intro/compose-application-model/#the-compose-file
func IsCompose(file string) bool {
	name := path.Base(file)
	stem, found := strings.CutSuffix(name, ".yml")
	if !found {
		if stem, found = strings.CutSuffix(name, ".yaml"); !found {
			return false
		}
	}
	stem = strings.TrimPrefix(stem, "docker-")
	return stem == "compose" || strings.HasPrefix(stem, "compose.") || strings.HasPrefix(stem, "compose-")
}
