package prometheus

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"

	"plimsoll/server/aws"
	"plimsoll/server/datasource"
)

// Error is an error of a metric server.
type Error = datasource.Error

// explain turns what asking came to into an [Error].
func (s *server) explain(err error, timeout time.Duration) error {
	e := &Error{Datasource: s.Name}
	e.Message, e.Hint = "could not be asked", "see that it runs and that this server reaches it"
	if answer, ok := errors.AsType[*v1.Error](err); ok {
		s.refused(e, answer)
		return e
	}
	if what, ok := errors.AsType[noNumbers](err); ok {
		notNumbers(e, string(what))
		return e
	}
	if host, ok := errors.AsType[*net.DNSError](err); ok && !host.IsTimeout {
		e.Message, e.Hint = "its host's name is not known", "check its address in datasources of the operator's file"
		return e
	}
	_, badCertificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, unknownAuthority := errors.AsType[x509.UnknownAuthorityError](err)
	ended, isOp := errors.AsType[*net.OpError](err)
	var timedOut net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timedOut) && timedOut.Timeout():
		e.Message, e.Hint = fmt.Sprintf("no answer within %s", timeout), "see whether it is overloaded, or ask for less"
	case errors.Is(err, errNotTheAPI):
		e.Message, e.Hint = "its answer is not one of the Prometheus API", "check its address in datasources of the operator's file"
	case errors.Is(err, errTooLong):
		e.Message, e.Hint = "its answer is longer than what is read", "ask for fewer series; narrow the query"
	case errors.Is(err, errToken):
		e.Message, e.Hint = "its token can't be read", "check the file of its bearer token"
	case errors.Is(err, aws.ErrCredentials):
		e.Message, e.Hint = "there are no AWS credentials to sign with", "give the server a role, or set access_key_id and secret_access_key under sigv4"
	case errors.Is(err, errHost):
		e.Message, e.Hint = "it leads to another host", "write the address that answers into datasources of the operator's file"
	case badCertificate || unknownAuthority:
		e.Message, e.Hint = "its certificate is not trusted", "name its authority as tls.ca_file of its entry in datasources of the operator's file"
	case isOp && ended.Op == "remote error": // an alert of TLS
		e.Message, e.Hint = "it ends the TLS connection", "check tls of its entry in datasources; it may ask for a client certificate"
	}
	return e
}

func notNumbers(e *Error, what string) {
	e.Message, e.Hint, e.Query = fmt.Sprintf("the query gives %s, expected numbers", what), "mend the query; for histograms put histogram_quantile(…) or histogram_count(…) around it", true
}

// refused explains an answer that is an error.
func (s *server) refused(e *Error, answer *v1.Error) {
	status, kind, text := statusOf(answer)
	switch kind {
	case v1.ErrBadData, v1.ErrExec:
		e.Message, e.Hint, e.Query = "it refuses the query: "+s.shown(text), "mend the query", true
		return
	case v1.ErrBadResponse:
		if strings.Contains(text, `unexpected value type "string"`) { // the client reads no texts
			notNumbers(e, "a text")
			return
		}
	case v1.ErrTimeout, v1.ErrCanceled:
		e.Message, e.Hint = "it gave up on the query", "ask for a shorter range, or record a part of the query"
		return
	}
	switch {
	case status >= 300 && status < 400:
		e.Message, e.Hint = fmt.Sprintf("it answers with a redirect (%d), which is not followed", status), "write the address that answers into datasources of the operator's file"
	case status == 401 || status == 403:
		e.Message, e.Hint = s.credentials.refused(status)
	case status == 404:
		e.Message, e.Hint = "there is no Prometheus API at its address (404)", "check its address in datasources of the operator's file"
	case status == 429:
		e.Message, e.Hint = "it is asked too often (429)", "try again later"
	case status >= 400:
		e.Message, e.Hint = fmt.Sprintf("it answers with an error (%d)", status), "see its own log"
	case kind == v1.ErrBadResponse:
		e.Message, e.Hint = "its answer is not one of the Prometheus API", "check its address in datasources of the operator's file"
	default:
		e.Message, e.Hint = "it answers with an error: "+s.shown(text), "see its own log"
	}
}

// statusOf gives the HTTP status of an answer that is an error (0: not known), and
// what the API says of it. The client reads that for 400 and 422 alone; Prometheus
// also says so with 503 (web/api/v1, respondError).
func statusOf(answer *v1.Error) (status int, kind v1.ErrorType, text string) {
	for _, before := range []string{"client error: ", "server error: ", "bad response code "} {
		if rest, ok := strings.CutPrefix(answer.Msg, before); ok {
			status, _ = strconv.Atoi(rest)
		}
	}
	var said struct {
		Status string       `json:"status"`
		Type   v1.ErrorType `json:"errorType"`
		Error  string       `json:"error"`
	}
	if json.Unmarshal([]byte(answer.Detail), &said) == nil && said.Status == "error" && said.Type != "" {
		return status, said.Type, said.Error
	}
	return status, answer.Type, answer.Msg
}

// shown is a text of the server's as it may be shown.
func (s *server) shown(text string) string {
	return datasource.Shown(text, s.credentials.all())
}
