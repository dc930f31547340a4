package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v60/github"
	"plimsoll/server/simulator"
)

func section(all, from string) string {
	_, rest, _ := strings.Cut(all, "=== "+from+"\n")
	rest, _, _ = strings.Cut(rest, "\n=== ")
	return rest
}

func main() {
	s := simulator.New(simulator.Options{})
	if err := s.Start(); err != nil {
		panic(err)
	}
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(202) }))
	s.SetHook(hook.URL)
	var schema strings.Builder
	schema.WriteString("Order:\n  type: object\n  properties:\n")
	for i := range 60 {
		fmt.Fprintf(&schema, "    field%d: {type: string}\n", i)
	}
	orders := s.NewRepository("acme/orders", simulator.RepositoryOptions{Description: "Takes orders"})
	orders.Commit("main", "Add the contract", map[string]string{"api/openapi.yaml": "openapi: 3.0.3\npaths: {}\n", "api/schemas/order.yaml": schema.String(), ".github/plimsoll.yml": "version: 1\n"})
	web := s.NewRepository("acme/web", simulator.RepositoryOptions{Private: true})
	web.Commit("main", "Begin", map[string]string{".github/plimsoll.yml": "version: 1\n"})
	inst := s.Install("acme")
	changed := strings.Replace(schema.String(), "    field41: {type: string}\n", "", 1)
	changed = strings.Replace(changed, "field20: {type: string}", "field20: {type: integer}", 1)
	orders.Commit("drop-sku", "Drop the SKU\n\nNobody needs it.", map[string]string{"api/schemas/order.yaml": changed, "api/new.yaml": "a: 1\n"})
	p := orders.OpenPullRequest(simulator.PullRequestOptions{Head: "drop-sku", Author: "alice", Body: "Nobody needs `sku`, I think.\n\n- [x] tests\n- [ ] docs"})
	golden, err := os.ReadFile("checks/testdata/two-consumers-break.golden.md")
	if err != nil {
		panic(err)
	}
	g := string(golden)
	tr, _ := ghinstallation.New(http.DefaultTransport, s.AppID(), inst.ID(), s.PrivateKeyPEM())
	tr.BaseURL = strings.TrimSuffix(s.APIURL(), "/")
	c, _ := github.NewClient(&http.Client{Transport: tr}).WithEnterpriseURLs(s.APIURL(), s.APIURL())
	ctx := context.Background()
	str := github.String
	title := strings.Split(g, "\n")[1]
	ann := func(line int, lvl, t, m string) *github.CheckRunAnnotation {
		return &github.CheckRunAnnotation{Path: str("api/schemas/order.yaml"), StartLine: github.Int(line), EndLine: github.Int(line), AnnotationLevel: str(lvl), Title: str(t), Message: str(m)}
	}
	_, _, err = c.Checks.CreateCheckRun(ctx, "acme", "orders", github.CreateCheckRunOptions{Name: "plimsoll/contracts", HeadSHA: p.HeadSHA(), Status: str("completed"), Conclusion: str("failure"), ExternalID: str("pr/1"), DetailsURL: str("https://plimsoll.test/pulls/acme/orders/1"),
		Output: &github.CheckRunOutput{Title: str(title), Summary: str(strings.Split(section(g, "summary"), "=== ")[0]), Text: str(section(g, "text")),
			Annotations: []*github.CheckRunAnnotation{ann(24, "failure", "Breaks checkout-web", "field20 became an integer; checkout-web reads it as a string (checkout/plimsoll.yml:14)"), ann(44, "warning", "May break billing", "field41 is gone\nsecond line"), ann(2, "notice", "Note", "nothing much")}},
		Actions: []*github.CheckRunAction{{Label: "Acknowledge", Description: "d", Identifier: "ack"}}})
	if err != nil {
		panic(err)
	}
	_, _, err = c.Checks.CreateCheckRun(ctx, "acme", "orders", github.CreateCheckRunOptions{Name: "plimsoll/readiness", HeadSHA: p.HeadSHA(), Status: str("completed"), Conclusion: str("success"), Output: &github.CheckRunOutput{Title: str("Ready for production"), Summary: str("All is well")}})
	i := strings.Index(g, "=== comment")
	body := g[i:]
	body = body[strings.Index(body, "\n"):]
	_, _, err = c.Issues.CreateComment(ctx, "acme", "orders", 1, &github.IssueComment{Body: &body})
	if err != nil {
		panic(err)
	}
	id := p.Comment("bob", "/plimsoll ack 9f1c until 2027-01-01 we move next week")
	c.Reactions.CreateIssueCommentReaction(ctx, "acme", "orders", id, "+1")
	d := orders.Deploy("production", "main", simulator.DeployOptions{Production: true})
	d.Status("success", "")
	s.Flush(ctx)
	fmt.Println(s.URL())
	for _, v := range s.Violations() {
		fmt.Println("VIOLATION", v)
	}
	time.Sleep(10 * time.Minute)
}
