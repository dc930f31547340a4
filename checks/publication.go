package checks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

// PublicationKind is what a publication is on GitHub.
type PublicationKind string

// The kinds, in the order in which they are published: the verdict first, comments last.
const (
	// PublishedRedaction takes names out of a check run that is already there.
	PublishedRedaction PublicationKind = "redaction"
	PublishedRun       PublicationKind = "run"
	PublishedStatus    PublicationKind = "status"
	PublishedIssue     PublicationKind = "issue"
	PublishedComment   PublicationKind = "comment"
	// PublishedVerdict is what one pull request or merge group says about its head. It is
	// never sent itself: the check run of the commit carries the most severe verdict.
	PublishedVerdict PublicationKind = "verdict"
	// PublishedPress notes that a button was pressed. It is never sent.
	PublishedPress PublicationKind = "press"
)

// Publication is one thing that should stand on GitHub, and what is known to stand there.
// A subject, a kind and a name make it unique in a repository.
type Publication struct {
	// Subject is what it is about: "commit/SHA", "pull/12", "group/…", "deployment/7",
	// "verification/ID".
	Subject string
	Kind    PublicationKind
	Name    string

	// Head is the commit of a check run or verdict.
	Head string
	// Request names who asked for a new check run even if it says the same. It stays
	// until the head changes.
	Request string
	// Content is what should stand there, as JSON; which type depends on the kind.
	Content json.RawMessage
	// Digest of the content: what has the same digest is not published again.
	Digest string

	// Remote is GitHub's id or number, 0 if nothing is known to stand there.
	Remote int64
	// Published is the digest of what stands there.
	Published string
	// Unsure: a request to make it was sent and its answer is not known. It is looked for
	// before another one is made.
	Unsure bool
	// Memo is what else has to be remembered of what stands there.
	Memo string
}

// settled reports whether GitHub is known to have what is desired.
func (p Publication) settled() bool { return p.Published == p.Digest && !p.Unsure }

// wanted is the digest of a verdict together with the request for a new run.
func (p Publication) wanted() string {
	if p.Request == "" {
		return p.Digest
	}
	return p.Digest + "+" + p.Request
}

// StatusContent is a status on a deployment. It is sent once: the first one counts.
type StatusContent struct {
	Deployment  int64        `json:"deployment"`
	State       deploy.State `json:"state"`
	Description string       `json:"description"`
	Page        string       `json:"page,omitempty"`
}

// IssueContent is an issue, which is closed with a comment when it is over.
type IssueContent struct {
	Title string `json:"title"`
	Body  string `json:"body"`
	// Marker is hidden in the body; the issue has changed since Since.
	Marker string    `json:"marker"`
	Since  time.Time `json:"since"`
	Closed bool      `json:"closed,omitempty"`
	// Closing is the comment that closes it, with a marker of its own.
	Closing       string `json:"closing,omitempty"`
	ClosingMarker string `json:"closing_marker,omitempty"`
}

// CommentContent is a comment on a pull request.
type CommentContent struct {
	Number int `json:"number"`
	Comment
	// Marker is hidden in the comment; by it the comment is found again.
	Marker string `json:"marker"`
	// Whole: Text is the whole comment, with its marker.
	Whole bool `json:"whole,omitempty"`
	// Once: the comment is made once and never changed.
	Once bool `json:"once,omitempty"`
}

// SubjectOfCommit is the subject of the check runs of pull requests and merge groups.
func SubjectOfCommit(sha string) string { return "commit/" + sha }

// SubjectOfPull is the subject of the comments and verdicts of a pull request.
func SubjectOfPull(number int) string { return fmt.Sprintf("pull/%d", number) }

// SubjectOfGroup is the subject of the verdicts of a merge group.
func SubjectOfGroup(group string) string { return "group/" + group }

// SubjectOfDeployment is the subject of the status on a deployment.
func SubjectOfDeployment(id int64) string { return fmt.Sprintf("deployment/%d", id) }

// SubjectOfVerification is the subject of a verification's check run and issue.
func SubjectOfVerification(id string) string { return "verification/" + id }

// RunPublication is a check run that is updated in place.
func RunPublication(subject string, run CheckRun) Publication {
	return published(subject, PublishedRun, run.Name, run.HeadSHA, run)
}

// VerdictPublication is what a pull request or merge group says about its head.
func VerdictPublication(subject string, run CheckRun, request string) Publication {
	p := published(subject, PublishedVerdict, run.Name, run.HeadSHA, run)
	p.Request = request
	return p
}

// PressPublication notes that a button was pressed on the newest check run of a head.
func PressPublication(number int, source, head string) Publication {
	return Publication{Subject: SubjectOfPull(number), Kind: PublishedPress, Name: source, Head: head, Digest: "pressed", Published: "pressed"}
}

// RedactionPublication replaces what a check run says.
func RedactionPublication(checkRun int64, run CheckRun) Publication {
	p := published(SubjectOfCommit(run.HeadSHA), PublishedRedaction, fmt.Sprint(checkRun), run.HeadSHA, run)
	p.Remote = checkRun
	return p
}

// StatusPublication is a status on a deployment.
func StatusPublication(status StatusContent) Publication {
	return published(SubjectOfDeployment(status.Deployment), PublishedStatus, string(status.State), "", status)
}

// IssuePublication is an issue about a verification.
func IssuePublication(subject string, issue IssueContent) Publication {
	return published(subject, PublishedIssue, "issue", "", issue)
}

// CommentPublication is a comment on a pull request. Names tell the comments of a pull
// request apart.
func CommentPublication(name string, comment CommentContent) Publication {
	p := published(SubjectOfPull(comment.Number), PublishedComment, name, "", comment)
	if !comment.Whole {
		p.Digest = comment.hash() // owners are called once, whatever becomes of the list
	}
	return p
}

func published(subject string, kind PublicationKind, name, head string, content any) Publication {
	encoded, err := json.Marshal(content)
	if err != nil {
		panic(fmt.Sprintf("plain data: %v", err))
	}
	sum := sha256.Sum256(encoded)
	return Publication{Subject: subject, Kind: kind, Name: name, Head: head, Content: encoded, Digest: hex.EncodeToString(sum[:16])}
}

// PublicationStore remembers publications.
type PublicationStore interface {
	// Publications returns those of a subject.
	Publications(ctx context.Context, repo contracts.RepositoryRef, subject string) ([]Publication, error)
	// Verdicts returns the verdicts of open pull requests and of merge groups on a commit.
	Verdicts(ctx context.Context, repo contracts.RepositoryRef, head string) ([]Publication, error)
	// PutActual stores what is known to stand on GitHub, and leaves what is desired.
	PutActual(ctx context.Context, repo contracts.RepositoryRef, p Publication) error
}

// CheckName is the name of a check for pull requests into a base branch. GitHub decides a
// required check by the newest run of its name on the commit, so that the bare name
// belongs to protected branches alone; others carry their name.
func CheckName(check, base string, protected bool) string {
	if protected {
		return check
	}
	return check + " (" + base + ")"
}

// CheckOf is the check that a name belongs to: CheckName without the base.
func CheckOf(name string) string {
	check, _, _ := strings.Cut(name, " (")
	return check
}

// CommitOfSubject is the commit that a subject is about; ok is false for another subject.
func CommitOfSubject(subject string) (sha string, ok bool) {
	return strings.CutPrefix(subject, SubjectOfCommit(""))
}
