// Package signals asks the operator's metric servers for what a repository declares: what
// the signals are, what they were in the seven days before a deployment, and what they have
// been since. It turns answers into plain values (deploy.History, deploy.Measured) and
// decides nothing.
//
// A metric server that is down is never evidence: what could not be queried is left open,
// and queried again from there at the next sample.
package signals
