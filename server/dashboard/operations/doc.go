// Package operations has the page for operators: installations with what they have not
// granted, the queue, dead jobs, and GitHub's log of deliveries.
//
// For everybody else there is no such page. It must not know how people log in.
package operations
