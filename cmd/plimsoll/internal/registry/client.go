// Package registry asks the server's registry and shows its answers.
package registry

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server/version"
)

// Client asks the server's registry.
type Client struct {
	server *url.URL
	token  string
	http   http.Client
	// release of this program.
	release string
	// warnings takes what does not stop a command.
	warnings io.Writer
}

// Bounds of one question.
const (
	askWithin  = time.Minute
	mostAnswer = 64 << 20
)

// ServerFlag adds --server.
func ServerFlag(cmd *cobra.Command) *string {
	return cmd.Flags().String("server", "", "URL of the Plimsoll server (default: $PLIMSOLL_SERVER)")
}

// New finds the server to ask and the token to ask with. The token is taken from the
// environment alone: arguments can be seen by everybody on the machine.
func New(t *terminal.Terminal, server string) (*Client, error) {
	address := cmp.Or(server, t.Env("PLIMSOLL_SERVER"))
	if address == "" {
		return nil, errors.New("--server is required: give the server's URL, or set PLIMSOLL_SERVER")
	}
	at, err := url.Parse(address)
	if err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != "http" || at.User != nil {
		return nil, errors.New("--server: expected a URL such as https://plimsoll.example.com")
	}
	if at.Scheme == "http" && !loopback(at.Hostname()) {
		return nil, errors.New("--server: use https, because the request carries your token (http is allowed only for this machine)")
	}
	token := strings.TrimSpace(cmp.Or(t.Env("PLIMSOLL_TOKEN"), t.Env("GITHUB_TOKEN")))
	if token == "" {
		return nil, errors.New("set PLIMSOLL_TOKEN or GITHUB_TOKEN to a GitHub token with read access to the repository")
	}
	return &Client{server: at, token: token, release: version.Current().Release, warnings: t.Stderr, http: http.Client{
		Timeout:       askWithin,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the token goes nowhere else
	}}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Answer is what both questions have in common.
type Answer struct {
	Answer  string   `json:"answer"`
	Reasons []Reason `json:"reasons"`
}

type Reason struct {
	Code   string `json:"code"`
	Answer string `json:"answer"`
	Text   string `json:"text"`
}

// Ask puts one question; raw is the server's JSON.
func (c *Client) Ask(ctx context.Context, path string, query url.Values) (given Answer, raw []byte, err error) {
	if raw, err = c.Get(ctx, path, query); err != nil {
		return given, nil, err
	}
	if err := json.Unmarshal(raw, &given); err != nil || given.Answer == "" {
		return given, nil, c.unexpected()
	}
	return given, raw, nil
}

func (c *Client) unexpected() error {
	return fmt.Errorf("%s is not a Plimsoll server: it gave an unexpected answer", c.server.Redacted())
}

// Get gives the server's JSON.
func (c *Client) Get(ctx context.Context, path string, query url.Values) ([]byte, error) {
	at := c.server.JoinPath("api", "v1", path)
	at.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "plimsoll/"+c.release)
	res, err := c.http.Do(req)
	if err != nil {
		if fault, ok := errors.AsType[*url.Error](err); ok {
			err = fault.Err // without the address, which is long
		}
		return nil, fmt.Errorf("no answer from %s: %w", c.server.Redacted(), err)
	}
	defer func() { _ = res.Body.Close() }()
	c.compareVersions(res.Header.Get(version.Header))
	raw, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	if err != nil {
		return nil, fmt.Errorf("the answer from %s ended early: %w", c.server.Redacted(), err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, c.refused(res, raw)
	}
	if !json.Valid(raw) {
		return nil, c.unexpected()
	}
	return raw, nil
}

// compareVersions warns about a server of another major version: its questions and answers may
// have changed.
func (c *Client) compareVersions(server string) {
	if version.Differs(c.release, server) {
		fmt.Fprintf(c.warnings, "plimsoll: the server is %s, and this program is %s: use a program with the server's major version\n", terminal.Shown(server), c.release)
	}
}

// refused words a refusal of the server.
func (c *Client) refused(res *http.Response, raw []byte) error {
	var answer struct{ Error, Hint string }
	if json.Unmarshal(raw, &answer) != nil || answer.Error == "" {
		return fmt.Errorf("%s is not a Plimsoll server, or a proxy in front of it answered: %s", c.server.Redacted(), res.Status)
	}
	text := terminal.Shown(answer.Error)
	if answer.Hint != "" {
		text += " (" + terminal.Shown(answer.Hint) + ")"
	}
	if after := res.Header.Get("Retry-After"); after != "" {
		text += "; try again in " + terminal.Shown(after) + " s"
	}
	return errors.New(text)
}

// mostFine is how many reasons for yes are listed one by one.
const mostFine = 5

// Write prints an answer and gives the exit status as an error.
func (given Answer) Write(t *terminal.Terminal, format, question string, raw []byte) error {
	if format == "json" {
		if err := WriteRaw(t, raw); err != nil {
			return err
		}
	} else if _, err := fmt.Fprint(t.Stdout, given.text(t, question)); err != nil {
		return err
	}
	switch given.Answer {
	case "yes":
		return nil
	case "no":
		return terminal.No
	}
	return terminal.Unknown
}

// WriteRaw writes the server's JSON, indented.
func WriteRaw(t *terminal.Terminal, raw []byte) error {
	var out bytes.Buffer
	if err := json.Indent(&out, bytes.TrimSpace(raw), "", "  "); err != nil {
		return err
	}
	_, err := fmt.Fprintln(t.Stdout, out.String())
	return err
}

var answerStyles = map[string]struct{ word, mark, color string }{
	"yes": {"yes", "✓", "32"}, "no": {"no", "✗", "31"}, "unknown": {"can't tell", "?", "33"},
}

func (given Answer) text(t *terminal.Terminal, question string) string {
	style := answerStyles[given.Answer]
	if style.word == "" {
		style.word, style.mark = "can't tell", "?"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", t.Paint("1;"+cmp.Or(style.color, "33"), style.word), question)
	fine := 0
	for _, reason := range given.Reasons {
		if reason.Answer == "yes" {
			if fine++; fine > mostFine {
				continue
			}
		}
		style := answerStyles[reason.Answer]
		fmt.Fprintf(&b, "  %s %s\n", t.Paint(style.color, cmp.Or(style.mark, "?")), terminal.Shown(cmp.Or(reason.Text, reason.Code)))
	}
	if fine > mostFine {
		fmt.Fprintf(&b, "  %s and %d more like these\n", t.Paint("32", "✓"), fine-mostFine)
	}
	return b.String()
}
