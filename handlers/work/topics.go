package work

import (
	"context"
	"fmt"
	"slices"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
)

// TopicOfConsumer: some change in the pull request hits a consumer in that repository.
func TopicOfConsumer(repository int64) string { return fmt.Sprintf("consumer/%d", repository) }

// TopicOfAPI: the pull request may hurt somebody who begins to use an API of that name.
func TopicOfAPI(name string) string { return "api/" + name }

// TopicOfOffer: the pull request uses an API of that name, whoever provides it.
func TopicOfOffer(name string) string { return "offer/" + name }

// TopicOfProvider: the pull request uses what that repository provides.
func TopicOfProvider(repository int64) string { return fmt.Sprintf("provider/%d", repository) }

// TopicOfPull: the pull request is linked with another one.
func TopicOfPull(repository int64, number int) string {
	return fmt.Sprintf("pull/%d/%d", repository, number)
}

// TopicOfFingerprint: the change blocks the pull request, or would if nobody had
// acknowledged it.
func TopicOfFingerprint(fingerprint string) string { return "fingerprint/" + fingerprint }

// TopicOfScan: the pull request was judged while not every repository had been read.
const TopicOfScan = "scan"

// TopicsOfNames are those of the APIs that a registration provides.
func TopicsOfNames(registration contracts.Registration) []string {
	var topics []string
	for name := range source.ProvidedBy(registration) {
		topics = append(topics, TopicOfAPI(name))
	}
	slices.Sort(topics)
	return topics
}

// Invalidator has the open pull requests that depend on a topic evaluated again.
type Invalidator interface {
	Changed(ctx context.Context, installation int64, topics ...string) error
}
