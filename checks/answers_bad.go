package checks

import (
	"strings"

	"plimsoll/contracts"
)

// BadQuestion is the error for a question that has no answer as it is put. Both
// texts may be shown to who asks.
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

// CommitNeeded refuses what is no full commit id.
func CommitNeeded() error {
	return &BadQuestion{"commit: expected the full id of a commit", "git rev-parse HEAD prints it: 40 hexadecimal digits"}
}

// CommitNotFound refuses a commit that the repository does not hold.
func CommitNotFound(commit string) error {
	return &BadQuestion{"commit: the repository has no commit " + escape(short(commit), inPlain), "push it first"}
}

// EnvironmentNeeded refuses a missing or endless name of an environment.
func EnvironmentNeeded() error {
	return &BadQuestion{"environment: expected a name of at most 255 bytes", "the name that plimsoll.yml or the deployment gives it, such as production"}
}

// ComponentTooLong refuses an endless name.
func ComponentTooLong() error {
	return &BadQuestion{"component: expected a name of at most 255 bytes", ""}
}

// ComponentNotDeclared refuses a component that a commit does not declare.
func ComponentNotDeclared(component, commit string, declared []string) error {
	names := make([]string, len(declared))
	for i, name := range declared {
		names[i] = escape(name, inPlain)
	}
	return &BadQuestion{"component: " + escape(component, inPlain) + " is not declared at " + escape(short(commit), inPlain), "declared are " + join(names, 10)}
}

// NotInContract refuses an operation or a field that the contract does not have.
func NotInContract(e *contracts.NotInContract) error {
	hint := ""
	if len(e.Nearest) > 0 {
		names := make([]string, len(e.Nearest))
		for i, name := range e.Nearest {
			names[i] = escape(name, inPlain)
		}
		hint = "did you mean " + strings.Join(names, " or ") + "?"
	}
	return &BadQuestion{escape(e.Message, inPlain), hint}
}

// ReferredTo refuses what can't go by itself, because something else in the contract
// refers to it.
func ReferredTo(p *contracts.Problem) error {
	return &BadQuestion{"it can't go by itself: " + escape(p.Position.String()+" "+p.Message, inPlain), "what refers to it has to change first"}
}

// ContractNotKnown is the problem of a version that runs and whose contract was not
// read.
func ContractNotKnown() *contracts.Problem {
	return &contracts.Problem{Message: "it has not been read, or does not provide the API"}
}
