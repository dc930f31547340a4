package work

import (
	"fmt"
)

// PullKey is the key of a pull request's jobs: the queue runs one job of a key at a time.
func PullKey(repository int64, number int) string {
	return fmt.Sprintf("repo/%d/pull/%d", repository, number)
}

func RepositoryKey(repository int64) string { return fmt.Sprintf("repo/%d", repository) }

func InstallationKey(installation int64) string { return fmt.Sprintf("installation/%d", installation) }

func GroupKey(repository int64, head string) string {
	return fmt.Sprintf("repo/%d/group/%s", repository, head)
}
