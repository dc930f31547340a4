package preset

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// classes say what the values of a status mean.
type classes struct {
	// server is the pattern of what the service is to blame for, client of what its callers
	// are; empty if the status does not tell.
	server, client string
	// is reports whether a value is a status.
	is func(value string) bool
}

// httpClasses are those of codes such as 503 and of classes such as 5xx.
var httpClasses = classes{server: "5..", client: "4..", is: isStatus}

// firstDigit are those of Envoy's classes.
var firstDigit = classes{server: "5", client: "4", is: func(value string) bool { return len(value) == 1 && value[0] >= '1' && value[0] <= '5' }}

// spanClasses are those of spans: a server's span has the status error if the server is to
// blame. https://opentelemetry.io/docs/specs/semconv/http/http-spans/#status
var spanClasses = classes{server: "STATUS_CODE_ERROR|Error|ERROR", is: func(value string) bool {
	return slices.Contains([]string{"unset", "ok", "error"}, strings.ToLower(strings.TrimPrefix(value, "STATUS_CODE_")))
}}

// codes of gRPC in their order. https://grpc.io/docs/guides/status-codes/
var codes = []string{
	"OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied", "ResourceExhausted",
	"FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss", "Unauthenticated",
}

// blamed are the codes that a server is to blame for.
// https://opentelemetry.io/docs/specs/semconv/rpc/grpc/
var blamed = []string{"Unknown", "DeadlineExceeded", "Unimplemented", "Internal", "Unavailable", "DataLoss"}

// grpcClasses are those of the codes' names, as Go (NotFound) and as others (NOT_FOUND)
// write them; grpcNumbers of their numbers.
var grpcClasses, grpcNumbers = grpcStatus()

func grpcStatus() (named, numbered classes) {
	var names, numbers [2][]string
	all := map[string]bool{}
	for number, code := range codes {
		written := []string{code, upperSnake(code)}
		if code == "Canceled" {
			written = append(written, "Cancelled", "CANCELLED")
		}
		for _, one := range append(written, strconv.Itoa(number)) {
			all[one] = true
		}
		if number == 0 {
			continue
		}
		whose := 1
		if slices.Contains(blamed, code) {
			whose = 0
		}
		names[whose] = append(names[whose], slices.Compact(written)...)
		numbers[whose] = append(numbers[whose], strconv.Itoa(number))
	}
	is := func(value string) bool { return all[value] }
	join := func(parts []string) string { return strings.Join(parts, "|") }
	return classes{join(names[0]), join(names[1]), is}, classes{join(numbers[0]), join(numbers[1]), is}
}

// upperSnake writes NotFound as NOT_FOUND.
func upperSnake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) && name != "OK" {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}

// isStatus reports whether a value is like 200, 5xx or 0 (Istio: no answer).
func isStatus(text string) bool {
	return text == "0" || len(text) == 3 && text[0] >= '1' && text[0] <= '5'
}
