package readiness

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"plimsoll/checks/readiness/kubernetes"
	"plimsoll/config"
)

// evaluateWorkloads gives a rule's result from what it finds in each workload: findings
// first, else what can't be read, else nothing to be evaluated, else passed.
func evaluateWorkloads(ctx context.Context, c *component, find func(*component, kubernetes.Workload) []Finding) (Result, error) {
	workloads, unread, err := c.workloads(ctx)
	if err != nil {
		return Result{}, err
	}
	var findings []Finding
	for _, w := range workloads {
		findings = append(findings, find(c, w)...)
	}
	switch reason := unreadable(unread); {
	case len(findings) > 0:
		return found(findings...), nil
	case reason != "":
		return unknown(reason), nil
	case len(workloads) == 0:
		return notApplicable(), nil
	}
	return passed(), nil
}

// asksOwnPort is HC004.
func asksOwnPort(ctx context.Context, c *component) (Result, error) {
	return evaluateWorkloads(ctx, c, (*component).strayPorts)
}

// strayPorts finds the probes of a workload that ask a port that their container does
// not declare. A name must be the container's own, or Kubernetes fails the probe; a
// number would be asked all the same, but is mostly one that somebody forgot to change.
func (*component) strayPorts(w kubernetes.Workload) []Finding {
	var findings []Finding
	for _, container := range w.Containers {
		if w.Kind == kubernetes.KnativeService && len(container.Ports) == 0 {
			continue // Knative gives it one
		}
		for _, p := range probesOf(container) {
			if p.Port.Known() && p.Host == "" && !declares(container, p.Port) {
				findings = append(findings, Finding{
					Subject: subject(w, container) + ", " + p.name + " probe", Position: p.Position,
					Message: fmt.Sprintf("the %s probe of container %s of %s uses port %s, %s%s", p.name, brief(container.Name), title(w), portText(p.Port), portsText(container), overlaid(w)),
					Fix:     []Snippet{fixPort(container, p)},
				})
			}
		}
	}
	return findings
}

func declares(c kubernetes.Container, asked kubernetes.ProbePort) bool {
	return slices.ContainsFunc(c.Ports, func(p kubernetes.Port) bool {
		if asked.Name != "" {
			return p.Name == asked.Name
		}
		return p.Number == asked.Number || p.Number == 0 // not known before it is filled in
	})
}

// asksInTime is HC005.
func asksInTime(ctx context.Context, c *component) (Result, error) {
	return evaluateWorkloads(ctx, c, (*component).slowProbes)
}

// slowProbes finds the probes of a workload that may wait as long as until the next.
func (*component) slowProbes(w kubernetes.Workload) []Finding {
	var findings []Finding
	for _, container := range w.Containers {
		for _, p := range probesOf(container) {
			if p.Timeout < p.Period {
				continue
			}
			position := p.TimeoutPosition
			if position.Line == 0 {
				position = p.PeriodPosition
			}
			if position.Line == 0 {
				position = p.Position
			}
			findings = append(findings, Finding{
				Subject: subject(w, container) + ", " + p.name + " probe", Position: position,
				Message: fmt.Sprintf("the %s probe of container %s of %s has a timeout of %s and a period of %s%s; expected a shorter timeout", p.name, brief(container.Name), title(w),
					seconds(p.Timeout, p.TimeoutPosition, kubernetes.DefaultTimeout), seconds(p.Period, p.PeriodPosition, kubernetes.DefaultPeriod), overlaid(w)),
				Fix: []Snippet{fixTime(p)},
			})
		}
	}
	return findings
}

// seconds says a duration, and whether it is Kubernetes' default.
func seconds(value int, position config.Position, standard int) string {
	if position.Line == 0 && value == standard {
		return fmt.Sprintf("%d s (Kubernetes' default)", value)
	}
	return fmt.Sprintf("%d s", value)
}

// namedProbe is a probe and what it is for.
type namedProbe struct {
	name string
	*kubernetes.Probe
}

func probesOf(c kubernetes.Container) []namedProbe {
	return slices.DeleteFunc([]namedProbe{{"readiness", c.Readiness}, {"liveness", c.Liveness}, {"startup", c.Startup}}, func(p namedProbe) bool { return p.Probe == nil })
}

func title(w kubernetes.Workload) string {
	if w.Kind == kubernetes.KnativeService {
		return "Knative service " + brief(w.Name)
	}
	return string(w.Kind) + " " + brief(w.Name)
}

// brief gives an outsider's text shortened to what a name needs.
func brief(text string) string {
	const most = 80
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

func subject(w kubernetes.Workload, c kubernetes.Container) string {
	return title(w) + ", container " + brief(c.Name)
}

// overlaid says which overlays make a workload so, where it is not the one of its own
// folder.
func overlaid(w kubernetes.Workload) string {
	if len(w.Overlays) == 0 || len(w.Overlays) == 1 && w.Overlays[0] == path.Dir(w.Position.File) {
		return ""
	}
	const most = 3
	names := w.Overlays
	if more := len(names) - most; more > 0 {
		names = append(slices.Clone(names[:most]), fmt.Sprintf("%d more", more))
	}
	if len(names) > 1 {
		return " as " + strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " build it"
	}
	return " as " + names[0] + " builds it"
}

func portText(p kubernetes.ProbePort) string {
	if p.Name != "" {
		return fmt.Sprintf("%q", brief(p.Name))
	}
	return fmt.Sprint(p.Number)
}

// portsText says which ports a container declares.
func portsText(c kubernetes.Container) string {
	if len(c.Ports) == 0 {
		return "and the container declares none"
	}
	const most = 5
	var ports []string
	for i, p := range c.Ports {
		if i == most {
			ports = append(ports, "…")
			break
		}
		if p.Number == 0 {
			ports = append(ports, cmp.Or(brief(p.Name), "one that is filled in later"))
			continue
		}
		ports = append(ports, strings.TrimSpace(fmt.Sprintf("%s %d", brief(p.Name), p.Number)))
	}
	return "and the container declares only " + strings.Join(ports, ", ")
}

// hasProbes is HC003.
func hasProbes(ctx context.Context, c *component) (Result, error) {
	return evaluateWorkloads(ctx, c, (*component).probesMissing)
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
		missing := func(probe string, fix Snippet) {
			findings = append(findings, Finding{
				Subject: subject(w, container) + ", " + probe + " probe", Position: container.Position,
				Message: fmt.Sprintf("container %s of %s has no %s probe%s", brief(container.Name), title(w), probe, overlaid(w)),
				Fix:     []Snippet{fix},
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
				Subject: subject(w, container) + ", path of the probes", Position: container.Liveness.Position,
				Message: fmt.Sprintf("the readiness and liveness probes of container %s of %s both use %s%s, so a pod that is not ready for a while is restarted",
					brief(container.Name), title(w), brief(container.Liveness.Path), overlaid(w)),
				Fix: []Snippet{otherPath(container)},
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
