package checks

import "strings"

// mostMentions is how many owners one comment calls.
const mostMentions = 20

// Comment is what the one comment of a pull request should say. The zero Comment
// leaves whatever is there as it is.
type Comment struct {
	// Text in Markdown: the answer in the first line, no mention, no marker.
	Text string
	// Owners are those to call, as GitHub notifies them ("@acme/checkout").
	Owners []string
	// Needed: where no comment is there yet, one is made. Otherwise Text only
	// closes one that is there.
	Needed bool
}

// Body is what is sent: the text, a line that calls owners, and the marker.
func (c Comment) Body(call []string) string {
	return c.Marked(CommentMarker, "The check run `"+ContractsRun+"` has more.", call)
}

// Marked is Body with another marker; rest says where what does not fit can be read.
func (c Comment) Marked(marker, rest string, call []string) string {
	end := "\n" + marker + "\n"
	if len(call) > 0 {
		end = "\ncc " + strings.Join(call[:min(len(call), mostMentions)], " ") + "\n" + end
	}
	return Fit(c.Text, Limit{Max: MaxComment - len(end), rest: rest}) + end
}
