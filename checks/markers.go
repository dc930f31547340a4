package checks

import "strings"

// Markers are hidden in what is written to GitHub, so that it can be found again.

// CommentMarker is hidden in the one comment, so that it can be found again.
const CommentMarker = "<!-- plimsoll:contracts -->"

// StepMarker is hidden in the comment of a workflow step. It is another than the App's, so that
// both can be used on one pull request.
const StepMarker = "<!-- plimsoll:action -->"

// DeploymentMarker is hidden in the comment that tells on a pull request what became of
// its deployments; there is one on each.
const DeploymentMarker = "<!-- plimsoll:deploy -->"

// AnswerMarker is hidden in the answer to what was given at a source, so that it is
// given once.
func AnswerMarker(source string) string {
	return "<!-- plimsoll:answer " + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '/', r == '.':
			return r
		default:
			return '.'
		}
	}, source) + " -->"
}

// IssueMarker is hidden in the issue about a deployment that went bad, so that there is
// one.
func IssueMarker(verification string) string {
	return strings.Replace(AnswerMarker(verification), "answer", "went-bad", 1)
}
