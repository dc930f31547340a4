package page

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"maps"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"plimsoll/server/simulator/internal/model"
)

// tarball packs the files of a commit as GitHub does, below one folder.
func tarball(r *model.Repository, at plumbing.Hash) []byte {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	archive := tar.NewWriter(zip)
	files := r.Git.Files(r.Git.TreeOf(at))
	folder := fmt.Sprintf("%s-%s-%s/", r.Owner.Login, r.Name, at.String()[:7])
	for _, path := range slices.Sorted(maps.Keys(files)) {
		content, err := r.Git.Blob(files[path].Hash)
		if err != nil {
			continue // a submodule has no content
		}
		header := &tar.Header{Name: folder + path, Mode: 0o644, Size: int64(len(content)), ModTime: r.Git.MustCommit(at).Committer.When}
		if err := archive.WriteHeader(header); err != nil {
			panic(fmt.Sprintf("simulator: pack %s: %v", path, err))
		}
		if _, err := archive.Write(content); err != nil {
			panic(fmt.Sprintf("simulator: pack %s: %v", path, err))
		}
	}
	if err := archive.Close(); err != nil {
		panic(fmt.Sprintf("simulator: pack: %v", err))
	}
	if err := zip.Close(); err != nil {
		panic(fmt.Sprintf("simulator: pack: %v", err))
	}
	return packed.Bytes()
}
