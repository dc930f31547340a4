package registry

import (
	"context"
	"errors"
	"slices"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// Invalidator evaluates exactly those open pull requests again whose answer depends on
// what has changed elsewhere. So a blocked one passes by itself when its last consumer has
// migrated.
type Invalidator struct {
	topics Topics
	queue  work.Queue
}

// NewInvalidator returns an Invalidator.
func NewInvalidator(topics Topics, queue work.Queue) (*Invalidator, error) {
	if topics == nil || queue == nil {
		return nil, errors.New("make the invalidator: it needs topics and a queue")
	}
	return &Invalidator{topics, queue}, nil
}

// Changed queues the evaluation of every open pull request that depends on one of the
// topics.
func (i *Invalidator) Changed(ctx context.Context, installation int64, topics ...string) error {
	asked := map[source.PullRef]bool{}
	var queued []work.Work
	for _, topic := range topics {
		pulls, err := i.topics.PullsOf(ctx, installation, topic)
		if err != nil {
			return err
		}
		for _, pull := range pulls {
			if !asked[pull] {
				asked[pull] = true
				queued = append(queued, work.ReevaluateWork(pull.Repository, pull.Number))
			}
		}
	}
	return i.queue.Enqueue(ctx, queued...)
}

// topicsOfRegistration are the topics that a new registration changes: the consumer if its
// uses have changed, the APIs of which it uses more than before, and the provider if what
// it provides has changed.
func topicsOfRegistration(before, after contracts.Registration) []string {
	var topics []string
	id := after.Repository.ID
	old, now := usesOf(before), usesOf(after)
	moved := len(old) != len(now) || before.Broken != after.Broken || before.Archived != after.Archived
	for key, use := range now {
		was, known := old[key]
		moved = moved || !known || source.JSON(was) != source.JSON(use)
		if !known || !use.Within(was) {
			topics = append(topics, work.TopicOfAPI(source.ShortName(key.api)))
		}
	}
	if moved {
		topics = append(topics, work.TopicOfConsumer(id))
	}
	if source.Offers(before) != source.Offers(after) {
		topics = append(topics, work.TopicOfProvider(id), work.TopicOfContracts(id))
		names, was := work.TopicsOfNames(after), work.TopicsOfNames(before)
		for _, name := range append(slices.Clone(names), was...) {
			if slices.Contains(names, name) != slices.Contains(was, name) {
				topics = append(topics, name)
			}
		}
		had := filesOf(before)
		for path := range filesOf(after) {
			if !had[path] {
				topics = append(topics, work.TopicOfFile(id, path))
			}
		}
		for name := range source.Union(source.ProvidedBy(before), source.ProvidedBy(after)) {
			topics = append(topics, work.TopicOfOffer(name))
		}
	}
	slices.Sort(topics)
	return topics
}

// filesOf are the files of the contracts that a registration provides.
func filesOf(r contracts.Registration) map[string]bool {
	files := map[string]bool{}
	for _, api := range source.ProvidedBy(r) {
		files[api.Provided.Spec] = true
		for path := range api.Provided.Files {
			files[path] = true
		}
	}
	return files
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
