// Package server is the running program: it wires store, queue, intake, GitHub
// clients and handlers together, listens, and stops in order.
//
//	New ──▶ Run: listen, work ──ctx ends──▶ readiness off → intake closed →
//	        running jobs finish or are given back → database closed
package server
