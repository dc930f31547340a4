package readiness

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"plimsoll/checks/readiness/kubernetes"
)

// hasProbes is HC003.
func hasProbes(ctx context.Context, c *component) (Result, error) {
	return judgeWorkloads(ctx, c, (*component).probesMissing)
}

// demand is which probes a container needs.
type demand struct{ readiness, liveness bool }

// probesMissing finds the containers of a workload that lack a probe that they need.
//
// Only what runs until it is replaced needs probes, not jobs; and a Knative service
// gets its readiness probe from Knative. What is needed depends on what waits for the
// container:
//   - One that serves, which is one that declares a port, needs both: requests are sent
//     to it while it is ready, and only a liveness probe has a hung one restarted.
//     Ports for metrics alone serve no request. Where no container declares a port and
//     a Service still selects the pod, its first container serves.
//   - Where nothing serves (a worker that takes from a queue), the first container
//     needs a liveness probe; nobody asks whether it is ready.
//   - What else runs beside (a log shipper, a proxy, an exporter) needs none: the pod is
//     ready when ALL its containers are, so that a probe there takes the service away
//     for the sake of what only accompanies it.
func (c *component) probesMissing(w kubernetes.Workload) []Finding {
	if w.Ends || w.Kind == kubernetes.KnativeService {
		return nil
	}
	var findings []Finding
	for i, needs := range demands(w) {
		container := w.Containers[i]
		missing := func(probe string, mend Snippet) {
			findings = append(findings, Finding{
				Subject: subject(w, container) + ", " + probe + " probe", Place: container.Place,
				Message: fmt.Sprintf("container %s of %s has no %s probe%s", brief(container.Name), title(w), probe, overlaid(w)),
				Mend:    []Snippet{mend},
			})
		}
		if needs.readiness && container.Readiness == nil {
			missing("readiness", c.addReadiness(container))
		}
		if needs.liveness && container.Liveness == nil {
			missing("liveness", c.addLiveness(container, needs.readiness))
		}
		if sameQuestion(container.Readiness, container.Liveness) {
			findings = append(findings, Finding{
				Subject: subject(w, container) + ", path of the probes", Place: container.Liveness.Place,
				Message: fmt.Sprintf("container %s of %s is asked for %s by its readiness and its liveness probe alike%s: what makes it not ready for a while restarts it",
					brief(container.Name), title(w), brief(container.Liveness.Path), overlaid(w)),
				Mend: []Snippet{otherPath(container)},
			})
		}
	}
	return findings
}

// demands are what the containers of a workload need, in their order.
func demands(w kubernetes.Workload) []demand {
	needs := make([]demand, len(w.Containers))
	serving := false
	for i, c := range w.Containers {
		if !c.Init && !accompanies(w, i) && slices.ContainsFunc(c.Ports, func(p kubernetes.Port) bool { return !forMetrics(p.Name) }) {
			needs[i] = demand{readiness: true, liveness: true}
			serving = true
		}
	}
	if first := slices.IndexFunc(w.Containers, func(c kubernetes.Container) bool { return !c.Init }); !serving && first >= 0 {
		needs[first] = demand{readiness: w.Served, liveness: true}
	}
	return needs
}

// sidecarName is what the field calls containers that accompany another.
var sidecarName = regexp.MustCompile(`(?i)(^|-)(proxy|sidecar|envoy|exporter|agent|fluent-?bit|fluentd|filebeat|promtail|vector|otel-?collector|opentelemetry-collector|collector|reloader|git-sync)$`)

// accompanies tells whether a container is not the first and is called as what
// accompanies another.
func accompanies(w kubernetes.Workload, i int) bool {
	return i > 0 && sidecarName.MatchString(w.Containers[i].Name)
}

// forMetrics tells whether a port is called as one that only metrics are read from.
func forMetrics(port string) bool {
	port = strings.ToLower(port)
	return port == "prom" || strings.Contains(port, "metrics") || strings.Contains(port, "prometheus") || strings.HasSuffix(port, "-prom")
}

// sameQuestion tells whether two probes ask the same path of the same port over HTTP.
// The same command or the same bare connection may well be all that there is to ask.
func sameQuestion(readiness, liveness *kubernetes.Probe) bool {
	return readiness != nil && liveness != nil && readiness.Handler == kubernetes.HTTP && liveness.Handler == kubernetes.HTTP &&
		readiness.Path == liveness.Path && readiness.Host == liveness.Host &&
		readiness.Port.Name == liveness.Port.Name && readiness.Port.Number == liveness.Port.Number
}
