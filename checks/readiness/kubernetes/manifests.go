package kubernetes

import "plimsoll/config"

// Manifests is what the manifests of a repository say.
type Manifests struct {
	// Workloads sorted by place, then by name.
	Workloads []Workload
	// Rules are the specifications of PrometheusRule resources, as written: patches
	// of a kustomization are not applied to them.
	Rules []RuleResource
	// Unread is everything that could not be read, sorted by place.
	Unread []Unread
}

// Unread is something that could not be read, and so not be evaluated.
type Unread struct {
	Position config.Position
	Message  string
	// Hint says what to do; may be empty.
	Hint string
}

// Workload is one resource that runs pods.
type Workload struct {
	// Kind is Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController,
	// Job, CronJob, Pod, Rollout (Argo), DeploymentConfig (OpenShift) or
	// KnativeService.
	Kind Kind
	// Name as written, without what a kustomization puts before or behind it.
	Name string
	// Namespace as written; empty: not written.
	Namespace string
	// Labels of the pods, or of the resource where the pods have none.
	Labels map[string]string
	// Place is where the resource begins, in the file that holds it.
	Position config.Position
	// Overlays are the folders of the kustomizations for which this holds, sorted;
	// none: as written.
	Overlays []string
	// Served tells that a Service among the manifests sends requests to its pods.
	Served bool
	// Ends tells that the pods run once and end: those of a job, and a Pod that is not
	// restarted.
	Ends bool
	// Containers, the init containers after the others. None where the pod template
	// stands elsewhere (a Rollout with workloadRef).
	Containers []Container
}

// Kind of workload.
type Kind string

// The kinds.
const (
	Deployment            Kind = "Deployment"
	StatefulSet           Kind = "StatefulSet"
	DaemonSet             Kind = "DaemonSet"
	ReplicaSet            Kind = "ReplicaSet"
	ReplicationController Kind = "ReplicationController"
	Job                   Kind = "Job"
	CronJob               Kind = "CronJob"
	Pod                   Kind = "Pod"
	Rollout               Kind = "Rollout"
	DeploymentConfig      Kind = "DeploymentConfig"
	// KnativeService is the kind Service of serving.knative.dev.
	KnativeService Kind = "KnativeService"
)

// Container is one container of a pod.
type Container struct {
	Name, Image string
	// Init tells that it runs before the others; Sidecar that it goes on running
	// beside them (an init container with restartPolicy: Always).
	Init, Sidecar bool
	// Place is that of its first key; that of the workload where a kustomization
	// added the container.
	Position config.Position
	// NamePlace is that of the key "name" where it stands on a line of its own, below
	// which other keys of the container can be put; line 0: there is none.
	NamePosition config.Position
	// PortsPlace is the line of the key "ports", where a list stands below it, and the
	// column of the list's dashes. Both are unknown where a kustomization changes what
	// is put there.
	PortsPosition config.Position
	Ports         []Port
	// Readiness, Liveness and Startup are nil where there is none.
	Readiness, Liveness, Startup *Probe
}

// Port is a port that a container declares.
type Port struct {
	// Name may be empty.
	Name string
	// Number is 0 where it can't be known before something is filled in.
	Number int
	// Protocol is TCP, UDP or SCTP.
	Protocol string
	Position config.Position
}

// Handler is how a probe asks.
type Handler string

// The handlers. A probe without one is NoHandler, which Kubernetes refuses.
const (
	NoHandler Handler = ""
	HTTP      Handler = "http"
	TCP       Handler = "tcp"
	Exec      Handler = "exec"
	GRPC      Handler = "grpc"
)

// What Kubernetes takes where a probe does not say it.
const (
	DefaultPeriod  = 10
	DefaultTimeout = 1
)

// Probe is one question that the kubelet asks a container.
type Probe struct {
	// Place is that of the probe's key; that of the container where a kustomization
	// added the probe.
	Position config.Position
	Handler  Handler
	// Path and Scheme (HTTP, HTTPS) of HTTP.
	Path, Scheme string
	// Host of HTTP and TCP; empty: the pod itself.
	Host string
	// Port is asked by HTTP, TCP and GRPC.
	Port ProbePort
	// Timeout and Period in seconds, with Kubernetes' defaults.
	Timeout, Period int
	// TimeoutPlace and PeriodPlace are those of the keys; line 0: not given, column 0:
	// not on a line of its own. PathPlace is that of the path on a line of its own.
	TimeoutPosition, PeriodPosition, PathPosition config.Position
}

// ProbePort is the port that a probe asks: a number or a name. Neither: it is not
// given, or can't be known before something is filled in ("${PORT}").
type ProbePort struct {
	Number int
	Name   string
	// Place is that of the key where it stands on a line of its own.
	Position config.Position
}

// Known tells whether there is a number or a name.
func (p ProbePort) Known() bool { return p.Number != 0 || p.Name != "" }
