package handlers

import (
	"fmt"
)

// Keys of the subjects.
func pullKey(repository int64, number int) string {
	return fmt.Sprintf("repo/%d/pull/%d", repository, number)
}

func repositoryKey(repository int64) string { return fmt.Sprintf("repo/%d", repository) }

func installationKey(installation int64) string { return fmt.Sprintf("installation/%d", installation) }

func groupKey(repository int64, head string) string {
	return fmt.Sprintf("repo/%d/group/%s", repository, head)
}
