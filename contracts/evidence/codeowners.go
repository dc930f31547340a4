package evidence

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"plimsoll/config"
	"plimsoll/contracts"
)

// codeownersFiles are the places of CODEOWNERS in the order in which GitHub
// looks (https://docs.github.com/articles/about-code-owners); the first counts.
var codeownersFiles = []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}

// Codeowners says who owns which paths.
type Codeowners []ownerRule

type ownerRule struct {
	globs  []config.Glob
	owners []string
}

// ParseCodeowners reads a CODEOWNERS file. Lines that it can't read are passed
// over, as GitHub does.
func ParseCodeowners(data []byte) Codeowners {
	var rules Codeowners
	for line := range strings.Lines(string(data)) {
		if i := strings.Index(line, "#"); i == 0 || i > 0 && line[i-1] != '\\' {
			line = line[:i]
		}
		fields := strings.Fields(strings.ReplaceAll(line, `\ `, "\x00"))
		if len(fields) == 0 {
			continue
		}
		pattern := strings.ReplaceAll(fields[0], "\x00", " ")
		rules = append(rules, ownerRule{globs: ownerGlobs(pattern), owners: fields[1:]})
	}
	return rules
}

// ownerGlobs turns a gitignore-like pattern into globs of whole paths: a slash
// at the front or in the middle ties it to the root, one at the end means a
// folder, * at the end of a path does not reach into folders.
func ownerGlobs(pattern string) []config.Glob {
	if strings.HasPrefix(pattern, "!") || strings.Contains(pattern, "[") {
		return nil // not supported by GitHub either
	}
	trimmed := strings.TrimPrefix(strings.TrimSuffix(pattern, "/"), "/")
	if !strings.Contains(strings.TrimSuffix(pattern, "/"), "/") {
		trimmed = "**/" + trimmed
	}
	below := config.Glob(trimmed + "/**")
	switch {
	case strings.HasSuffix(pattern, "/"):
		return []config.Glob{below}
	case strings.HasSuffix(trimmed, "/*") && trimmed != "**/*":
		return []config.Glob{config.Glob(trimmed)}
	}
	return []config.Glob{config.Glob(trimmed), below}
}

// Owners gives the owners of a path: those of the last rule that matches, which
// may be nobody.
func (c Codeowners) Owners(path string) []string {
	for _, rule := range slices.Backward(c) {
		for _, glob := range rule.globs {
			if glob.Match(path) {
				return rule.owners
			}
		}
	}
	return nil
}

// first gives the first owner of a path that is a user or a team; "" without any.
func (c Codeowners) first(path string) string {
	for _, owner := range c.Owners(path) {
		if strings.HasPrefix(owner, "@") {
			return owner
		}
	}
	return ""
}

// maxCodeowners is how large a CODEOWNERS file GitHub reads.
const maxCodeowners = 3 << 20

// readOwners reads the CODEOWNERS among the paths of a tree; none is nobody.
func readOwners(ctx context.Context, src contracts.Source, paths []string) (Codeowners, error) {
	for _, file := range codeownersFiles {
		if !slices.Contains(paths, file) {
			continue
		}
		data, err := src.ReadFile(ctx, file)
		if _, ok := errors.AsType[*contracts.Problem](err); ok {
			return nil, nil // no file that can be read: nobody
		}
		if err != nil || len(data) > maxCodeowners {
			return nil, err
		}
		return ParseCodeowners(data), nil
	}
	return nil, nil
}

// FileOwners gives whom the CODEOWNERS of a tree makes the owners of a path, as
// written there; without a file of owners that can be read: nobody.
func FileOwners(ctx context.Context, tree contracts.Tree, path string) ([]string, error) {
	files, err := tree.Files(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the owners of %s: %w", path, err)
	}
	paths := make([]string, len(files))
	for i, file := range files {
		paths[i] = file.Path
	}
	owners, err := readOwners(ctx, tree, paths)
	if err != nil {
		return nil, fmt.Errorf("read the owners of %s: %w", path, err)
	}
	return owners.Owners(path), nil
}
