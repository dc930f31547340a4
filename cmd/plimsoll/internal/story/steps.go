package story

import (
	"context"

	"plimsoll/cmd/plimsoll/internal/terminal"
)

// open shows a page in the browser, once, unless that is switched off.
func (t *teller) open(address string) {
	if t.noOpen {
		return
	}
	t.noOpen = true
	terminal.OpenBrowser(address)
}

// waitForEnter lets a person go on when they have seen enough.
func (t *teller) waitForEnter(ctx context.Context) error {
	t.say("\n%s", t.Paint("2", "   Press Enter for the next step."))
	return t.WaitForLine(ctx)
}
