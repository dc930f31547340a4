// Package overview is the first page of the dashboard, with what needs attention, and the
// pages of components: what each provides and uses, what runs of it where, and how it is
// delivered.
//
// It shows what its visitor may read, and decides nothing. It must not know GitHub's API.
package overview
