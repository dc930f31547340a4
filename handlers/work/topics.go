package work

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
)

// TopicOfConsumer: some change in the pull request affects a consumer in that repository.
func TopicOfConsumer(repository int64) string { return fmt.Sprintf("consumer/%d", repository) }

// TopicOfAPI: the pull request may break a consumer that begins to use an API of that name.
func TopicOfAPI(name string) string { return "api/" + name }

// TopicOfOffer: the pull request uses an API of that name, of any provider.
func TopicOfOffer(name string) string { return "offer/" + name }

// TopicOfProvider: the pull request uses what that repository provides.
func TopicOfProvider(repository int64) string { return fmt.Sprintf("provider/%d", repository) }

// TopicOfContracts: the pull request changes a contract of that repository, its own, which
// its base branch may change too.
func TopicOfContracts(repository int64) string { return fmt.Sprintf("contracts/%d", repository) }

// TopicOfFile: the pull request changes that file of its own repository, which is part of no
// contract so far.
func TopicOfFile(repository int64, path string) string {
	return fmt.Sprintf("file/%d/%x", repository, sha256.Sum256([]byte(path)))
}

// TopicOfPull: the pull request is linked with another one.
func TopicOfPull(repository int64, number int) string {
	return fmt.Sprintf("pull/%d/%d", repository, number)
}

// TopicOfVisibility: the page of the pull request says other things if that repository, its
// own or one that it is linked with, can be read by others.
func TopicOfVisibility(repository int64) string { return fmt.Sprintf("visibility/%d", repository) }

// TopicOfFingerprint: the change blocks the pull request, or would if it was not
// acknowledged.
func TopicOfFingerprint(fingerprint string) string { return "fingerprint/" + fingerprint }

// TopicOfScan: the pull request was evaluated before every repository had been read.
const TopicOfScan = "scan"

// TopicOfReading: the pull request was evaluated while that repository could not be read.
func TopicOfReading(repository int64) string { return fmt.Sprintf("reading/%d", repository) }

// TopicOfUnreadable: the pull request was evaluated while more repositories could not be
// read than it has topics for.
const TopicOfUnreadable = "unreadable"

// TopicsOfNames are those of the APIs that a registration provides.
func TopicsOfNames(registration contracts.Registration) []string {
	var topics []string
	for name := range source.ProvidedBy(registration) {
		topics = append(topics, TopicOfAPI(name))
	}
	slices.Sort(topics)
	return topics
}

// Invalidator evaluates the open pull requests again that depend on a topic.
type Invalidator interface {
	Changed(ctx context.Context, installation int64, topics ...string) error
}
