// Package gate decides how a deployment protection rule is answered: approved, rejected,
// or held until more is known.
//
// It takes values and gives values. It must not know GitHub's API, databases, HTTP
// servers or logging.
package gate
