package action

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"plimsoll/checks"
	"plimsoll/cmd/plimsoll/internal/terminal"
)

// maxSummary is GitHub's limit for the summary of one step.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits
const maxSummary = 1 << 20

// write writes the files, the log, the summary, the comment and the outputs, in this order: what
// needs GitHub comes last.
func (o *outcome) write(ctx context.Context, t *terminal.Terminal, options Options) error {
	for file, content := range map[string]any{options.JSON: o.json(), options.SARIF: o.sarif()} {
		if file == "" {
			continue
		}
		if err := writeJSON(file, content); err != nil {
			return err
		}
	}
	o.log(t)
	if err := o.writeSummary(); err != nil {
		return err
	}
	comment := o.publish(ctx, t, options)
	return o.writeOutputs(options, comment)
}

func writeJSON(file string, content any) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(content); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("write the results: %w", err)
	}
	if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the results: %w", err)
	}
	return nil
}

// mark shows a check: what the step fails for is bad, what else is not in order is to be noted.
func mark(run checks.CheckRun, answer terminal.Answer) string {
	switch {
	case answer == terminal.No:
		return checks.MarkBad
	case answer == terminal.Unknown, run.Conclusion != checks.Success:
		return checks.MarkWarn
	}
	return checks.MarkGood
}

// summaryText is the job summary: what the App shows in its two check runs.
func (o *outcome) summaryText() string {
	text := section(o.contracts, o.contractsAnswer)
	if o.readiness != nil {
		text += "\n" + section(o.readiness.run, o.readinessAnswer)
	}
	return checks.Fit(text, checks.Limit{Max: maxSummary})
}

func section(run checks.CheckRun, answer terminal.Answer) string {
	text := "## " + mark(run, answer) + " " + checks.Prose(run.Title) + "\n\n" + run.Summary
	if run.Text != "" {
		text += "\n" + run.Text
	}
	return text
}

func (o *outcome) writeSummary() error {
	if o.run.summary == "" {
		return nil
	}
	return appendTo(o.run.summary, o.summaryText())
}

// appendTo adds to a file that GitHub has made for the step.
func appendTo(file, text string) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("write for GitHub: %w", err)
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// writeOutputs writes the outputs of the step. None holds a text of the repository.
func (o *outcome) writeOutputs(options Options, comment int64) error {
	if o.run.output == "" {
		return nil
	}
	outputs := [][2]string{
		{"answer", words[o.answer]}, {"contracts", string(o.verdict())}, {"consumers-affected", fmt.Sprint(o.affected())},
		{"json", options.JSON}, {"sarif", options.SARIF},
	}
	if o.readiness != nil {
		outputs = append(outputs, [2]string{"readiness", o.readiness.verdict()})
	}
	if comment != 0 {
		outputs = append(outputs, [2]string{"comment-id", fmt.Sprint(comment)})
	}
	var b strings.Builder
	for _, each := range outputs {
		if strings.ContainsAny(each[1], "\r\n") {
			return fmt.Errorf("the output %s would have several lines", each[0])
		}
		fmt.Fprintf(&b, "%s=%s\n", each[0], each[1])
	}
	return appendTo(o.run.output, b.String())
}

// publish writes the comment. The answer does not depend on it: where it can't be written, the
// log says so.
func (o *outcome) publish(ctx context.Context, t *terminal.Terminal, options Options) int64 {
	switch {
	case !options.Comment || o.run.number == 0:
		return 0
	case o.run.token == "":
		say(t, "No comment: the step has no token (input github-token). The result is in the job summary.")
		return 0
	}
	var id int64
	g, err := newGitHub(o.run)
	if err == nil {
		id, err = g.publish(ctx, o.run, o.wholeComment(), options.Author)
	}
	switch {
	case errors.Is(err, errReadOnly) && o.run.fork:
		say(t, "No comment: the pull request comes from a fork, so the token may only read. The result is in the job summary.")
	case errors.Is(err, errReadOnly):
		say(t, "No comment: the token may not write (permissions: pull-requests: write). The result is in the job summary.")
		say(t, err.Error())
	case err != nil:
		warn(t, "The comment was not written: "+err.Error()+". The result is in the job summary.")
	}
	return id
}

// wholeComment is the comment about contracts, with a line about readiness if that fails.
func (o *outcome) wholeComment() checks.Comment {
	comment := o.comment
	if o.readiness == nil {
		return comment
	}
	line := mark(o.readiness.run, o.readinessAnswer) + " **Readiness:** " + checks.Prose(o.readiness.run.Title) + "."
	if o.readinessAnswer == terminal.No {
		comment.Needed = true
	}
	if comment.Text == "" {
		comment.Text = mark(o.contracts, o.contractsAnswer) + " **Contracts:** " + checks.Prose(o.contracts.Title) + ".\n"
	}
	comment.Text = checks.Paragraphs(comment.Text, line)
	return comment
}
