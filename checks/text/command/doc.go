// Package commandtext writes the answers to commands, buttons and questions: what was
// done, what was refused and why, and the help.
package commandtext
