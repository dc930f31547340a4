// Package intake takes GitHub's webhooks: nothing is lost, nothing is done twice.
//
//	POST ─▶ checks: method, type, headers, size, signature, JSON
//	     ─▶ githubapp's dispatcher ─▶ Schedule: delivery and job in ONE transaction
//	     ─▶ 200: it is on disk        500: it is not, and the replay will find it
//
//	queue ─▶ Work: the stored delivery ─▶ the githubapp.EventHandler of its event
//
// A delivery is known by GitHub's id for it: a second one is acknowledged and does
// nothing, unless the job of the first is dead: then that job runs again. Where an event
// belongs, and whether it asks for anything, a function says that is given from outside;
// the package knows no event.
package intake
