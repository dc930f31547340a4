package kubernetes

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"plimsoll/config"
)

// probe reads one probe of a container; nil where there is none.
func (r *workloadReader) probe(container *yaml.Node, field string) *Probe {
	key, n := pair(container, field)
	if absent(n) {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		r.cannot(key, "%s: a mapping expected, found %s", field, found(n))
		return nil
	}
	p := &Probe{Position: r.position(key), Timeout: DefaultTimeout, Period: DefaultPeriod}
	block := lines(n) && lines(container)
	r.seconds(n, "timeoutSeconds", block, &p.Timeout, &p.TimeoutPosition)
	r.seconds(n, "periodSeconds", block, &p.Period, &p.PeriodPosition)
	for _, handler := range []struct {
		field string
		Handler
	}{{"httpGet", HTTP}, {"tcpSocket", TCP}, {"exec", Exec}, {"grpc", GRPC}} {
		action := value(n, handler.field)
		if absent(action) {
			continue
		}
		p.Handler = handler.Handler
		if handler.Handler != Exec {
			p.Port = r.probePort(field, handler.field, action, block)
		}
		p.Host = text(value(action, "host"))
		if handler.Handler == HTTP {
			p.Path, p.Scheme = httpPath(action), strings.ToUpper(text(value(action, "scheme")))
			if key, path := pair(action, "path"); block && lines(action) && ownLine(key, path) {
				p.PathPosition = r.position(key)
			}
			if p.Scheme == "" {
				p.Scheme = "HTTP"
			}
		}
		break
	}
	if p.Handler == NoHandler {
		r.cannot(key, "%s: httpGet, tcpSocket, grpc or exec expected", field)
	}
	return p
}

// httpPath gives the path that is asked: / without one, as the kubelet takes it.
func httpPath(action *yaml.Node) string {
	path := text(value(action, "path"))
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return path
}

// seconds reads a duration; 0 means the default, as Kubernetes takes it.
func (r *workloadReader) seconds(probe *yaml.Node, field string, block bool, into *int, position *config.Position) {
	key, n := pair(probe, field)
	if absent(n) {
		return
	}
	i, ok := number(n)
	if !ok || i < 0 {
		if n.Kind != yaml.ScalarNode || !placeholder(n.Value) {
			r.cannot(key, "%s: a whole number of seconds expected, found %s", field, found(n))
		}
		return
	}
	if block && ownLine(key, n) {
		*position = r.position(key)
	} else {
		*position = config.Position{File: r.file, Line: key.Line}
	}
	if i > 0 {
		*into = i
	}
}

func (r *workloadReader) probePort(probe, handler string, action *yaml.Node, block bool) ProbePort {
	key, n := pair(action, "port")
	if absent(n) {
		// Knative asks the container's only port where none is named.
		if r.kind != "Service" {
			r.cannot(action, "%s.%s: a port expected", probe, handler)
		}
		return ProbePort{}
	}
	var p ProbePort
	if block && lines(action) && ownLine(key, n) {
		p.Position = r.position(key)
	}
	i, ok := number(n)
	if !ok && n.Kind == yaml.ScalarNode {
		if long, err := strconv.Atoi(n.Value); err == nil {
			i, ok = long, true
		}
	}
	switch {
	case ok && i >= 1 && i <= 65535:
		p.Number = i
	case ok && i == 0 && r.kind == "Service":
	case ok || n.Kind != yaml.ScalarNode:
		r.cannot(key, "%s.%s.port: a port from 1 to 65535 or the name of one expected, found %s", probe, handler, found(n))
	case !placeholder(n.Value):
		p.Name = n.Value
	}
	return p
}
