// Package markdowntest checks that text of outsiders stays inert in Markdown: it makes
// hostile strings, reads Markdown as GitHub does after rendering, and asks GitHub's own
// renderer where that is installed. It knows nothing of the reports, so that every
// package that writes Markdown can use it in its tests.
package markdowntest
