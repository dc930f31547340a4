package commandtext

import (
	"slices"

	"plimsoll/checks"
	gatetext "plimsoll/checks/text/gate"
	"plimsoll/deploy"
	"plimsoll/deploy/gate"
)

const overrideUsage = "Write `/plimsoll override ENVIRONMENT REASON`. Put a name with spaces in quotes."

// OverrideWithoutEnvironment refuses an override that names no environment.
func OverrideWithoutEnvironment() Answer {
	return Refusal("The environment is missing.", overrideUsage)
}

// OverrideWithoutReason refuses an override without a reason.
func OverrideWithoutReason() Answer {
	return Refusal("The reason is missing.", overrideUsage)
}

// OverrideRefused refuses a sender who may not override.
func OverrideRefused() Answer {
	return Refusal("Only maintainers of this repository can override a gate.", "Ask someone with the role maintain or admin.")
}

// NothingHeld refuses an override where no commit of the pull request is held; elsewhere
// reports that other commits are.
func NothingHeld(environment string, elsewhere bool) Answer {
	if elsewhere {
		return Refusal("The commit that the gate of "+checks.Code(environment)+" keeps out does not contain this pull request.", "Write the command on a pull request that it contains.")
	}
	return Refusal("No gate of "+checks.Code(environment)+" keeps out a commit of this repository.", "Use the name of the environment that the deployment is for.")
}

// NothingToOverride refuses an override of a gate that has nothing against a commit any more.
func NothingToOverride(environment, commit string) Answer {
	return Refusal("The gate of "+checks.Code(environment)+" would let "+checks.Code(checks.Short(commit))+" pass now.", "Deploy it again if its deployment was rejected.")
}

// CannotOverride refuses an override while it is not known what the gate is for.
func CannotOverride(environment string) Answer {
	return Refusal("The repository's `plimsoll.yml` has errors, so it is not known what the gate of "+checks.Code(environment)+" is for.", "Fix the file and deploy again.")
}

// GateOverridden reports that reasons of a gate are overridden. waits: the deployment still
// waits for the gate.
func GateOverridden(environment, commit string, reasons []gate.Reason, waits bool) Answer {
	next := "deploy it again. The deployment that was rejected stays rejected."
	if waits {
		next = "nothing. The deployment that waits continues, unless it waits for others too."
	}
	return Answer{Text: checks.Paragraphs(
		checks.MarkWarn+" **Overridden** for "+checks.Code(checks.Short(commit))+" in "+checks.Code(environment)+":",
		checks.List(gatetext.ReasonLines(reasons)),
		"Other reasons and later verdicts still count.",
		"**Next:** "+next,
	)}
}

// OverriddenAlready refuses an override that exists.
func OverriddenAlready(environment, commit string, by gate.Override) Answer {
	return Refusal(checks.Code(by.Login)+" has already overridden the gate of "+checks.Code(environment)+" for "+checks.Code(checks.Short(commit))+". Reason: "+gatetext.OverrideReason(by.Reason), "Deploy it again.")
}

// Overridden reports that a commit is no longer held.
func Overridden(targets []deploy.Target, commit string) Answer {
	var components []string
	for _, p := range targets {
		if name := checks.Code(p.Component); !slices.Contains(components, name) {
			components = append(components, name)
		}
	}
	return Answer{Text: checks.MarkWarn + " **Overridden:** " + checks.Join(components, checks.MostNames) + " at " + checks.Code(checks.Short(commit)) + " may go to " + checks.Code(targets[0].Environment) +
		" again after the verdict to roll back. All other conditions still apply. The next verdict to roll back holds it again." +
		"\n\n**Next:** deploy it again. The deployment that was rejected stays rejected."}
}
