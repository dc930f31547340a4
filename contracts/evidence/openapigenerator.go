package evidence

import (
	"path"
	"slices"
	"strings"

	"plimsoll/contracts"
)

// openapitools.json of openapi-generator-cli
// (https://openapi-generator.tech/docs/installation#npm): each generator reads
// one description. Its normalizer's FILTER narrows the operations; without one
// every operation is generated.
var openAPIGeneratorImporter = importer{
	kind:  contracts.EvidenceOpenAPIGenerator,
	path:  func(file string) bool { return path.Base(file) == "openapitools.json" },
	shape: func(root node) bool { return root.get("generator-cli").isMap() },
	read: func(file string, data []byte) ([]imported, error) {
		root, err := parseOne(file, data)
		if err != nil {
			return nil, err
		}
		var all []imported
		for key, generator := range root.get("generator-cli", "generators").fields() {
			if !generator.isMap() || !generatesClient(generator.get("generatorName").text()) {
				continue
			}
			all = append(all, generated(file, key, generator))
		}
		return all, nil
	},
}

func generated(file string, key, generator node) imported {
	kind := contracts.EvidenceOpenAPIGenerator
	spec := generator.first("inputSpec", "input-spec", "glob").text()
	spec = strings.TrimPrefix(strings.ReplaceAll(spec, "#{cwd}/", ""), "./")
	out := imported{spec: spec, usage: contracts.Usage{Via: "openapi-generator", Evidence: key.evidence(kind)}}
	out.addName(specName(spec))
	out.addName(clientName(key.Value))
	if local := shortPath(file, spec); local != "" && !strings.Contains(local, "*") {
		out.stored = local
	}
	filter := generator.first("openapiNormalizer", "openapi-normalizer")
	if inner := filter.get("FILTER"); inner.there() {
		filter = inner
	}
	for _, selector := range filterSelectors(strings.TrimPrefix(filter.text(), "FILTER=")) {
		out.usage.Operations = append(out.usage.Operations, contracts.OperationUse{Selector: selector, Evidence: filter.evidence(kind)})
	}
	return out
}

// filterSelectors reads FILTER: operationId:a|b, method:get|post, path:/a|/b
// (beginnings), joined by ";" where all must hold. The first that can be written as
// selectors is an upper bound of the whole; tags can't.
func filterSelectors(filter string) []string {
	for part := range strings.SplitSeq(filter, ";") {
		key, values, ok := strings.Cut(strings.TrimSpace(part), ":")
		if !ok {
			continue
		}
		var all []string
		for value := range strings.SplitSeq(values, "|") {
			value = strings.TrimSpace(value)
			switch method, isVerb := isMethod(value); {
			case value == "":
			case key == "operationId" && !strings.ContainsAny(value, " \t"):
				all = append(all, value)
			case key == "method" && isVerb:
				all = append(all, method+" /**")
			case key == "path" && strings.HasPrefix(value, "/"):
				all = append(all, "* "+templatePath(value)+"*/**")
			}
		}
		if len(all) > 0 {
			return all
		}
	}
	return nil
}

// generatesClient says whether a generator writes a client: not a server stub,
// a document or a schema (https://openapi-generator.tech/docs/generators).
func generatesClient(name string) bool {
	for _, part := range []string{"server", "spring", "jaxrs", "servant", "html", "markdown", "documentation", "schema", "asciidoc", "plantuml", "openapi"} {
		if strings.Contains(name, part) {
			return false
		}
	}
	return !slices.Contains([]string{
		"", "aspnetcore", "python-flask", "python-fastapi", "python-aiohttp", "python-blueplanet", "php-laravel", "php-lumen", "php-slim4",
		"php-symfony", "php-flight", "php-mezzio-ph", "rust-axum", "ruby-on-rails", "ruby-sinatra", "java-play-framework",
		"java-vertx-web", "java-wiremock", "scalatra", "scala-akka-http-server", "scala-cask", "scala-finch", "kotlin-vertx", "kotlin-wiremock",
		"csharp-functions", "fsharp-functions", "haskell-yesod", "cwiki", "protobuf-schema", "postman-collection", "k6", "jmeter", "wsdl-schema", "apache2",
	}, name)
}
