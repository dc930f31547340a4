package work

import (
	"fmt"
)

// Keys of the subjects.
func PullKey(repository int64, number int) string {
	return fmt.Sprintf("repo/%d/pull/%d", repository, number)
}

func RepositoryKey(repository int64) string { return fmt.Sprintf("repo/%d", repository) }

func InstallationKey(installation int64) string { return fmt.Sprintf("installation/%d", installation) }

func GroupKey(repository int64, head string) string {
	return fmt.Sprintf("repo/%d/group/%s", repository, head)
}
