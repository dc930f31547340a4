package deploytext

import (
	"plimsoll/checks"
	"plimsoll/deploy"
)

// NotificationOfVerdict says a verdict in one line, for destinations other than GitHub.
func NotificationOfVerdict(d Deployed) string {
	d.Run.Rollback = nil
	return d.notified(d.verdictTitle())
}

// NotificationOfRollback says in one line how far a rollback has come.
func NotificationOfRollback(d Deployed) string {
	m, where := d.Run.Rollback, d.where(checks.InPlain)
	to := checks.Short(m.ToCommit)
	switch {
	case m.Outcome != "" && (m.EndedBy != m.Made || m.Outcome == deploy.Verified):
		return d.notified(d.title())
	case m.Outcome == deploy.RollBack:
		return d.notified(where + " fails after the rollback to " + checks.Short(m.Ended) + " as well: the deployment was not the cause")
	case m.Outcome != "":
		return d.notified("Rolled back " + where + " to " + checks.Short(m.Ended) + ": " + string(m.Outcome))
	case m.Lost != nil:
		return d.notified("The rollback of " + where + " to " + to + " did not complete, or is not known to run")
	case m.State == deploy.RollbackFailed:
		return d.notified("The rollback of " + where + " to " + to + " failed to start")
	case m.WouldHave():
		return d.notified("Dry run: would have rolled back " + where + " to " + to)
	case m.State == deploy.RollbackProposed:
		return d.notified("Roll back " + where + " to " + to + "? Plimsoll does not do it by itself")
	case m.State == deploy.RollbackRefused:
		return d.notified("Not rolling back " + where)
	}
	return d.notified("Rolling back " + where + " to " + to)
}

// maxNotification bounds one line.
const maxNotification = 300

func (d Deployed) notified(text string) string {
	return checks.Fit(text, checks.Limit{Max: maxNotification, Characters: true})
}
