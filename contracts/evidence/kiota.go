package evidence

import (
	"path"
	"strings"

	"plimsoll/contracts"
)

// Kiota leaves three kinds of files: kiota-lock.json beside a client (one
// description), .kiota/workspace.json (several clients) and
// .kiota/apimanifest.json (an API Manifest, see apimanifest.go). The first two
// hold globs of paths, "**/repos/**#GET,POST"; no include patterns means every
// operation. Exclude patterns are passed over: what is left is an upper bound.
var kiotaLockImporter = importer{
	kind:  contracts.EvidenceKiota,
	path:  func(file string) bool { return path.Base(file) == "kiota-lock.json" },
	shape: func(root node) bool { return root.get("descriptionLocation").isText() },
	read: func(file string, data []byte) ([]imported, error) {
		root, err := parseOne(file, data)
		if err != nil || !root.get("descriptionLocation").isText() {
			return nil, err
		}
		name := root.get("clientClassName")
		if !name.there() {
			name = root.get("descriptionLocation")
		}
		client := kiotaClient(file, root, name, root.get("clientClassName").text())
		return []imported{client}, nil
	},
}

var kiotaWorkspaceImporter = importer{
	kind:  contracts.EvidenceKiota,
	path:  func(file string) bool { return strings.HasSuffix("/"+file, "/.kiota/workspace.json") },
	shape: func(root node) bool { return root.first("clients", "plugins").isMap() && root.get("version").there() },
	read: func(file string, data []byte) ([]imported, error) {
		root, err := parseOne(file, data)
		if err != nil {
			return nil, err
		}
		var all []imported
		for _, section := range []string{"clients", "plugins"} {
			for key, client := range root.get(section).fields() {
				if client.isMap() {
					all = append(all, kiotaClient(file, client, key, key.Value))
				}
			}
		}
		return all, nil
	},
}

// kiotaClient reads one client; at is where it stands, name what it is called.
func kiotaClient(file string, client, at node, name string) imported {
	location := client.get("descriptionLocation").text()
	out := imported{spec: location, usage: contracts.Usage{Via: "kiota", Evidence: at.evidence(contracts.EvidenceKiota)}}
	out.addName(clientName(name))
	out.addName(specName(location))
	if folder, base := path.Split(file); base == "workspace.json" {
		// Where Kiota keeps the description it has generated from.
		out.stored = path.Join(folder, "documents", name)
	}
	for pattern := range client.get("includePatterns").items() {
		for _, selector := range kiotaSelectors(pattern.text()) {
			out.usage.Operations = append(out.usage.Operations, contracts.OperationUse{Selector: selector, Evidence: pattern.evidence(contracts.EvidenceKiota)})
		}
	}
	return out
}

// kiotaSelectors turns a glob with an optional list of methods into selectors.
func kiotaSelectors(pattern string) []string {
	glob, methods, listed := strings.Cut(pattern, "#")
	glob = templatePath("/" + strings.TrimLeft(strings.TrimSpace(glob), "/"))
	if !listed {
		return []string{"* " + glob}
	}
	var all []string
	for method := range strings.SplitSeq(methods, ",") {
		if upper, ok := isMethod(method); ok {
			all = append(all, upper+" "+glob)
		}
	}
	if len(all) == 0 {
		return []string{"* " + glob}
	}
	return all
}

// templatePath takes blanks out of a path template.
func templatePath(template string) string {
	return strings.NewReplacer(" ", "%20", "\t", "%09", "\n", "%0A", "\r", "%0D").Replace(template)
}
