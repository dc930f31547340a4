package readiness

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"plimsoll/checks/readiness/kubernetes"
	"plimsoll/config"
)

// Edits of manifests: what fixes the findings of HC003, HC004 and HC005.

const (
	readyPath = "/readyz"
	alivePath = "/livez"
	// guessedPort is asked where nothing tells which port the container listens on.
	guessedPort = 8080
)

// addReadiness is the edit that gives a container a readiness probe, below its name,
// and a port where it declares none. Where there is no place for it in the file (all on
// one line, no name, a kustomization that takes it out again) it is loose.
func (c *component) addReadiness(container kubernetes.Container) Snippet {
	port, known := servingPort(container)
	ready, _ := c.probePaths(container)
	text := probeText("readinessProbe", port, ready)
	if !known && len(container.Ports) == 0 {
		text = fmt.Sprintf("ports:\n- containerPort: %d # the port that it listens on\n", guessedPort) + text
	}
	return belowKey(container.NamePosition, container.Position, text)
}

// addLiveness is addReadiness for the liveness probe of a container that serves
// requests, or of one that does not.
func (c *component) addLiveness(container kubernetes.Container, serves bool) Snippet {
	if port, known := servingPort(container); serves || known {
		_, alive := c.probePaths(container)
		return belowKey(container.NamePosition, container.Position, probeText("livenessProbe", port, alive))
	}
	s := belowKey(container.NamePosition, container.Position, workerProbe)
	s.Loose = true // it would restart a program that does not touch the file
	return s
}

// belowKey is the edit that puts lines behind the line of a key, indented as it is.
func belowKey(key, otherwise config.Position, text string) Snippet {
	if key.Line == 0 {
		return Snippet{File: otherwise.File, Loose: true, Text: text}
	}
	return Snippet{File: key.File, After: key.Line, Text: indented(text, key.Column-1)}
}

// instead is the edit that writes the line of a key anew.
func instead(key, otherwise config.Position, text string) Snippet {
	if key.Line == 0 || key.Column == 0 {
		return Snippet{File: otherwise.File, Loose: true, Text: text}
	}
	return Snippet{File: key.File, After: key.Line - 1, Replaces: 1, Text: indented(text, key.Column-1)}
}

// workerProbe asks a worker, which has no port, for a file that it touches as long as
// it gets on with its work.
const workerProbe = `livenessProbe:
  exec: # the program touches the file whenever it has done a piece of work
    command: [sh, -c, "find /tmp/alive -mmin -1 | grep -q ."]
  initialDelaySeconds: 60
  periodSeconds: 20
  timeoutSeconds: 5
`

// servingPort is the port that a probe had best ask: one that speaks HTTP by its name,
// else gRPC, else the first that requests come to, else one for metrics.
func servingPort(c kubernetes.Container) (port kubernetes.Port, known bool) {
	for _, fits := range []func(name string) bool{
		func(name string) bool { return strings.Contains(name, "http") && !forMetrics(name) },
		func(name string) bool { return strings.Contains(name, "grpc") },
		func(name string) bool { return !forMetrics(name) },
		forMetrics,
	} {
		i := slices.IndexFunc(c.Ports, func(p kubernetes.Port) bool {
			return p.Protocol == "TCP" && (p.Name != "" || p.Number != 0) && fits(strings.ToLower(p.Name))
		})
		if i >= 0 {
			return c.Ports[i], true
		}
	}
	return kubernetes.Port{Number: guessedPort, Protocol: "TCP"}, false
}

// probePaths are the paths for the probes of a container: the declared health
// endpoint for the liveness probe, and never the path of the other probe.
func (c *component) probePaths(container kubernetes.Container) (ready, alive string) {
	ready, alive = readyPath, alivePath
	if c.Health != nil && c.Health.Endpoint != nil {
		if declared := endpointOf(c.Health.Endpoint); declared.method == "GET" && !strings.ContainsAny(declared.path, "{ #\"'") {
			alive = declared.path
		}
	}
	if p := container.Readiness; p != nil && p.Path == alive {
		alive = alivePath
		if p.Path == alive {
			alive = "/healthz"
		}
	}
	taken := alive
	if p := container.Liveness; p != nil {
		taken = p.Path
	}
	if ready == taken {
		ready = "/ready"
	}
	return ready, alive
}

