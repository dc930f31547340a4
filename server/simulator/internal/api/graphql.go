package api

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"plimsoll/server/simulator/internal/description"
	"plimsoll/server/simulator/internal/model"
	"plimsoll/server/simulator/internal/payload"
)

// GraphQLPath is where the GraphQL API is, beside the REST API.
var GraphQLPath = strings.TrimSuffix(description.APIPath, "/v3") + "/graphql"

// fingerprint is the one fragment that the simulator answers. TestQueryFitsGitHubsSchema in
// server/github compares it with GitHub's GraphQL schema.
const fingerprint = `fragment fingerprint on Repository {
  databaseId
  pullRequests(states: OPEN, first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) { totalCount nodes { number updatedAt headRefOid } }
  deployments(first: 10, orderBy: {field: CREATED_AT, direction: DESC}) { totalCount nodes { id updatedAt latestStatus { createdAt state } } }
  releases(first: 5, orderBy: {field: CREATED_AT, direction: DESC}) { totalCount nodes { id updatedAt isDraft isPrerelease } }
}`

var (
	graphqlQuery = regexp.MustCompile(`^query \{\n((?:  r\d+: repository\(owner: "[^"]+", name: "[^"]+", followRenames: false\) \{ \.\.\.fingerprint \}\n)+)\}\n`)
	graphqlAsked = regexp.MustCompile(`(r\d+): repository\(owner: "([^"]+)", name: "([^"]+)"`)
)

// mostAsked is how many repositories one query may ask for: ours, not GitHub's, whose bound
// is 500,000 nodes.
const mostAsked = 100

// ServeGraphQL answers a query. Its requests have a limit of their own at GitHub.
// https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
func (s *Server) ServeGraphQL(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, "request too large", http.StatusRequestEntityTooLarge)
		return
	}
	c := &call{Server: s, request: r, body: body}
	exchange := Exchange{Method: r.Method, Path: GraphQLPath, At: s.options.Clock(), Operation: "graphql", Route: "/graphql"}
	asked := struct{ Query string }{}
	if err := json.Unmarshal(body, &asked); err != nil {
		s.finish(w, c, exchange, malformed("Problems parsing JSON"))
		return
	}
	fault := s.faultFor(exchange.Operation, r)
	if fault != nil {
		exchange.Fault = true
		s.fail(w, c, exchange, fault)
		return
	}
	s.finish(w, c, exchange, s.graphql(c, &exchange, asked.Query))
}

func (s *Server) graphql(c *call, exchange *Exchange, query string) reply {
	s.github.Lock()
	defer s.github.Unlock()
	who, err := s.authenticate(c.request.Header.Get("Authorization"))
	if err != nil || who.token == nil {
		return refuse(http.StatusUnauthorized, "Bad credentials")
	}
	c.who, exchange.InstallationID = who, who.token.Installation.ID
	known := graphqlQuery.FindString(query)
	if known == "" || query[len(known):] != fingerprint {
		s.Violate("graphql: the simulator does not know the query:\n%s", query)
		return answer(http.StatusOK, payload.Object{"errors": []payload.Object{{"message": "not known"}}})
	}
	for _, need := range []string{"metadata:read", "contents:read", "pull_requests:read", "deployments:read"} {
		if !who.token.May([]string{need}) {
			s.Violate("graphql: needs permission %s, the token has not", need)
		}
	}
	asked := graphqlAsked.FindAllStringSubmatch(known, -1)
	if len(asked) > mostAsked {
		s.Violate("graphql: %d repositories in one query", len(asked))
	}
	data, errors := payload.Object{}, []payload.Object{}
	for _, one := range asked {
		repo := s.github.Repository(one[2] + "/" + one[3])
		if repo == nil || !who.token.Sees(repo) && repo.Private {
			data[one[1]] = nil
			errors = append(errors, payload.Object{"type": "NOT_FOUND", "path": []string{one[1]},
				"message": fmt.Sprintf("Could not resolve to a Repository with the name '%s/%s'.", one[2], one[3])})
			continue
		}
		data[one[1]] = fingerprintOf(repo)
	}
	result := payload.Object{"data": data}
	if len(errors) > 0 {
		result["errors"] = errors
	}
	return answer(http.StatusOK, result)
}

// connection is a page of a list.
func connection[T any](all []T, first int, newest func(a, b T) int, node func(T) payload.Object) payload.Object {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, newest)
	return payload.Object{"totalCount": len(all), "nodes": payload.List(sorted[:min(first, len(sorted))], node)}
}

func fingerprintOf(repo *model.Repository) payload.Object {
	open := slices.DeleteFunc(slices.Clone(repo.Pulls), func(p *model.PullRequest) bool { return p.State != "open" })
	return payload.Object{
		"databaseId": repo.ID,
		"pullRequests": connection(open, 1, func(a, b *model.PullRequest) int { return b.Updated.Compare(a.Updated) }, func(p *model.PullRequest) payload.Object {
			return payload.Object{"number": p.Number, "updatedAt": payload.Stamp(p.Updated), "headRefOid": p.Head.String()}
		}),
		"deployments": connection(repo.Deployments, 10, func(a, b *model.Deployment) int { return b.Created.Compare(a.Created) }, func(d *model.Deployment) payload.Object {
			latest := payload.Object(nil)
			if n := len(d.Statuses); n > 0 {
				latest = payload.Object{"createdAt": payload.Stamp(d.Statuses[n-1].Created), "state": strings.ToUpper(d.Statuses[n-1].State)}
			}
			return payload.Object{"id": fmt.Sprintf("DE_%d", d.ID), "updatedAt": payload.Stamp(d.Updated), "latestStatus": latest}
		}),
		"releases": connection(repo.Releases, 5, func(a, b *model.Release) int { return b.Created.Compare(a.Created) }, func(r *model.Release) payload.Object {
			return payload.Object{"id": fmt.Sprintf("RE_%d", r.ID), "updatedAt": payload.Stamp(r.Created), "isDraft": r.Draft, "isPrerelease": r.Prerelease}
		}),
	}
}
