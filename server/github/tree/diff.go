package tree

import (
	"context"
	"fmt"
	"strings"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/server/github"
)

// Diff lists what changed from base to head, sorted by path, for comparisons with
// more files than GitHub lists. A file that was removed and added elsewhere with the
// same content is renamed, unless that is ambiguous.
func Diff(ctx context.Context, base, head contracts.Tree) ([]source.ChangedFile, error) {
	old, err := base.Files(ctx)
	if err != nil {
		return nil, fmt.Errorf("list files of base: %w", err)
	}
	now, err := head.Files(ctx)
	if err != nil {
		return nil, fmt.Errorf("list files of head: %w", err)
	}
	var changes []source.ChangedFile
	for len(old) > 0 || len(now) > 0 {
		order := 0
		switch {
		case len(old) == 0:
			order = 1
		case len(now) == 0:
			order = -1
		default:
			order = strings.Compare(old[0].Path, now[0].Path)
		}
		switch {
		case order < 0:
			changes = append(changes, source.ChangedFile{Path: old[0].Path, Status: github.FileRemoved, SHA: old[0].SHA})
			old = old[1:]
		case order > 0:
			changes = append(changes, source.ChangedFile{Path: now[0].Path, Status: github.FileAdded, SHA: now[0].SHA})
			now = now[1:]
		default:
			if old[0].SHA != now[0].SHA {
				changes = append(changes, source.ChangedFile{Path: now[0].Path, Status: github.FileModified, SHA: now[0].SHA})
			}
			old, now = old[1:], now[1:]
		}
	}
	return joinRenames(changes), nil
}

// joinRenames turns a removal and an addition into a rename if no other removal or
// addition has the same content.
func joinRenames(changes []source.ChangedFile) []source.ChangedFile {
	removed, added := map[string][]int{}, map[string][]int{}
	for i, c := range changes {
		switch c.Status {
		case github.FileRemoved:
			removed[c.SHA] = append(removed[c.SHA], i)
		case github.FileAdded:
			added[c.SHA] = append(added[c.SHA], i)
		}
	}
	gone := map[int]bool{}
	for sha, from := range removed {
		if to := added[sha]; len(from) == 1 && len(to) == 1 {
			changes[to[0]].Status, changes[to[0]].Previous = github.FileRenamed, changes[from[0]].Path
			gone[from[0]] = true
		}
	}
	kept := changes[:0]
	for i, c := range changes {
		if !gone[i] {
			kept = append(kept, c)
		}
	}
	return kept
}
