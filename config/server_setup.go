package config

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// LoadForSetup reads the operator's file, which may be missing, of a server that has no App
// yet. needed is false if the file or the environment says anything of the App: then
// [LoadServer] is right, and reports what is missing. The error is about other keys.
func LoadForSetup(path string, env func(string) string) (server *Server, needed bool, err error) {
	if path != "" {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			path = ""
		}
	}
	server, errs, err := loadServer(path, env)
	if err != nil {
		return nil, false, err
	}
	app, rest := 0, Errors{}
	for _, e := range errs {
		if strings.HasPrefix(e.Path, "github.app.") {
			app++
		} else {
			rest = append(rest, e)
		}
	}
	none := server.GitHub.App.IntegrationID == 0 && server.GitHub.App.PrivateKey.Empty() && len(server.GitHub.App.WebhookSecrets) == 0
	missing := !slices.ContainsFunc(errs, func(e *Error) bool {
		return strings.HasPrefix(e.Path, "github.app.") && !strings.Contains(e.Message, " is missing")
	})
	if !none || !missing || app != 3 {
		return server, false, nil
	}
	return server, true, rest.result()
}
