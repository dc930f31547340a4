// Package intake takes GitHub's webhooks: nothing is lost, nothing is done twice.
//
//	POST ─▶ checks: method, type, headers, size, signature, JSON
//	     ─▶ the route table: kind and key, or why it is ignored
//	     ─▶ delivery and job in ONE transaction
//	     ─▶ 200: it is on disk        500: it is not, and the replay will find it
//
//	queue ─▶ Work: the stored delivery ─▶ the handler of its event
//
// A delivery is known by GitHub's id for it: a second one is acknowledged and does
// nothing, unless the job of the first is dead: then that job runs again. Which events there
// are, where they belong and who handles them is in the route table of package handlers;
// this package knows no event.
package intake
