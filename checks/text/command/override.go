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
	return Refusal("Only maintainers of this repository can override a verdict to roll back.", "Ask someone with the role maintain or admin.")
}

// NothingHeld refuses an override where no commit of the pull request is held; elsewhere
// reports that other commits are.
func NothingHeld(environment string, elsewhere bool) Answer {
	if elsewhere {
		return Refusal("The commit that is held in "+checks.Code(environment)+" does not contain this pull request.", "Write the command on a pull request that it contains.")
	}
	return Refusal("No commit of this repository is held in "+checks.Code(environment)+".", "Use the environment's name in `plimsoll.yml`.")
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
