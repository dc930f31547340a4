package deploy

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// ProbeOutcome is how a probe ended.
type ProbeOutcome string

// The outcomes. Everything that happens before HTTP is spoken is one outcome: a refused
// connection, a timeout, and an answer that is not HTTP are not distinguished, so that
// probes can't be used to find open ports.
const (
	// ProbePassed: the answer is as expected.
	ProbePassed ProbeOutcome = "passed"
	// ProbeRefused: the request was not made; Refusal says why.
	ProbeRefused ProbeOutcome = "refused"
	// ProbeUnresolved: no address was found for the host's name.
	ProbeUnresolved ProbeOutcome = "not resolved"
	// ProbeSilent: nothing gave a complete HTTP answer in time and within the bounds.
	ProbeSilent ProbeOutcome = "no answer"
	// ProbeUntrusted: the certificate on the scheme's own port is not trusted.
	ProbeUntrusted ProbeOutcome = "not trusted"
	// ProbeSlow: the answer began and was not over in time.
	ProbeSlow ProbeOutcome = "too slow"
	// ProbeLarge: the body that holds the fields is larger than what is read.
	ProbeLarge ProbeOutcome = "too large"
	// ProbeStatus, ProbeField and ProbeLate: the status, a field or the time is not the
	// expected one.
	ProbeStatus ProbeOutcome = "other status"
	ProbeField  ProbeOutcome = "other field"
	ProbeLate   ProbeOutcome = "late"
	// ProbeText: an expected text is not in the body; Missing says which.
	ProbeText ProbeOutcome = "other text"
	// ProbeValue: an earlier answer has no value that the request could be made with; Missing
	// says which, Problem why.
	ProbeValue ProbeOutcome = "no value"
	// ProbeInterrupted: the caller gave up. It says nothing of the environment.
	ProbeInterrupted ProbeOutcome = "interrupted"
)

// ProbeRefusal is why a request is not made.
type ProbeRefusal string

// The refusals.
const (
	// RefusedURL: the address, or the path behind it, is none that is probed.
	RefusedURL ProbeRefusal = "url"
	// RefusedHost: the host is not on the operator's list.
	RefusedHost ProbeRefusal = "host"
	// RefusedAddress: the host is at an address that is not public, and whose range the
	// operator does not list.
	RefusedAddress ProbeRefusal = "address"
	// RefusedPort: the port is none on which HTTP is expected.
	RefusedPort ProbeRefusal = "port"
	// RefusedDowngrade: a redirect leads from https to http.
	RefusedDowngrade ProbeRefusal = "downgrade"
	// RefusedPost: the operator does not allow POST there.
	RefusedPost ProbeRefusal = "post"
	// RefusedSecret: the secret does not exist, or is not for this repository and host;
	// Missing says which. The three cases look the same.
	RefusedSecret ProbeRefusal = "secret"
	// RefusedElsewhere: a redirect leads to another host, and the request holds more than a
	// path.
	RefusedElsewhere ProbeRefusal = "elsewhere"
)

// ValueProblem is why a value of an earlier answer can't be used.
type ValueProblem string

// The problems.
const (
	// ValueMissing: there is no such field, or it holds no text, number or boolean.
	ValueMissing ValueProblem = "missing"
	// ValueLarge: it, or the answer that holds it, is too large.
	ValueLarge ValueProblem = "large"
	// ValueUnfit: it can't stand in this place of a request, such as a line break in a header.
	ValueUnfit ValueProblem = "unfit"
)

// ProbedField is one field of a JSON answer that was expected to have a value.
type ProbedField struct {
	// Path as declared, such as build.sha or checks[0].state.
	Path    string `json:"path"`
	Matches bool   `json:"matches"`
	// Kind of what was found: string, number, boolean, null, object, array; "" where
	// there is no such field.
	Kind string `json:"kind,omitempty"`
	// Found is the value as far as it may be shown: the beginning of what looks like a
	// commit. Anything else can be a secret. Earlier versions stored every short value.
	Found string `json:"found,omitempty"`
	// Version: the expectation holds the deployed commit.
	Version bool `json:"version,omitempty"`
}

// ProbeResult is the outcome of one probe. All of it may be shown to everyone: it holds no
// body, no header, no address and no text of the network's.
type ProbeResult struct {
	At      time.Time    `json:"at"`
	Method  string       `json:"method"`
	Path    string       `json:"path"`
	Outcome ProbeOutcome `json:"outcome"`
	Refusal ProbeRefusal `json:"refusal,omitempty"`
	// Redirects that were followed, one that was refused included.
	Redirects int `json:"redirects,omitempty"`
	// Status, Took and Size are zero if there was no answer.
	Status int           `json:"status,omitempty"`
	Took   time.Duration `json:"took,omitempty"`
	// Size of the body in bytes as far as it was read; AtLeast: there was more.
	Size    int  `json:"size,omitempty"`
	AtLeast bool `json:"at_least,omitempty"`
	// Within and WantStatus are the expectations; Within is zero if none is declared.
	Within     time.Duration `json:"within,omitempty"`
	WantStatus string        `json:"want_status,omitempty"`
	Fields     []ProbedField `json:"fields,omitempty"`
	// Journey is the name of a journey; empty: the probe is one request. Step is the name of
	// its last request, to which Method, Path and Status belong; Steps counts the requests.
	Journey string `json:"journey,omitempty"`
	Step    string `json:"step,omitempty"`
	Steps   int    `json:"steps,omitempty"`
	// Missing is what is lacking, as declared: a text, a placeholder or a secret's name.
	Missing string       `json:"missing,omitempty"`
	Problem ValueProblem `json:"problem,omitempty"`
}

