package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/cmd/plimsoll/internal/git"
)

func newCanIDeployCommand(t *terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "can-i-deploy --environment E [--commit SHA]",
		Short: "Ask the server whether a commit may go to an environment",
		Long: `Ask the server's registry whether a commit may go to an environment: as a provider to
all consumers that run there, and as a consumer to all providers that run there.

The token is a GitHub token that may read the repository, in PLIMSOLL_TOKEN or
GITHUB_TOKEN. What it may not read is counted and not named. Repository and commit
are those of the git repository at hand, unless they are given.

Exit status: 0 yes; 1 no; 3 can't tell; 2 the input is bad, or nobody answers.`,
		Example: `  plimsoll can-i-deploy --environment production
  plimsoll can-i-deploy --server https://plimsoll.example.com --repository acme/orders \
      --component orders --commit 3f2a… --environment production --format json`,
		Args: cobra.NoArgs,
	}
	format, checkFormat := formatFlag(cmd, "text", "json")
	server := serverFlag(cmd)
	var repository, component, commit, environment string
	cmd.Flags().StringVar(&repository, "repository", "", "owner/repo (default: of the remote origin)")
	cmd.Flags().StringVar(&component, "component", "", "one component of the repository (default: all of them)")
	cmd.Flags().StringVar(&commit, "commit", "", "the commit, or a revision of the git repository at hand (default: HEAD)")
	cmd.Flags().StringVar(&environment, "environment", "", "where it should go, such as production")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkFormat(); err != nil {
			return err
		}
		if environment == "" {
			return errors.New("--environment is needed: where should it go?")
		}
		var err error
		if repository, err = repositoryAtHand(cmd.Context(), t, repository); err != nil {
			return err
		}
		if commit, err = commitAtHand(cmd.Context(), commit); err != nil {
			return err
		}
		client, err := newRegistryClient(t, *server)
		if err != nil {
			return err
		}
		query := url.Values{"repository": {repository}, "commit": {commit}, "environment": {environment}}
		if component != "" {
			query.Set("component", component)
		}
		given, raw, err := client.ask(cmd.Context(), "can-i-deploy", query)
		if err != nil {
			return err
		}
		return given.write(t, *format, shown(contracttext.DeployAsked(repository, component, commit, environment)), raw)
	}
	return cmd
}

var fullCommitID = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)

// commitAtHand gives the full id of a commit: as it is given, or found in the git
// repository at hand.
func commitAtHand(ctx context.Context, written string) (string, error) {
	if fullCommitID.MatchString(written) {
		return written, nil
	}
	repository, err := git.Open(ctx, ".")
	if err != nil {
		return "", fmt.Errorf("--commit: give the full id of a commit: open the git repository at hand: %w", err)
	}
	defer func() { _ = repository.Close() }() // it was only read
	if written == "" {
		written = "HEAD"
	}
	commit, err := repository.Commit(ctx, written)
	if err != nil {
		return "", fmt.Errorf("--commit %s: find it in the git repository at hand: %w", written, err)
	}
	return commit, nil
}

// repositoryAtHand gives owner/repo: as it is given, of the remote origin, or as
// GitHub Actions says.
func repositoryAtHand(ctx context.Context, t *terminal, written string) (string, error) {
	if written == "" {
		if repository, err := git.Open(ctx, "."); err == nil {
			written = repositoryOfRemote(repository.RemoteURL(ctx))
			_ = repository.Close() // it was only read
		}
		if written == "" {
			written = t.env("GITHUB_REPOSITORY")
		}
	}
	if written == "" {
		return "", errors.New("--repository is needed: there is no git repository with a remote origin at hand")
	}
	if owner, name, ok := strings.Cut(written, "/"); !ok || owner == "" || name == "" || strings.Contains(name, "/") {
		return "", fmt.Errorf("--repository %s: expected owner/repo", written)
	}
	return written, nil
}

// repositoryOfRemote reads owner/repo from the address of a remote: a URL, or git's
// own user@host:owner/repo; "" where it is neither.
func repositoryOfRemote(address string) string {
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
