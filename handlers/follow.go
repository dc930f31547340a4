package handlers

import (
	"context"
	"slices"

	"plimsoll/contracts"
)

// The topics that the answer to a pull request may depend on.

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
