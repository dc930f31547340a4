package config

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// serverBounds are those of the operator's file.
var serverBounds = Bounds{Bytes: 1 << 20, Depth: 32, AliasNodes: 10_000, Documents: 1}

// LoadServer reads the operator's file, which may be "" for none, and the
// environment, and fills in the defaults. The error is [Errors] where a value
// is at fault: it names the key and what to do, and never shows a secret.
func LoadServer(path string, env func(string) string) (*Server, error) {
	root := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	if path != "" {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read the operator's file: %w", err)
		}
		documents, err := ParseTree(path, data, serverBounds)
		if err != nil {
			return nil, withoutText(err)
		}
		if len(documents) > 0 {
			root = documents[0]
		}
	}
	l := &serverLoader{env: env, folder: filepath.Dir(path)}
	l.decoder = decoder{file: cmp.Or(path, "the environment"), places: map[string]Position{}, known: knownKeys(reflect.TypeFor[Server]()), origins: map[*yaml.Node]string{}}
	l.decoder.resolve = l.resolve
	if root.Kind == yaml.MappingNode {
		l.overlay(root, reflect.TypeFor[Server](), "", "PLIMSOLL")
	}
	server := DefaultServer()
	l.value(root, reflect.ValueOf(server).Elem(), "")
	l.finish(server)
	if err := l.errs.result(); err != nil {
		return nil, err
	}
	return server, nil
}

// withoutText takes hints that quote the file out of errors: it holds secrets.
func withoutText(err error) error {
	if errs, ok := errors.AsType[Errors](err); ok {
		for _, e := range errs {
			if strings.Contains(e.Hint, `"`) {
				e.Hint = "put the value into quotes"
			}
		}
	}
	return err
}

// serverLoader lays the environment and files of secrets over the operator's
// file, and decodes the whole.
type serverLoader struct {
	decoder
	env    func(string) string
	folder string
}

// overlay puts what the environment says about a mapping of type t into it, and
// the content of files that KEY_file names in the place of KEY.
func (l *serverLoader) overlay(n *yaml.Node, t reflect.Type, path, prefix string) {
	for key, f := range fieldsOf(t) {
		variable := prefix + "_" + strings.ToUpper(key)
		below := join(path, key)
		switch kind := f.Type.Kind(); {
		case isLeaf(f.Type) || kind == reflect.Slice && isLeaf(f.Type.Elem()):
			if value := l.env(variable); value != "" {
				if isHidden(f.Type) {
					l.remove(n, key+"_file") // the environment beats the file, however it is said there
				}
				l.set(n, key, l.fromEnv(variable, value, f.Type))
			}
			if isHidden(f.Type) {
				l.fromFile(n, key, f.Type, below, variable)
			}
		case kind == reflect.Struct:
			child := l.child(n, key, yaml.MappingNode)
			if child.Kind == yaml.MappingNode {
				l.overlay(child, f.Type, below, variable)
			}
			if len(child.Content) == 0 && child.Line == 0 {
				l.remove(n, key)
			}
		case kind == reflect.Slice:
			l.list(n, key, f.Type.Elem(), below, variable)
		}
	}
}

// list lays VARIABLE_0_KEY, VARIABLE_1_KEY, … over a list of mappings.
func (l *serverLoader) list(n *yaml.Node, key string, element reflect.Type, path, variable string) {
	list := l.child(n, key, yaml.SequenceNode)
	for i := 0; list.Kind == yaml.SequenceNode; i++ {
		item := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		if i < len(list.Content) {
			item = list.Content[i]
		}
		if item.Kind == yaml.MappingNode {
			l.overlay(item, element, fmt.Sprintf("%s[%d]", path, i), variable+"_"+strconv.Itoa(i))
		}
		if i >= len(list.Content) {
			if len(item.Content) == 0 {
				break
			}
			list.Content = append(list.Content, item)
		}
	}
	if len(list.Content) == 0 && list.Line == 0 {
		l.remove(n, key)
	}
}

func isLeaf(t reflect.Type) bool {
	_, ok := reflect.New(t).Interface().(text)
	return ok || t.Kind() != reflect.Struct && t.Kind() != reflect.Slice
}

// isHidden says whether a type, or the entries of a list, are secrets that may
// stand in a file of their own.
func isHidden(t reflect.Type) bool {
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	x, ok := reflect.New(t).Interface().(text)
	return ok && x.form().hidden
}

func find(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// child gives the value of a key, aliases followed; a new one of a kind where
// there is none.
func (l *serverLoader) child(n *yaml.Node, key string, kind yaml.Kind) *yaml.Node {
	child := find(n, key)
	if child == nil {
		child = &yaml.Node{Kind: kind}
		l.set(n, key, child)
	}
	if child.Kind == yaml.AliasNode {
		child = child.Alias
	}
	return child
}

func (l *serverLoader) set(n *yaml.Node, key string, value *yaml.Node) {
	l.remove(n, key)
	n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key, Line: value.Line, Column: value.Column}, value)
}

func (l *serverLoader) remove(n *yaml.Node, key string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content = slices.Delete(n.Content, i, i+2)
			return
		}
	}
}

// fromEnv makes a node of a variable's value, as a type wants it.
func (l *serverLoader) fromEnv(variable, value string, t reflect.Type) *yaml.Node {
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
	switch t.Kind() {
	case reflect.Slice:
		node = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for part := range strings.SplitSeq(value, ",") {
			if part = strings.TrimSpace(part); part != "" {
				node.Content = append(node.Content, l.fromEnv(variable, part, t.Elem()))
			}
		}
	case reflect.Int, reflect.Int64:
		if _, err := strconv.ParseInt(value, 10, 64); err == nil {
			node.Tag = "!!int"
		}
	case reflect.Bool:
		if value == "true" || value == "false" {
			node.Tag = "!!bool"
		}
	}
	l.origins[node] = "environment variable " + variable
	return node
}

