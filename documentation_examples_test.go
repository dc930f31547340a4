package plimsoll_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"plimsoll/config"
)

// yamlBlock is a block of YAML in a page; it may be indented in a list.
var yamlBlock = regexp.MustCompile("(?ms)^( *)```yaml\n(.*?)^ *```$")

// topLevel is the first key of a document.
var topLevel = regexp.MustCompile(`(?m)^([a-z_A-Z]+):`)

// TestExamplesInDocumentation checks that the repository files and operator's files in the
// pages are valid: people copy them.
func TestExamplesInDocumentation(t *testing.T) {
	checked := map[string]int{}
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, entry fs.DirEntry, err error) error {
		switch base := path.Base(name); {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(base, ".") || base == "testdata" || base == "bin"):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".md":
			return nil
		}
		page, err := os.ReadFile(name)
		for _, match := range yamlBlock.FindAllStringSubmatchIndex(string(page), -1) {
			indent, example := string(page[match[2]:match[3]]), string(page[match[4]:match[5]])
			if indent != "" {
				example = strings.TrimPrefix(strings.ReplaceAll("\n"+example, "\n"+indent, "\n"), "\n")
			}
			line := 1 + strings.Count(string(page[:match[0]]), "\n")
			checked[checkExample(t, name, line, example)]++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked["repository"] < 6 || checked["operator"] < 1 {
		t.Errorf("checked %v, expected more: are the examples found?", checked)
	}
}

func checkExample(t *testing.T, page string, line int, example string) (kind string) {
	t.Helper()
	first := topLevel.FindStringSubmatch(example)
	if first == nil {
		t.Errorf("%s:%d: begins with no key: give a whole file, so that it can be copied and checked", page, line)
		return "other"
	}
	var err error
	switch first[1] {
	case "version":
		kind = "repository"
		_, err = config.ParseRepository("plimsoll.yml", []byte(example))
	case "listen", "public_url", "github", "database", "accounts", "datasources", "probes", "organisations", "operators", "notifications":
		kind = "operator"
		err = loadExample(t, example)
	case "name", "on", "jobs", "apiVersion", "services", "image": // of other tools
		return "other"
	default:
		t.Errorf("%s:%d: begins with %q: which kind of file is it?", page, line, first[1])
	}
	if err != nil {
		t.Errorf("%s:%d: %v", page, line, err)
	}
	return kind
}

// loadExample reads an operator's file that may leave out credentials.
func loadExample(t *testing.T, example string) error {
	t.Helper()
	dir := t.TempDir()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"server.yml": example,
		"app.pem":    string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})),
		"token":      "token\n", "shop-password": "a-password-of-a-shop\n", "notify-key": "0123456789abcdef0123456789abcdef\n", "slack-url": "https://hooks.slack.com/services/T0/B0/x\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	credentials := map[string]string{"PLIMSOLL_WEBHOOK_SECRET": "0123456789abcdef", "PLIMSOLL_LINK_SECRET": "0123456789abcdef0123456789abcdef"}
	if !strings.Contains(example, "integration_id") {
		credentials["PLIMSOLL_GITHUB_APP_INTEGRATION_ID"] = "1"
		credentials["PLIMSOLL_GITHUB_APP_PRIVATE_KEY_FILE"] = filepath.Join(dir, "app.pem")
		credentials["PLIMSOLL_GITHUB_APP_WEBHOOK_SECRETS"] = "0123456789abcdef"
	}
	_, err = config.LoadServer(filepath.Join(dir, "server.yml"), func(name string) string { return credentials[name] })
	return err
}
