package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"plimsoll/contracts"
)

// The topics that the answer to a pull request may depend on.

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

// Follower has exactly those open pull requests judged again whose answer depends
// on what has changed elsewhere: so a blocked one lets go by itself when the last
// consumer has moved.
type Follower struct {
	Topics Topics
	Queue  Queue
}

// Changed asks for a judgement of every open pull request that depends on one of
// the topics.
func (f *Follower) Changed(ctx context.Context, installation int64, topics ...string) error {
	asked := map[PullRef]bool{}
	var work []Work
	for _, topic := range topics {
		pulls, err := f.Topics.PullsOf(ctx, installation, topic)
		if err != nil {
			return err
		}
		for _, pull := range pulls {
			if !asked[pull] {
				asked[pull] = true
				work = append(work, FollowWork(pull.Repository, pull.Number))
			}
		}
	}
	return f.Queue.Enqueue(ctx, work...)
}

// topicsOfRegistration are the topics that a new registration changes: the consumer
// where what it says of its uses is not what it was, the APIs of which it uses more
// than before, the provider where what it offers has changed.
func topicsOfRegistration(before, after contracts.Registration) []string {
	var topics []string
	id := after.Repository.ID
	old, now := usesOf(before), usesOf(after)
	moved := len(old) != len(now) || before.Broken != after.Broken || before.Archived != after.Archived
	for key, use := range now {
		was, known := old[key]
		moved = moved || !known || plain(was) != plain(use)
		if !known || !use.Within(was) {
			topics = append(topics, topicOfAPI(shortName(key.api)))
		}
	}
	if moved {
		topics = append(topics, topicOfConsumer(id))
	}
	if offers(before) != offers(after) {
		topics = append(topics, topicOfProvider(id))
		names, was := topicsOfNames(after), topicsOfNames(before)
		for _, name := range append(slices.Clone(names), was...) {
			if slices.Contains(names, name) != slices.Contains(was, name) {
				topics = append(topics, name)
			}
		}
		for name := range union(providedBy(before), providedBy(after)) {
			topics = append(topics, topicOfOffer(name))
		}
	}
	slices.Sort(topics)
	return topics
}

// useKey names one use of an API by a component.
type useKey struct{ component, owner, api string }

func usesOf(r contracts.Registration) map[useKey]contracts.Usage {
	uses := map[useKey]contracts.Usage{}
	for _, component := range r.Components {
		for _, consumed := range component.Consumes {
			uses[useKey{component.Name, component.Owner, consumed.API}] = consumed.Usage
		}
	}
	return uses
}

// offers is what a registration provides, as text to compare.
func offers(r contracts.Registration) string {
	var all [][]contracts.Provided
	for _, component := range r.Components {
		if len(component.Provides) > 0 {
			all = append(all, component.Provides)
		}
	}
	return plain(all)
}

// plain gives a value as text: equal texts, equal values.
func plain(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("plain data: %v", err))
	}
	return string(text)
}