// Name is what reports call the probe.
func (r ProbeResult) Name() string {
	if r.Journey != "" {
		return r.Journey
	}
	return r.Method + " " + r.Path
}

// Passed reports whether the answer was as expected.
func (r ProbeResult) Passed() bool { return r.Outcome == ProbePassed }

// Counts reports whether the result says something about the environment. An interrupted
// probe and one that is not allowed do not: a rollback would fix neither.
func (r ProbeResult) Counts() bool {
	return r.Outcome != ProbeInterrupted && r.Outcome != ProbeRefused
}

// SawVersion reports whether the answer named the deployed commit, and whether it was
// expected to.
func (r ProbeResult) SawVersion() (saw, expected bool) {
	saw = true
	for _, field := range r.Fields {
		if field.Version {
			expected = true
			saw = saw && field.Matches
		}
	}
	return saw && expected, expected
}

// String says in one sentence what the result of the probe was. Path and fields are
// untrusted text: the caller has to escape them.
func (r ProbeResult) String() string {
	return r.Name() + ": " + r.Says()
}

// Says is what happened, without the name of the probe.
func (r ProbeResult) Says() string {
	switch {
	case r.Journey == "":
		return r.words()
	case r.Passed():
		return fmt.Sprintf("%d steps in %s", r.Steps, r.took())
	}
	return "step " + r.Step + ": " + r.words()
}

func (r ProbeResult) words() string {
	switch r.Outcome {
	case ProbePassed:
		return fmt.Sprintf("%d in %s", r.Status, r.took())
	case ProbeRefused:
		return r.refusal()
	case ProbeUnresolved:
		return "its host's name was not resolved"
	case ProbeSilent:
		return "no complete HTTP answer"
	case ProbeUntrusted:
		return "the certificate is not trusted"
	case ProbeSlow:
		return "the answer was not over in time"
	case ProbeLarge:
		return fmt.Sprintf("the answer is larger than the %d KiB that are read", r.Size>>10)
	case ProbeStatus:
		return fmt.Sprintf("status %d, expected %s", r.Status, r.WantStatus)
	case ProbeField:
		return r.fields()
	case ProbeLate:
		return fmt.Sprintf("answered in %s, expected within %s", r.took(), r.Within)
	case ProbeText:
		return fmt.Sprintf("the text %q is missing", r.Missing)
	case ProbeValue:
		return r.value()
	case ProbeInterrupted:
		return "interrupted"
	}
	return string(r.Outcome)
}

func (r ProbeResult) refusal() string {
	what := "the address"
	if r.Redirects > 0 {
		what = "a redirect"
	}
	switch r.Refusal {
	case RefusedHost:
		return what + " leads to a host that is not on the operator's list (probes.allow)"
	case RefusedAddress:
		return what + " leads to a host at an address that is not public (the operator can list its range under probes.allow)"
	case RefusedPort:
		return what + " has a port that is not probed (80, 443, or one above 1023 that is no other protocol's)"
	case RefusedPost:
		return "POST is not allowed at this host (the operator can list it under probes.post)"
	case RefusedSecret:
		return "the secret " + r.Missing + " is not available to this repository at this host (the operator lists both under probes.secrets)"
	case RefusedElsewhere:
		return "a redirect leads to another host and was not followed"
	case RefusedDowngrade:
		return "a redirect leads from https to http and was not followed"
	}
	return what + " can't be probed (expected http or https, a plain host name, no user, no password)"
}

func (r ProbeResult) value() string {
	switch r.Problem {
	case ValueLarge:
		return r.Missing + " is too large to be used"
	case ValueUnfit:
		return r.Missing + " has characters that can't be used here"
	}
	return r.Missing + " is missing in the answer"
}

var (
	// commitForm is a whole commit, or one as git shortens it.
	commitForm = regexp.MustCompile(`^(?:[0-9a-f]{40}|[0-9a-f]{7,12})$`)
	// beginningForm is what is kept of one.
	beginningForm = regexp.MustCompile(`^[0-9a-f]{7}$`)
)

// shownOfCommit is how many characters of a commit are shown: other things can look like one,
// such as a token, of which that tells nothing.
const shownOfCommit = 7

// CommitIn returns the beginning of a text that looks like a commit. Digits alone can be a
// number that nobody may know.
func CommitIn(text string) (beginning string, ok bool) {
	if !commitForm.MatchString(text) || !strings.ContainsAny(text, "abcdef") {
		return "", false
	}
	return text[:shownOfCommit], true
}

func (r ProbeResult) fields() string {
	var wrong []string
	for _, f := range r.Fields {
		switch {
		case f.Matches:
		case f.Kind == "":
			wrong = append(wrong, f.Path+" is missing")
		default:
			commit, ok := CommitIn(f.Found)
			if beginningForm.MatchString(f.Found) {
				commit, ok = f.Found, true
			}
			if ok {
				wrong = append(wrong, f.Path+" is "+commit)
			} else {
				wrong = append(wrong, f.Path+" differs")
			}
		}
	}
	return strings.Join(wrong, ", ")
}

func (r ProbeResult) took() time.Duration { return r.Took.Round(time.Millisecond) }
