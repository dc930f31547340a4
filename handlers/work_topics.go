package handlers

import (
	"context"
	"fmt"
	"slices"

	"plimsoll/contracts"
)

// topicOfConsumer: some change in the pull request hits a consumer in that repository.
func topicOfConsumer(repository int64) string { return fmt.Sprintf("consumer/%d", repository) }

// topicOfAPI: the pull request may hurt somebody who begins to use an API of that name.
func topicOfAPI(name string) string { return "api/" + name }

// topicOfOffer: the pull request uses an API of that name, whoever provides it.
func topicOfOffer(name string) string { return "offer/" + name }

// topicOfProvider: the pull request uses what that repository provides.
func topicOfProvider(repository int64) string { return fmt.Sprintf("provider/%d", repository) }

// topicOfPull: the pull request is linked with another one.
func topicOfPull(repository int64, number int) string {
	return fmt.Sprintf("pull/%d/%d", repository, number)
}

// topicOfFingerprint: the change blocks the pull request, or would if nobody had
// acknowledged it.
func topicOfFingerprint(fingerprint string) string { return "fingerprint/" + fingerprint }

// topicOfScan: the pull request was judged while not every repository had been read.
const topicOfScan = "scan"

// topicsOfNames are those of the APIs that a registration provides.
func topicsOfNames(registration contracts.Registration) []string {
	var topics []string
	for name := range providedBy(registration) {
		topics = append(topics, topicOfAPI(name))
	}
	slices.Sort(topics)
	return topics
}

// TopicSink has the open pull requests that depend on a topic evaluated again.
type TopicSink interface {
	Changed(ctx context.Context, installation int64, topics ...string) error
}
