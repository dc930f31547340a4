// Package apis has the pages of APIs: who uses which operation and field, with the lines that
// say so, whether a version may be deployed, whether a part may be removed, and how far the
// consumers have left what is deprecated.
//
// It shows what its visitor may read. The answers are those of the HTTP API, which counts the
// consumers that it hides. It must not know GitHub's API.
package apis
