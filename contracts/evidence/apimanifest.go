package evidence

import (
	"path"
	"strings"

	"plimsoll/contracts"
)

// API Manifest (https://datatracker.ietf.org/doc/draft-miller-api-manifest/):
// apiDependencies.NAME.requests list exactly the operations that an application
// uses. Kiota writes one as .kiota/apimanifest.json.
var apiManifestImporter = importer{
	kind: contracts.EvidenceAPIManifest,
	path: func(file string) bool {
		base := path.Base(file)
		return base == "apimanifest.json" || base == "api-manifest.json" || strings.HasSuffix(base, ".apimanifest.json")
	},
	shape: func(root node) bool { return root.get("apiDependencies").isMap() },
	read: func(file string, data []byte) ([]imported, error) {
		root, err := parseOne(file, data)
		if err != nil {
			return nil, err
		}
		var all []imported
		for key, dependency := range root.get("apiDependencies").fields() {
			if dependency.isMap() {
				all = append(all, manifestDependency(file, key, dependency))
			}
		}
		return all, nil
	},
}

func manifestDependency(file string, key, dependency node) imported {
	location := dependency.get("apiDescriptionUrl").text()
	kind, folder := contracts.EvidenceAPIManifest, path.Dir(file)
	out := imported{spec: location, usage: contracts.Usage{Evidence: key.evidence(kind)}}
	out.addName(clientName(key.Value))
	out.addName(specName(location))
	if path.Base(folder) == ".kiota" {
		out.stored = path.Join(folder, "documents", key.Value)
		out.usage.Via = "kiota"
	}
	for request := range dependency.get("requests").items() {
		method, ok := isMethod(request.get("method").text())
		template := request.get("uriTemplate")
		if !template.isText() || request.get("exclude").text() == "true" {
			continue
		}
		if !ok {
			method = "*"
		}
		out.usage.Operations = append(out.usage.Operations, contracts.OperationUse{
			Selector: method + " " + manifestPath(template.text()), Evidence: template.evidence(kind)})
	}
	return out
}

// manifestPath takes the path of an RFC 6570 template: Kiota's begin with
// {+baseurl} and end in {?query*}.
func manifestPath(template string) string {
	template = strings.TrimPrefix(template, "{+baseurl}")
	if i := strings.Index(template, "{?"); i >= 0 {
		template = template[:i]
	}
	template, _, _ = strings.Cut(template, "?")
	return templatePath("/" + strings.TrimLeft(template, "/"))
}
