// Package packaging tests what is shipped beside the program. It is a module of its own, so
// that the program does not depend on Helm.
package packaging
