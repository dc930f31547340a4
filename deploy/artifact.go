package deploy

import (
	"encoding/json"
	"regexp"
	"sync"
)

// artifactKeys name an artifact in a deployment's payload. A digest stands alone or
// behind the name of an image: "sha256:…", "registry/orders@sha256:…".
var artifactKeys = []string{"artifact_digest", "digest", "image"}

// artifactDigest is the only form that counts: anything else is a name, and names move.
var artifactDigest = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:[^\s@]{1,512}@)?(sha256:[0-9a-f]{64})$`) })

// ArtifactOf returns the digest of the artifact that a deployment brings of a component.
// What the payload says of the component by name counts first, then what it says of the
// whole deployment, then what one nested object says. It is empty if the payload names no
// digest, or several that disagree.
func ArtifactOf(raw json.RawMessage, component string) string {
	fields := object(raw)
	if digest, any := digestIn(object(fields[component])); any {
		return digest
	}
	if digest, any := digestIn(fields); any {
		return digest
	}
	found, several := "", false
	for _, below := range fields {
		digest, any := digestIn(object(below))
		several = several || any && (digest == "" || found != "" && digest != found)
		if digest != "" {
			found = digest
		}
	}
	if several {
		return ""
	}
	return found
}

// digestIn reads the digest of an object's own keys. any reports whether there is one; it
// is empty if the keys disagree.
func digestIn(fields map[string]json.RawMessage) (digest string, any bool) {
	for _, key := range artifactKeys {
		match := artifactDigest().FindStringSubmatch(text(fields[key]))
		if match == nil {
			continue
		}
		if any && match[1] != digest {
			return "", true
		}
		digest, any = match[1], true
	}
	return digest, any
}
