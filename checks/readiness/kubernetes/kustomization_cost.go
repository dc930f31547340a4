package kubernetes

import (
	"encoding/json"

	"go.yaml.in/yaml/v3"
)

// What one build may cost. The library can't be interrupted, so what goes into it is
// bounded instead; bases that are used twice count twice.
const (
	maxVisits     = 200
	maxResources  = 500
	maxBuildBytes = 4 << 20
	maxPatches    = 500
	// maxPatchWork is bytes of patches times resources that they may be laid upon.
	maxPatchWork = 32 << 20
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
	// merges are strategic merge patches; unusual are resources of kinds that are not
	// Kubernetes' own.
	merges, unusual int
}

// ceiling keeps sums of sums from overflowing.
const ceiling = 1 << 40

func (c *cost) add(other cost) {
	for _, sum := range []struct {
		into *int
		more int
	}{{&c.visits, other.visits}, {&c.resources, other.resources}, {&c.bytes, other.bytes}, {&c.patches, other.patches},
		{&c.work, other.work}, {&c.copies, other.copies}, {&c.merges, other.merges}, {&c.unusual, other.unusual}} {
		*sum.into = min(*sum.into+sum.more, ceiling)
	}
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
	}
	for _, base := range k.bases {
		c.add(base.cost)
	}
	upon := c.patchBytes
	for _, component := range k.components {
		c.add(component.cost)
		upon = min(upon+component.cost.patchBytes, ceiling)
	}
	c.patchBytes = upon
	c.work = min(c.work+min(c.resources, ceiling>>20)*min(upon, ceiling>>20), ceiling)
	for _, bound := range []struct {
		what      string
		is, limit int
	}{
		{"kustomizations, those that are used twice counted twice", c.visits, maxVisits},
		{"workloads and Services", c.resources, maxResources},
		{"bytes of workloads and Services", c.bytes, maxBuildBytes},
		{"patches", c.patches, maxPatches},
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
