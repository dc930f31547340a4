package checks

// AcknowledgeAction is the button that acknowledges everything that blocks.
func AcknowledgeAction() Action {
	return Action{Label: "Acknowledge", Description: "Acknowledge breaks of your consumers", Identifier: "ack"}
}

// RecheckAction is the button that evaluates the pull request again.
func RecheckAction() Action {
	return Action{Label: "Re-check", Description: "Check this pull request again", Identifier: "recheck"}
}

// RollbackAction is the button that rolls a deployment back.
func RollbackAction() Action {
	return Action{Label: "Roll back", Description: "Deploy the last verified commit again", Identifier: "rollback"}
}

// Buttons are the actions on the check run of a pull request; each is shown only
// where it applies.
func Buttons() []Action { return []Action{AcknowledgeAction(), RecheckAction()} }
