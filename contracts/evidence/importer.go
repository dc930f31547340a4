package evidence

import (
	"errors"
	"net/url"
	"path"
	"strings"
	"unicode"

	"plimsoll/contracts"
)

// imported is what one file says about the use of one API.
type imported struct {
	// names by which the file knows the API, the best first; the first is the
	// API's name where nothing declared says better.
	names []string
	// spec is where the file says that the contract was read from: a path of the
	// repository or an address; may be empty.
	spec string
	// stored is where a copy of the contract lies in the repository: a file, or
	// the folder that it is kept in; may be empty.
	stored string
	// consumer is the component's name as the file gives it; may be empty.
	consumer string
	// provider is set where the file speaks of the provider's side, with the
	// contract's path in spec.
	provider bool
	usage    contracts.Usage
}

func (i *imported) addName(name string) {
	if name != "" {
		i.names = append(i.names, name)
	}
}

// An importer reads one kind of file.
type importer struct {
	kind contracts.EvidenceKind
	// path says whether a file of that name is of this kind, wherever it lies.
	path func(file string) bool
	// shape says whether a document is, for files that are named under `import:`.
	shape func(root node) bool
	// read gives what the file says. The error may be shown to users.
	read func(file string, data []byte) ([]imported, error)
}

// importers, in the order in which a file's name is asked about.
var importers = []importer{
	pactImporter, kiotaLockImporter, kiotaWorkspaceImporter, apiManifestImporter,
	openAPIGeneratorImporter, heyAPIImporter, backstageImporter,
}

// importerOf finds the importer by a file's name.
func importerOf(file string) (importer, bool) {
	for _, i := range importers {
		if i.path(file) {
			return i, true
		}
	}
	return importer{}, false
}

// errNoEvidence says that a file is of no kind that an importer reads.
var errNoEvidence = errors.New("no evidence of the use of an API")

// sniff finds the importer of a file that is named under `import:` or on the
// command line, by its name or else by what stands in it. The error is
// errNoEvidence, or says why the file can't be read.
func sniff(file string, data []byte) (importer, error) {
	if i, ok := importerOf(file); ok {
		return i, nil
	}
	root, err := parseOne(file, data)
	if err != nil {
		return importer{}, err
	}
	for _, i := range importers {
		if i.shape != nil && i.shape(root) {
			return i, nil
		}
	}
	return importer{}, errNoEvidence
}

// generic are last parts of a contract's address that say nothing of the API.
var generic = map[string]bool{
	"openapi": true, "swagger": true, "api": true, "apis": true, "spec": true, "specs": true, "api-docs": true, "docs": true,
	"v1": true, "v2": true, "v3": true, "latest": true, "main": true, "master": true, "json": true, "yaml": true, "yml": true,
	"raw": true, "blob": true, "contract": true, "contracts": true, "schema": true, "index": true, "": true,
	"description": true, "definition": true, "head": true, "refs": true, "heads": true, "src": true, "public": true,
}

// specName gives the API's name from the tail of a contract's address: the last
// part, without its extension, that says something; "" where none does.
func specName(spec string) string {
	if u, err := url.Parse(spec); err == nil && u.Host != "" {
		spec = u.Path
	}
	parts := strings.Split(strings.Trim(path.Clean(strings.ReplaceAll(spec, `\`, "/")), "/"), "/")
	for i := len(parts) - 1; i >= 0; i-- {
		part := parts[i]
		for _, extension := range []string{".json", ".yaml", ".yml", ".openapi", ".swagger"} {
			part = strings.TrimSuffix(part, extension)
		}
		if name := apiName(part); name != "" && !generic[name] && strings.Trim(name, ".0123456789v-") != "" {
			return name
		}
	}
	return ""
}

// clientName gives the API's name from a generated client's: OrdersClient and
// OrdersApiClient are clients of orders.
func clientName(name string) string {
	kebab := apiName(name)
	for _, suffix := range []string{"-client", "-sdk", "-api"} {
		if stem := strings.TrimSuffix(kebab, suffix); stem != "" && stem != kebab {
			kebab = stem
		}
	}
	return kebab
}

// apiName turns any name into one that an API can have: small letters, words
// joined by dashes ("Orders API" and "OrdersApi" become orders-api).
func apiName(name string) string {
	var out strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != '_':
			r = '-'
		case unicode.IsUpper(r):
			if i > 0 && (unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1])) ||
				i > 0 && i+1 < len(runes) && unicode.IsUpper(runes[i-1]) && unicode.IsLower(runes[i+1]) {
				out.WriteByte('-')
			}
			r = unicode.ToLower(r)
		}
		if r == '-' && strings.HasSuffix(out.String(), "-") {
			continue
		}
		out.WriteRune(r)
		if out.Len() > 100 {
			break
		}
	}
	return strings.Trim(out.String(), "-._")
}

// sameAPI says whether a name found in a file means an API that is declared as
// short or full name: the same letters, or the same but for a word such as
// service or api at the end.
func sameAPI(declared, found string) bool {
	short := declared[strings.LastIndexByte(declared, '/')+1:]
	a, b := bareName(short), bareName(found)
	if a != "" && a == b {
		return true
	}
	// acme/payments-service/v1 is also known as payments-service.
	if parts := strings.Split(declared, "/"); len(parts) == 3 {
		return b != "" && bareName(parts[1]) == b
	}
	return false
}

func bareName(name string) string {
	kebab := apiName(name)
	for _, suffix := range []string{"-client", "-api", "-service", "-provider", "-svc"} {
		if stem := strings.TrimSuffix(kebab, suffix); stem != "" {
			kebab = stem
		}
	}
	return strings.NewReplacer("-", "", "_", "", ".", "").Replace(kebab)
}

// shortPath gives a path as the repository's files are named, or "" for an
// address or a path that leads out of it.
func shortPath(from, spec string) string {
	if spec == "" || strings.Contains(spec, "://") || strings.HasPrefix(spec, "/") || strings.Contains(spec, `:\`) {
		return ""
	}
	joined := path.Join(path.Dir(from), strings.ReplaceAll(spec, `\`, "/"))
	if joined == ".." || strings.HasPrefix(joined, "../") {
		return ""
	}
	return joined
}
