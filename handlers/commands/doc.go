// Package commands does what people ask for in comments and by the buttons of check runs.
package commands
