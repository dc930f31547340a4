package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"plimsoll/contracts"
	"plimsoll/server/store/sqlc"
)

// FileKind says why a file is watched.
type FileKind string

// The kinds of watched files.
const (
	DeclarationFile FileKind = "declaration" // the repository file
	ContractFile    FileKind = "contract"    // a contract, or a file that one refers to
	EvidenceFile    FileKind = "evidence"    // what a use was imported from
)

// WatchedFile is a file whose change can change what Plimsoll says. A file may be
// watched for several reasons.
type WatchedFile struct {
	Path string
	Kind FileKind
	// SHA names the content where it is known.
	SHA string
}

// WatchedFiles lists the files of a repository, on its default branch, that are
// contracts, declarations or evidence, sorted by path.
func (s *Store) WatchedFiles(ctx context.Context, installation, repository int64) ([]WatchedFile, error) {
	rows, err := s.Read().ListWatchedFiles(ctx, installation, repository)
	if err != nil {
		return nil, fmt.Errorf("list the watched files of repository %d: %w", repository, err)
	}
	files := make([]WatchedFile, len(rows))
	for i, row := range rows {
		files[i] = WatchedFile{Path: row.Path, Kind: FileKind(row.Kind), SHA: row.Sha}
	}
	return files, nil
}

func putWatched(ctx context.Context, q *sqlc.Queries, installation, repository int64, files []WatchedFile) error {
	for _, file := range files {
		err := q.PutWatchedFile(ctx, sqlc.PutWatchedFileParams{
			Installation: installation, Repository: repository, Path: file.Path, Kind: string(file.Kind), Sha: file.SHA,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// watchedFiles finds the files that a registration was made from.
func watchedFiles(r contracts.Registration) []WatchedFile {
	type reason struct {
		path string
		kind FileKind
	}
	shas := map[reason]string{}
	add := func(path, sha string, kind FileKind) {
		if path != "" {
			shas[reason{Clean(path), kind}] = Clean(sha)
		}
	}
	add(r.File, r.FileSHA, DeclarationFile)
	for _, component := range r.Components {
		for _, provided := range component.Provides {
			add(provided.Spec, "", ContractFile) // also where it could not be read
			for path, sha := range provided.Files {
				add(path, sha, ContractFile)
			}
		}
		for _, use := range component.Consumes {
			if path := use.Usage.Evidence.File; path != r.File {
				add(path, "", EvidenceFile)
			}
			for _, operation := range use.Usage.Operations {
				if path := operation.Evidence.File; path != r.File {
					add(path, "", EvidenceFile)
				}
			}
		}
	}
	files := make([]WatchedFile, 0, len(shas))
	for _, key := range slices.SortedFunc(maps.Keys(shas), func(a, b reason) int {
		return slices.Compare([]string{a.path, string(a.kind)}, []string{b.path, string(b.kind)})
	}) {
		files = append(files, WatchedFile{Path: key.path, Kind: key.kind, SHA: shas[key]})
	}
	return files
}
