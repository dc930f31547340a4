// Package rollback decides whether a deployment that went bad is rolled back, which
// commit is deployed instead, and which reasons leave the decision to people.
//
// It takes values and gives values. It must not know GitHub's API, databases, HTTP
// servers or logging.
package rollback
