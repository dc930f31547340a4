// Package verdict shows what a verification came to, on a terminal.
package verdict

import (
	"fmt"
	"strings"

	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/deploy"
)

// Status gives the answer to what a verification came to.
func Status(a deploy.Answer) error {
	switch a {
	case deploy.Verified:
		return nil
	case deploy.RollBack:
		return terminal.No
	}
	return terminal.Unknown
}

var verdictColors = map[deploy.Answer]string{deploy.Verified: "32", deploy.RollBack: "31"}

// Write writes what a verification came to for people.
func Write(t *terminal.Terminal, deployed deploytext.Deployed, format string) error {
	if format == "markdown" {
		_, err := fmt.Fprint(t.Stdout, deploytext.DeploymentMarkdown(deployed))
		return err
	}
	color := verdictColors[deployed.Run.Verdict.Answer]
	if color == "" {
		color = "33"
	}
	var b strings.Builder
	fmt.Fprintln(&b, t.Paint("1;"+color, deploytext.DeploymentTitle(deployed)))
	for _, line := range deploytext.DeploymentPlain(deployed) {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	_, err := fmt.Fprint(t.Stdout, b.String())
	return err
}
