package checks

import "strconv"

// ExternalID carries the pull request's number; a merge group's is given by the code that
// knows the group.
func ExternalID(number int) string {
	if number == 0 {
		return ""
	}
	return "pr/" + strconv.Itoa(number)
}

// SubjectWords is what is evaluated: "pull request", or "merge group" where there is no number.
func SubjectWords(number int) string {
	if number == 0 {
		return "merge group"
	}
	return "pull request"
}
