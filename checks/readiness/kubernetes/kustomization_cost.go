package kubernetes

import (
	"encoding/json"
	"regexp"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"
)

// What one build may cost. A builder has limits of its own; these refuse at once most of
// what would reach them. Bases that are used twice count twice.
const (
	maxVisits     = 200
	maxResources  = 500
	maxBuildBytes = 4 << 20
	maxPatches    = 500
	// maxPatchWork is bytes of patches times resources that they may be laid upon.
	maxPatchWork = 32 << 20
	// maxApplied is how often patches may be laid upon resources: each time takes most of a
	// millisecond.
	maxApplied = 5000
	// maxMerged is how often entries of lists of patches may be compared with entries of
	// lists of resources. A million takes two seconds.
	maxMerged = 2_000_000
	// maxCopies is how many operations may copy a part of a resource: each can double it.
	maxCopies = 8
	// maxList is how long a list of a resource or a patch may be: lists are merged in
	// the square of their length.
	maxList = 500
	// maxBuildResources is how many resources all builds of one Read may have together.
	maxBuildResources = 2500
)

// cost is what building a kustomization takes, with all that it uses.
type cost struct {
	visits, resources, bytes, patches, patchBytes, work, copies int
	// entries are those of all lists of the resources, with what patches may add. applied
	// and merged are what laying patches upon them takes.
	entries, applied, merged int
	// fullest is how many entries one resource may have.
	fullest int
	// merges are strategic merge patches; unusual are resources of kinds that are not
	// Kubernetes' own.
	merges, unusual int
	reach
}

// reach is what the patches of a kustomization and its components are laid upon. It does
// not count for those that use the kustomization.
type reach struct {
	// broad patches may bear on every resource, with broadEntries in their lists. The
	// entries of those for one name are in named.
	broad, broadEntries int
	named               map[string]int
}

// count adds a patch.
func (r *reach) count(patch types.Patch, m manifest, entries int) {
	name := m.name()
	if patch.Target != nil {
		name = patch.Target.Name
	}
	if name == "" || regexp.QuoteMeta(name) != name {
		r.broad++
		r.broadEntries += entries
		return
	}
	if r.named == nil {
		r.named = map[string]int{}
	}
	r.named[name] += max(1, entries)
}

func (r *reach) add(other reach) {
	r.broad += other.broad
	r.broadEntries += other.broadEntries
	for name, entries := range other.named {
		if r.named == nil {
			r.named = map[string]int{}
		}
		r.named[name] += entries
	}
}

// apply adds what laying the patches of a reach upon all resources takes. What is laid upon
// a list may make it longer for those that follow.
func (c *cost) apply() {
	const most = 1 << 20 // of a factor, so that products fit
	resources, broad := min(c.resources, most), min(c.broadEntries, most)
	grown, longest := resources*broad, 0
	c.applied += min(c.broad, most)*resources + len(c.named)
	c.merged += (c.entries + grown) * broad
	for _, entries := range c.named {
		entries = min(entries, most)
		c.merged = min(c.merged+entries*(min(c.fullest, most)+broad+entries), ceiling)
		grown, longest = grown+entries, max(longest, entries)
	}
	c.fullest = min(c.fullest+broad+longest, ceiling)
	c.entries, c.applied, c.merged = min(c.entries+grown, ceiling), min(c.applied, ceiling), min(c.merged, ceiling)
}

// ceiling keeps sums of sums from overflowing.
const ceiling = 1 << 40

func (c *cost) add(other cost) {
	for _, sum := range []struct {
		into *int
		more int
	}{{&c.visits, other.visits}, {&c.resources, other.resources}, {&c.bytes, other.bytes}, {&c.patches, other.patches},
		{&c.work, other.work}, {&c.copies, other.copies}, {&c.merges, other.merges}, {&c.unusual, other.unusual},
		{&c.entries, other.entries}, {&c.applied, other.applied}, {&c.merged, other.merged}} {
		*sum.into = min(*sum.into+sum.more, ceiling)
	}
	c.fullest = max(c.fullest, other.fullest)
}

// weigh says what a kustomization costs, and refuses one that costs too much.
func (s *scan) weigh(k *kustomization) {
	c := &k.cost
	c.visits, c.patches = 1, len(k.patches)
	//lint:ignore SA1019 what is deprecated is still written, and kustomize still reads it
	if data, err := json.Marshal([]any{k.spec.Labels, k.spec.CommonLabels, k.spec.NamePrefix, k.spec.NameSuffix, k.spec.Images, k.spec.ImageTags}); err == nil {
		c.patchBytes += len(data)
	}
	for _, o := range k.origins {
		c.resources++
		c.bytes += len(o.text)
		if o.unusual() {
			c.unusual++
		}
		entries := entriesOf(o.node)
		c.entries, c.fullest = c.entries+entries, max(c.fullest, entries)
	}
	for _, base := range k.bases {
		c.add(base.cost)
	}
	upon := c.patchBytes
	for _, component := range k.components {
		c.add(component.cost)
		c.reach.add(component.cost.reach)
		upon = min(upon+component.cost.patchBytes, ceiling)
	}
	c.patchBytes = upon
	c.apply()
	c.work = min(c.work+min(c.resources, ceiling>>20)*min(upon, ceiling>>20), ceiling)
	for _, bound := range []struct {
		what      string
		is, limit int
	}{
		{"kustomizations, those that are used twice counted twice", c.visits, maxVisits},
		{"workloads and Services", c.resources, maxResources},
		{"bytes of workloads and Services", c.bytes, maxBuildBytes},
		{"patches", c.patches, maxPatches},
		{"patches laid upon resources", c.applied, maxApplied},
		{"entries of lists to be merged", c.merged, maxMerged},
		{"bytes of patches times resources", c.work, maxPatchWork},
		{"copy operations in patches", c.copies, maxCopies},
	} {
		if bound.is > bound.limit && !k.broken {
			s.breaks(k, k.root, "split it", "it comes to more than %d %s", bound.limit, bound.what)
		}
	}
	if k.ownSchema != nil && c.merges > 0 && c.unusual > 0 && !k.broken {
		s.breaks(k, k.root, "patch it with a list of operations (JSON 6902)", "openapi gives a schema of its own for merging lists, which is not read")
	}
}

// entriesOf counts the entries of all lists in a tree.
func entriesOf(n *yaml.Node) int {
	entries := 0
	if n.Kind == yaml.SequenceNode {
		entries = len(n.Content)
	}
	for _, child := range n.Content {
		entries += entriesOf(child)
	}
	return entries
}

// longest gives the length of the longest list in a tree.
func longest(n *yaml.Node) int {
	most := 0
	if n.Kind == yaml.SequenceNode {
		most = len(n.Content)
	}
	for _, child := range n.Content {
		most = max(most, longest(child))
	}
	return most
}