// fromFile puts the content of the file that KEY_file names in the place of KEY.
func (l *serverLoader) fromFile(n *yaml.Node, key string, t reflect.Type, path, variable string) {
	name := find(n, key+"_file")
	if value := l.env(variable + "_FILE"); value != "" {
		if l.env(variable) != "" {
			l.fault(&yaml.Node{}, path, variable+" and "+variable+"_FILE are both set", "unset one of them")
		}
		l.remove(n, key)
		name = l.fromEnv(variable+"_FILE", value, reflect.TypeFor[string]())
	}
	if name == nil {
		return
	}
	l.remove(n, key+"_file")
	if find(n, key) != nil {
		l.fault(name, path+"_file", key+" and "+key+"_file both stand here", "remove one of them")
		return
	}
	if name.Kind != yaml.ScalarNode || name.Tag != "!!str" || name.Value == "" {
		l.fault(name, path+"_file", "expected the name of a file", "")
		l.set(n, key, &yaml.Node{Kind: yaml.ScalarNode, Tag: tagFailed})
		return
	}
	file, wrong := l.resolve("", name.Value)
	if wrong == nil && !filepath.IsAbs(file) && l.origins[name] == "" {
		file = filepath.Join(l.folder, file)
	}
	var data []byte
	var err error
	if wrong == nil {
		if data, err = readSmall(file); err != nil {
			wrong = &Error{Message: "the file can't be read: " + err.Error(), Hint: "mend its name or its permissions"}
		}
	}
	if wrong != nil {
		l.fault(name, path+"_file", wrong.Message, wrong.Hint)
		l.set(n, key, &yaml.Node{Kind: yaml.ScalarNode, Tag: tagFailed})
		return
	}
	content := strings.TrimRight(string(data), "\r\n")
	value := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: content, Style: yaml.LiteralStyle, Line: name.Line, Column: name.Column}
	if t.Kind() == reflect.Slice {
		value = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: name.Line, Column: name.Column}
		for line := range strings.Lines(content) {
			if line = strings.TrimSpace(line); line != "" {
				value.Content = append(value.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: line, Style: yaml.LiteralStyle, Line: name.Line, Column: name.Column})
			}
		}
	}
	if origin := l.origins[name]; origin != "" {
		l.origins[value] = origin
	}
	l.set(n, key, value)
}

// readSmall reads a file of secrets.
func readSmall(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > 1<<20 {
		return nil, fmt.Errorf("%s is no regular file of 1 MiB at most", file)
	}
	return os.ReadFile(file)
}

// resolve gives the value of env:NAME.
func (l *serverLoader) resolve(_, value string) (string, *Error) {
	name, ok := strings.CutPrefix(value, "env:")
	if !ok {
		return value, nil
	}
	resolved := l.env(name)
	if resolved == "" {
		return "", &Error{Message: "the environment variable " + name + " is not set, or empty", Hint: "set it, or write the value here"}
	}
	return resolved, nil
}

// finish checks what values can't know of each other, and fills in what follows
// from others.
func (l *serverLoader) finish(s *Server) {
	need := func(missing bool, path, message, hint string) {
		if missing && !l.failedBelow(path) {
			l.faultAt(path, message, hint)
		}
	}
	need(s.GitHub.App.IntegrationID <= 0, "github.app.integration_id", "the App's id is missing", "set github.app.integration_id, or PLIMSOLL_GITHUB_APP_INTEGRATION_ID")
	need(s.GitHub.App.PrivateKey.Empty(), "github.app.private_key", "the App's private key is missing", "set github.app.private_key_file, or PLIMSOLL_GITHUB_APP_PRIVATE_KEY_FILE")
	need(len(s.GitHub.App.WebhookSecrets) == 0, "github.app.webhook_secrets", "no webhook secret: anybody could send events", "set github.app.webhook_secrets, or PLIMSOLL_GITHUB_APP_WEBHOOK_SECRETS")
	need((s.GitHub.OAuth.ClientID == "") != s.GitHub.OAuth.ClientSecret.Empty(), "github.oauth", "one of client_id and client_secret is missing", "set both, or neither")
	need(s.Workers < 1 || s.Workers > 256, "workers", fmt.Sprintf("%d workers, expected 1 to 256", s.Workers), "8 are the default")
	need(!s.Retention.Deliveries.Forever && s.Retention.Deliveries.For.Value() < minDeliveries, "retention.deliveries", "deliveries are kept for less than 7d", "keep them longer: what was lost is found again by them")
	names := map[string]string{}
	for i, d := range s.Datasources {
		l.unique(names, string(d.Name), fmt.Sprintf("datasources[%d].name", i), "datasource")
	}
	if s.GitHub.V3APIURL == "" {
		s.GitHub.V3APIURL = "https://api.github.com"
		if s.GitHub.WebURL != "https://github.com" {
			s.GitHub.V3APIURL = s.GitHub.WebURL + "/api/v3"
		}
	}
	if _, port, err := net.SplitHostPort(string(s.Listen)); s.PublicURL == "" && err == nil {
		s.PublicURL = URL("http://localhost:" + port)
	}
}

// minDeliveries is how far back GitHub can be asked for deliveries, and more.
const minDeliveries = 7 * 24 * 60 * 60 * 1e9

// failedBelow says whether a path, or one below it, has an error.
func (d *decoder) failedBelow(path string) bool {
	return slices.ContainsFunc(d.errs, func(e *Error) bool { return strings.HasPrefix(e.Path, path) })
}
