package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"plimsoll/contracts"
)

// LoginPath is where a person logs in; "?next=" names the page to show afterwards.
// LogoutPath ends that, and EndedPath says that it has ended by itself, with the same "?next=".
const (
	LoginPath  = "/login"
	EndedPath  = "/login/ended"
	LogoutPath = "/logout"
)

// DeploymentsPath is the list of deployments. Below it are the pages of evidence, which need
// no login, so that a server has to route it by itself.
const DeploymentsPath = "/deployments"

// ErrNobody means that the request is from nobody who has logged in.
var ErrNobody = errors.New("nobody has logged in")

// ErrEnded means that the login of who sends a request does not count any more. It is an
// [ErrNobody].
var ErrEnded = fmt.Errorf("%w: the session has ended", ErrNobody)

// Visitor is the person who looks at a page.
type Visitor interface {
	// Login is the person's GitHub login.
	Login() string
	// Operator reports whether the person may see and use the pages for operators.
	Operator() bool
	// Repositories returns the ids of the repositories of installed accounts that GitHub lets
	// the person read, public ones too.
	Repositories(ctx context.Context) (map[int64]bool, error)
	// MayWrite reports whether the person may push to a repository, by an answer of GitHub that
	// is at most 5 minutes old.
	MayWrite(ctx context.Context, repo contracts.RepositoryRef) (bool, error)
	// CSRF is the token that forms carry in the field "csrf".
	CSRF() string
}

// Visitors finds out who sends a request.
type Visitors interface {
	// Visitor returns the person. An error that is ErrNobody sends to the login page, one that
	// is ErrEnded to the page that says so.
	Visitor(r *http.Request) (Visitor, error)
	// CheckCSRF returns an error unless the request was sent by a form of ours.
	CheckCSRF(r *http.Request) error
}
