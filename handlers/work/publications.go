package work

import (
	"fmt"

	"plimsoll/contracts"
)

// KindPublish publishes what a subject lacks on GitHub: PublishArgs.
const KindPublish = "publish"

// PublishArgs are the arguments of KindPublish.
type PublishArgs struct {
	Repository contracts.RepositoryRef `json:"repository"`
	// Subject as package checks names it.
	Subject string `json:"subject"`
}

// PublishWork is the work of publishing what a subject lacks. Its key belongs to the
// subject, so that nothing is made twice.
func PublishWork(repo contracts.RepositoryRef, subject string) Work {
	return Work{
		Kind: KindPublish, Key: fmt.Sprintf("repo/%d/publish/%s", repo.ID, subject), Installation: repo.Installation,
		Args: PublishArgs{Repository: repo, Subject: subject},
	}
}
