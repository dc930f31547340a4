// Package kustomize builds kustomizations with the kustomize library.
//
// The library can't be interrupted, and what a repository holds decides how much it
// computes. So a server builds in another process: see [Builder].
package kustomize

import (
	"context"
	"fmt"
	"path"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// Builder builds kustomizations, within limits.
type Builder interface {
	// Build builds some folders of some files, one after the other, and gives a result for
	// each. The files are those of [Request]. An error means that nothing could be built,
	// and that trying again may help.
	Build(ctx context.Context, request Request) ([]Result, error)
}

// Request is what is to be built.
type Request struct {
	// Files by absolute path. Nothing else is read.
	Files map[string]string `json:"files"`
	// Folders hold a kustomization each.
	Folders []string `json:"folders"`
}

// Result of one folder.
type Result struct {
	// Resources are its resources as JSON.
	Resources []string `json:"resources,omitempty"`
	// Problem is what the library says is wrong.
	Problem string `json:"problem,omitempty"`
	// Limit that ended the build; empty: none did.
	Limit Limit `json:"limit,omitempty"`
}

// Limit is why something was not built.
type Limit string

const (
	// TooExpensive took more time or memory than one build may.
	TooExpensive Limit = "too expensive"
	// NotReached comes behind something that was too expensive, or behind builds that took
	// all the time there is.
	NotReached Limit = "not reached"
)

// Each builds in this process, without any limit, and tells each result as soon as it is
// known. The library keeps one schema for all builds, so only one may run at a time.
func Each(request Request, tell func(Result) error) error {
	files := filesys.MakeFsInMemory()
	for name, content := range request.Files {
		if err := files.WriteFile(path.Clean("/"+name), []byte(content)); err != nil {
			return fmt.Errorf("keep %s for kustomize: %w", name, err)
		}
	}
	for _, folder := range request.Folders {
		if err := tell(build(files, folder)); err != nil {
			return err
		}
	}
	return nil
}

func build(files filesys.FileSystem, folder string) Result {
	built, err := run(files, folder)
	if err != nil {
		return Result{Problem: err.Error()}
	}
	var result Result
	for _, resource := range built.Resources() {
		data, err := resource.MarshalJSON()
		if err != nil {
			return Result{Problem: err.Error()}
		}
		result.Resources = append(result.Resources, string(data))
	}
	return result
}

// run calls the library, whose panics are errors.
func run(files filesys.FileSystem, folder string) (built resmap.ResMap, err error) {
	defer func() {
		if p := recover(); p != nil {
			built, err = nil, fmt.Errorf("it gave up: %v", p)
		}
	}()
	return krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, folder)
}
