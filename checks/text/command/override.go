package commandtext

import (
	"slices"

	"plimsoll/checks"
	gatetext "plimsoll/checks/text/gate"
	"plimsoll/deploy"
	"plimsoll/deploy/gate"
)

const overrideUsage = "Write it as `/plimsoll override ENVIRONMENT REASON`; an environment's name that holds spaces goes in quotes."

// OverrideWithoutEnvironment refuses an override that names no environment.
func OverrideWithoutEnvironment() Answer {
	return Refusal("It does not say in which environment to let the commit go.", overrideUsage)
}

// OverrideWithoutReason refuses an override without a reason.
func OverrideWithoutReason() Answer {
	return Refusal("The reason is missing.", overrideUsage)
}

// OverrideRefused refuses somebody who may not override.
func OverrideRefused() Answer {
	return Refusal("Only who maintains this repository can let a commit go again that was to be rolled back.", "Ask somebody with the role maintain or admin.")
}

// NothingHeld refuses an override where nothing that the pull request brought is held;
// elsewhere tells that other commits are.
func NothingHeld(environment string, elsewhere bool) Answer {
	if elsewhere {
		return Refusal("What is held in "+checks.Code(environment)+" did not come with this pull request.", "Give the command on a pull request that came with it.")
	}
	return Refusal("No commit of this repository is held in "+checks.Code(environment)+".", "The name is the environment's in `plimsoll.yml`.")
}

// OverriddenAlready refuses an override of what somebody has overridden.
func OverriddenAlready(environment, commit string, by gate.Override) Answer {
	return Refusal(checks.Code(by.Login)+" has let "+checks.Code(checks.Short(commit))+" go to "+checks.Code(environment)+" already: "+gatetext.OverrideReason(by.Reason), "Deploy it again.")
}

// Overridden tells that a commit is held no more.
func Overridden(targets []deploy.Target, commit string) Answer {
	var components []string
	for _, p := range targets {
		if name := checks.Code(p.Component); !slices.Contains(components, name) {
			components = append(components, name)
		}
	}
	return Answer{Text: checks.MarkWarn + " **Overridden:** " + checks.Join(components, checks.MostNames) + " at " + checks.Code(checks.Short(commit)) + " may go to " + checks.Code(targets[0].Environment) +
		" again, although its verdict there was to roll back. All other conditions still count, and the next roll back holds it again." +
		"\n\n**What to do:** deploy it again; a deployment that was refused stays refused."}
}
