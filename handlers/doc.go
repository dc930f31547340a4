// Package handlers turns GitHub's events into work. The route table (routes.go) lists every
// event: its actions, where it belongs, and who handles it. Each event has one file. The
// packages below do the work, one capability each; they know each other only through
// interfaces of their own, and share nothing but the packages source (values read from
// GitHub) and work (kinds, keys and arguments of jobs).
//
// An event only says that something happened: the subject is read again at work time, so
// events may come late, twice and out of order. Nothing here knows databases or HTTP.
package handlers
