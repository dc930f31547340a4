package readiness

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"plimsoll/config"
)

// verifiesProduction is VF001.
func verifiesProduction(_ context.Context, c *component) (Result, error) {
	return c.eachProduction(func(name config.Name, environment config.Environment) *Finding {
		if environment.Verify != nil {
			return nil
		}
		return &Finding{
			Position: c.position(environmentWay(name)...),
			Message:  fmt.Sprintf("%s is a production environment, and no `verify` says how deployments are verified", inEnvironment(name)),
			Fix: []Snippet{c.declare("for: 10m\nevery: 30s\nbaseline: 1h\nprobes:\n"+indented(c.healthProbe()+"\n"+versionProbe, 2)+
				"signals:\n"+indented(c.httpSignals(), 2), environmentWay(name, "verify")...)},
		}
	}), nil
}

// verifiesBySignals is VF002.
func verifiesBySignals(_ context.Context, c *component) (Result, error) {
	return c.eachVerification(func(name config.Name, v config.Verify) *Finding {
		if len(v.Signals) > 0 {
			return nil
		}
		return &Finding{
			Position: c.position(environmentWay(name, "verify", "signals")...),
			Message:  fmt.Sprintf("the verification of %s has no signal, so errors or slowness of some requests go unnoticed", inEnvironment(name)),
			Fix:      []Snippet{c.declareItem(c.httpSignals(), environmentWay(name, "verify", "signals")...)},
		}
	}), nil
}

// deployedSHA is the template of the deployed commit in an expectation.
var deployedSHA = regexp.MustCompile(`\{\{\s*deployment\.sha\s*\}\}`)

// expectsCommit tells whether a probe expects the deployed commit in a response.
func expectsCommit(p config.Probe) bool {
	for _, request := range p.Requests() {
		for _, value := range request.Expect.JSON {
			if deployedSHA.MatchString(value.Text) {
				return true
			}
		}
	}
	return false
}

// probesVersion is VF003.
func probesVersion(_ context.Context, c *component) (Result, error) {
	return c.eachVerification(func(name config.Name, v config.Verify) *Finding {
		if slices.ContainsFunc(v.Probes, expectsCommit) {
			return nil
		}
		return &Finding{
			Position: c.position(environmentWay(name, "verify", "probes")...),
			Message:  fmt.Sprintf("no probe of %s expects the deployed commit ({{deployment.sha}}) in a response", inEnvironment(name)),
			Fix:      []Snippet{c.declareItem(versionProbe, environmentWay(name, "verify", "probes")...)},
		}
	}), nil
}

// versionProbe asks which commit answers.
const versionProbe = `- get: /version
  expect: {json: {sha: "{{deployment.sha}}"}}`

// healthProbe asks for the health endpoint, by its usual name where none is declared.
func (c *component) healthProbe() string {
	method, address := "get", "/healthz"
	if c.Health != nil && c.Health.Endpoint != nil {
		declared := endpointOf(c.Health.Endpoint)
		method, address = strings.ToLower(declared.method), declared.path
	}
	return fmt.Sprintf("- %s: %s\n  expect: {status: 200, within: 500ms}", method, address)
}

func (c *component) httpSignals() string {
	return fmt.Sprintf("- preset: http\n  match: {job: %s}", c.Name)
}

// eachProduction evaluates each environment of the production class; without one the
// rule does not apply.
func (c *component) eachProduction(evaluate func(config.Name, config.Environment) *Finding) Result {
	var findings []Finding
	names := production(c.Component)
	if len(names) == 0 {
		return notApplicable()
	}
	for _, name := range names {
		if finding := evaluate(name, c.Environments[name]); finding != nil {
			finding.Subject = inEnvironment(name)
			findings = append(findings, *finding)
		}
	}
	return found(findings...)
}

// eachVerification is eachProduction for those that are verified.
func (c *component) eachVerification(evaluate func(config.Name, config.Verify) *Finding) Result {
	verified := false
	result := c.eachProduction(func(name config.Name, environment config.Environment) *Finding {
		if environment.Verify == nil {
			return nil // VF001 says so
		}
		verified = true
		return evaluate(name, *environment.Verify)
	})
	if !verified {
		return notApplicable()
	}
	return result
}
