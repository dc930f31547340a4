package commandtext

import (
	"strings"
	"time"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/contracts/impact"
)

// BadQuestion is the error for an invalid question. Both texts may be shown to the sender.
type BadQuestion struct {
	What, Hint string
}

// Error says what is wrong and what to do.
func (e *BadQuestion) Error() string {
	if e.Hint == "" {
		return e.What
	}
	return e.What + " (" + e.Hint + ")"
}

// CommitNeeded refuses a text that is not a full commit id.
func CommitNeeded() error {
	return &BadQuestion{"commit: expected the full id of a commit", "git rev-parse HEAD prints it: 40 hexadecimal digits"}
}

// CommitNotFound refuses a commit that the repository does not hold.
func CommitNotFound(commit string) error {
	return &BadQuestion{"commit: the repository has no commit " + checks.Escape(checks.Short(commit), checks.InPlain), "push it first"}
}

// EnvironmentNeeded refuses a missing or too long name of an environment.
func EnvironmentNeeded() error {
	return &BadQuestion{"environment: expected a name of at most 255 bytes", "use its name in plimsoll.yml or in the deployment, such as production"}
}

// ComponentTooLong refuses a name that is too long.
func ComponentTooLong() error {
	return &BadQuestion{"component: expected a name of at most 255 bytes", ""}
}

// ComponentNotDeclared refuses a component that a commit does not declare.
func ComponentNotDeclared(component, commit string, declared []string) error {
	names := make([]string, len(declared))
	for i, name := range declared {
		names[i] = checks.Escape(name, checks.InPlain)
	}
	return &BadQuestion{"component: " + checks.Escape(component, checks.InPlain) + " is not declared at " + checks.Escape(checks.Short(commit), checks.InPlain), "declared components: " + checks.Join(names, 10)}
}

// NotInContract refuses an operation or a field that the contract does not have.
func NotInContract(e *impact.NotInContract) error {
	hint := ""
	if len(e.Nearest) > 0 {
		names := make([]string, len(e.Nearest))
		for i, name := range e.Nearest {
			names[i] = checks.Escape(name, checks.InPlain)
		}
		hint = "did you mean " + strings.Join(names, " or ") + "?"
	}
	return &BadQuestion{checks.Escape(e.Message, checks.InPlain), hint}
}

// ReferredTo refuses to remove a part that another part of the contract refers to.
func ReferredTo(p *contracts.Problem) error {
	return &BadQuestion{"another part of the contract refers to it: " + checks.Escape(p.Position.String()+" "+p.Message, checks.InPlain), "change that part first"}
}

// ContractNotKnown is the problem of a running version whose contract was not read.
func ContractNotKnown() *contracts.Problem {
	return &contracts.Problem{Message: "the contract was not read, or the version does not provide the API"}
}

// UnreadableSince says why a repository can't be read, and since when.
func UnreadableSince(reason string, since time.Time) string {
	text := checks.Clip(checks.Clean(reason), longestReason)
	if !since.IsZero() {
		if text != "" {
			text += ", "
		}
		text += "since " + since.UTC().Format(time.DateOnly)
	}
	return text
}

// longestReason bounds what is quoted of a failure.
const longestReason = 200
