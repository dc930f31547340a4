package failuretext

import "plimsoll/checks"

// NotServed says that the operator does not let an account use the server.
func NotServed(account, head string, number int) checks.CheckRun {
	name := checks.Code(account)
	return checks.CheckRun{
		Name: checks.ContractsRun, HeadSHA: head, ExternalID: checks.ExternalID(number), Conclusion: checks.Neutral,
		Title: "This Plimsoll server does not serve " + checks.Escape(checks.Clip(account, 100), checks.InPlain),
		Summary: "Nothing was read or checked: the operator of this server has not added the account " + name + ".\n\n" +
			"**What to do:** ask its operator to add " + name + " to `accounts` in the operator's file, or uninstall the App.\n",
	}
}
