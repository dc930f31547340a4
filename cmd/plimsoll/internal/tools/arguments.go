package tools

// The arguments of tools. Each gives a command line. A value is joined to its flag with "=",
// and arguments follow "--", so that no value can be taken for a flag.

type check struct {
	Base      string   `json:"base" jsonschema:"the old contract: a file inside the working directory, or REV:PATH in its git repository, such as main:openapi.yaml"`
	Head      string   `json:"head" jsonschema:"the new contract: a file or REV:PATH"`
	Consumers []string `json:"consumers,omitempty" jsonschema:"files or folders inside the working directory that declare who uses the API, such as plimsoll.yml or Pact files"`
	API       string   `json:"api,omitempty" jsonschema:"name of the API, if the declarations name more than one"`
}

func (in check) args() []string {
	args := []string{"check", "--format=json", "--within=.", "--base=" + in.Base, "--head=" + in.Head}
	for _, each := range in.Consumers {
		args = append(args, "--consumers="+each)
	}
	return append(args, given("api", in.API)...)
}

type canIDeploy struct {
	Environment string `json:"environment" jsonschema:"environment to deploy to, such as production"`
	Repository  string `json:"repository,omitempty" jsonschema:"owner/repo (default: the remote origin of the working directory)"`
	Component   string `json:"component,omitempty" jsonschema:"only this component (default: all)"`
	Commit      string `json:"commit,omitempty" jsonschema:"commit or revision (default: HEAD of the working directory)"`
}

func (in canIDeploy) args() []string {
	args := []string{"can-i-deploy", "--format=json", "--environment=" + in.Environment}
	args = append(args, given("repository", in.Repository)...)
	args = append(args, given("component", in.Component)...)
	return append(args, given("commit", in.Commit)...)
}

type canRemove struct {
	API         string `json:"api" jsonschema:"full name of the API: owner/repo/api"`
	Operation   string `json:"operation" jsonschema:"the operation: GET /orders/{id}, an operationId, or a glob"`
	Field       string `json:"field,omitempty" jsonschema:"a field of the response, such as items[].sku (default: the whole operation)"`
	Sends       bool   `json:"sends,omitempty" jsonschema:"the field is part of the request"`
	Environment string `json:"environment,omitempty" jsonschema:"count only consumers that run in this environment"`
}

func (in canRemove) args() []string {
	args := append([]string{"can-remove", "--format=json", "--api=" + in.API}, given("environment", in.Environment)...)
	if in.Sends {
		args = append(args, "--sends")
	}
	args = append(args, "--", in.Operation)
	if in.Field != "" {
		args = append(args, in.Field)
	}
	return args
}

type whoUses struct {
	API string `json:"api" jsonschema:"full name of the API: owner/repo/api"`
}

func (in whoUses) args() []string { return []string{"who-uses", "--format=json", "--", in.API} }

type status struct {
	Repository  string `json:"repository,omitempty" jsonschema:"owner/repo (default: the remote origin of the working directory)"`
	Component   string `json:"component,omitempty" jsonschema:"only this component (default: all)"`
	Environment string `json:"environment,omitempty" jsonschema:"only this environment (default: all)"`
}

func (in status) args() []string {
	args := append([]string{"running", "--format=json"}, given("repository", in.Repository)...)
	args = append(args, given("component", in.Component)...)
	return append(args, given("environment", in.Environment)...)
}

// given is a flag with its value; nothing without one.
func given(name, value string) []string {
	if value == "" {
		return nil
	}
	return []string{"--" + name + "=" + value}
}
