// Package action answers `plimsoll action`: both checks of one pull request, inside a step of
// a GitHub Actions workflow. It writes the job summary, the one comment, annotations, JSON,
// SARIF and the step's outputs.
//
//	environment ──readRun──▶ run ──pair──▶ commits ─┬─▶ contracts ─┐
//	                                                └─▶ readiness ─┴─▶ outcome ──▶ GitHub
//
// Everything of the pull request is read from git's objects and never executed. It must not
// know the server.
package action
