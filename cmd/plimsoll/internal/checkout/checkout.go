// Package checkout says which repository and which commit a command means where it is run
// inside a checkout and was not told.
package checkout

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"plimsoll/cmd/plimsoll/internal/git"
)

var fullCommitID = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)

// Commit gives the full id of a commit: as it is given, or found in the git
// repository of the current folder.
func Commit(ctx context.Context, written string) (string, error) {
	if fullCommitID.MatchString(written) {
		return written, nil
	}
	repository, err := git.Open(ctx, ".")
	if err != nil {
		return "", fmt.Errorf("--commit: no git repository here, so give the full commit id: %w", err)
	}
	defer func() { _ = repository.Close() }() // it was only read
	if written == "" {
		written = "HEAD"
	}
	commit, err := repository.Commit(ctx, written)
	if err != nil {
		return "", fmt.Errorf("--commit %s: not found in the current git repository: %w", written, err)
	}
	return commit, nil
}

// Repository gives owner/repo: as it is given, of the remote origin, or as GitHub
// Actions says.
func Repository(ctx context.Context, env func(string) string, written string) (string, error) {
	if written == "" {
		if repository, err := git.Open(ctx, "."); err == nil {
			written = ofRemote(repository.RemoteURL(ctx))
			_ = repository.Close() // it was only read
		}
		if written == "" {
			written = env("GITHUB_REPOSITORY")
		}
	}
	if written == "" {
		return "", errors.New("--repository is required: there is no git repository with a remote origin here")
	}
	if owner, name, ok := strings.Cut(written, "/"); !ok || owner == "" || name == "" || strings.Contains(name, "/") {
		return "", fmt.Errorf("--repository %s: expected owner/repo", written)
	}
	return written, nil
}

// ofRemote reads owner/repo from the address of a remote: a URL, or git's
// own user@host:owner/repo; "" where it is neither.
func ofRemote(address string) string {
	path := address
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		path = u.Path
	} else if host, rest, ok := strings.Cut(address, ":"); ok && !strings.Contains(host, "/") {
		path = rest
	} else {
		return ""
	}
	parts := strings.Split(strings.Trim(strings.TrimSuffix(strings.TrimSuffix(path, "/"), ".git"), "/"), "/")
	if len(parts) != 2 {
		return ""
	}
	return parts[0] + "/" + parts[1]
}