// webNames are what ports that speak HTTP are called, bareNumbers the well-known ports
// that do not.
var (
	webNames    = []string{"http", "web", "api", "rest", "ui", "admin", "management", "health", "status", "metrics", "prom", "app", "server", "service", "main"}
	bareNumbers = []int{21, 22, 25, 53, 389, 1433, 1521, 1883, 2181, 2379, 3306, 4222, 5432, 5672, 6379, 9042, 9092, 11211, 27017}
)

// probeText is a probe of a port, as the port's name or number tells what is spoken
// there: HTTP, gRPC, or something that only takes connections.
func probeText(field string, port kubernetes.Port, path string) string {
	name, address := strings.ToLower(port.Name), quoteYAML(port.Name)
	if port.Name == "" {
		address = fmt.Sprint(port.Number)
	}
	web := name == "" && !slices.Contains(bareNumbers, port.Number) ||
		slices.ContainsFunc(webNames, func(word string) bool { return strings.Contains(name, word) })
	switch {
	case strings.Contains(name, "grpc") && port.Number != 0:
		return fmt.Sprintf("%s:\n  grpc:\n    port: %d\n", field, port.Number)
	case !web:
		return fmt.Sprintf("%s:\n  tcpSocket:\n    port: %s\n", field, address)
	case strings.Contains(name, "https") || port.Number == 443 || port.Number == 8443:
		return fmt.Sprintf("%s:\n  httpGet:\n    path: %s\n    port: %s\n    scheme: HTTPS\n", field, path, address)
	}
	return fmt.Sprintf("%s:\n  httpGet:\n    path: %s\n    port: %s\n", field, path, address)
}

// otherPath is the edit that gives the liveness probe a path of its own.
func otherPath(c kubernetes.Container) Snippet {
	path := alivePath
	if c.Readiness.Path == path {
		path = "/healthz"
	}
	at := c.Liveness.PathPosition
	if at == c.Readiness.PathPosition {
		at = config.Position{} // both repeat one text: another path there changes both
	}
	return instead(at, c.Liveness.Position, "path: "+path+"\n")
}

// fixPort is the edit that has a probe ask a port of its container: a number is
// declared, a name that is not there becomes the one that is.
func fixPort(c kubernetes.Container, p namedProbe) Snippet {
	port, known := servingPort(c)
	if p.Port.Name != "" && known {
		address := quoteYAML(port.Name)
		if port.Name == "" {
			address = fmt.Sprint(port.Number)
		}
		return instead(p.Port.Position, p.Position, "port: "+address+"\n")
	}
	item := fmt.Sprintf("- containerPort: %d\n", p.Port.Number)
	if p.Port.Name != "" {
		item = fmt.Sprintf("- name: %s\n  containerPort: %d # the port that it listens on\n", quoteYAML(p.Port.Name), guessedPort)
	}
	switch {
	case len(c.Ports) == 0:
		return belowKey(c.NamePosition, c.Position, "ports:\n"+item)
	case c.PortsPosition.Line == 0:
		return Snippet{File: c.Position.File, Loose: true, Text: "ports:\n" + item}
	}
	return belowKey(c.PortsPosition, c.Position, item)
}

// plainName is what needs no quotes in YAML: no word of it means something else.
var plainName = regexp.MustCompile(`^[a-z][a-z-]{3,}$`)

// quoteYAML gives an outsider's text as a YAML scalar.
func quoteYAML(text string) string {
	if plainName.MatchString(text) && text != "true" && text != "false" && text != "null" {
		return text
	}
	return fmt.Sprintf("%q", text)
}

// fixTime is the edit that has a probe wait for less than its period: half of it, or
// where that is under a second, a longer period.
func fixTime(p namedProbe) Snippet {
	if p.Period > 1 {
		return instead(p.TimeoutPosition, p.Position, fmt.Sprintf("timeoutSeconds: %d\n", p.Period/2))
	}
	period := kubernetes.DefaultPeriod
	if p.Timeout >= period {
		period = 2 * p.Timeout
	}
	return instead(p.PeriodPosition, p.Position, fmt.Sprintf("periodSeconds: %d\n", period))
}
