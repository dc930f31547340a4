package evidence

import (
	"path"
	"strings"

	"plimsoll/contracts"
)

// Backstage's catalog-info.yaml
// (https://backstage.io/docs/features/software-catalog/descriptor-format):
// components with owner, providesApis and consumesApis, and APIs with a
// definition. It names no operations: what it says is a catalogue's word.
var backstageImporter = importer{
	kind: contracts.EvidenceBackstage,
	path: func(file string) bool {
		base := path.Base(file)
		return base == "catalog-info.yaml" || base == "catalog-info.yml"
	},
	read: readBackstage,
}

func readBackstage(file string, data []byte) ([]imported, error) {
	documents, err := parse(file, data)
	if err != nil {
		return nil, err
	}
	var all []imported
	kind := contracts.EvidenceBackstage
	definitions := map[string]string{}
	for _, d := range documents {
		if isBackstage(d, "API") && (d.get("spec", "type").text() == "openapi" || !d.get("spec", "type").there()) {
			definition := d.get("spec", "definition")
			definitions[strings.ToLower(d.get("metadata", "name").text())] = shortPath(file, definition.first("$text", "$openapi", "$json", "$yaml").text())
		}
	}
	for _, d := range documents {
		if !isBackstage(d, "Component") {
			continue
		}
		component := d.get("metadata", "name").text()
		for api := range d.get("spec", "consumesApis").items() {
			if name := entityName(api.text()); name != "" {
				all = append(all, imported{names: []string{name}, consumer: component, usage: contracts.Usage{Catalogue: true, Evidence: api.evidence(kind)}})
			}
		}
		for api := range d.get("spec", "providesApis").items() {
			if name := entityName(api.text()); name != "" {
				all = append(all, imported{names: []string{name}, consumer: component, provider: true, spec: definitions[strings.ToLower(name)], usage: contracts.Usage{Evidence: api.evidence(kind)}})
			}
		}
	}
	return all, nil
}

func isBackstage(d node, kind string) bool {
	return d.get("kind").text() == kind && strings.HasPrefix(d.get("apiVersion").text(), "backstage.io/")
}

// entityName takes the name of an entity reference, [kind:][namespace/]name.
func entityName(reference string) string {
	if i := strings.LastIndexAny(reference, ":/"); i >= 0 {
		reference = reference[i+1:]
	}
	return strings.TrimSpace(reference)
}
