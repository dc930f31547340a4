// Package kubernetes reads the Kubernetes manifests of a repository into plain
// values: workloads with their containers, ports and probes, and the rules of
// PrometheusRule resources.
//
//	paths ─┬─ charts ────────────────▶ Unread: can't be evaluated before it is rendered
//	       ├─ kustomizations ─ scan ─▶ build in memory ─▶ workloads as patched
//	       └─ the rest ──────────────▶ workloads as written
//
// What a kustomization uses is evaluated as it is after its patches, with the place in
// the resource's own file as the evidence, and not a second time as written. Nothing
// is fetched, run or followed out of the repository: a kustomization is taken apart
// by this package, and what the kustomize library gets to see is written anew from
// what was read, with no path, plugin or address of the outsider's left in it.
//
// The package knows the formats and no rule. What can't be read is listed in
// [Manifests].Unread, never skipped in silence.
package kubernetes
