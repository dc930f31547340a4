package registry

import (
	"net/url"

	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/checkout"
	"plimsoll/cmd/plimsoll/internal/terminal"
)

// TargetQuestion adds the flags that say about which places the server is asked, and
// gives the function that asks.
func TargetQuestion(cmd *cobra.Command, t *terminal.Terminal, environmentHelp string) func(path string, query url.Values) (repository string, raw []byte, err error) {
	server := ServerFlag(cmd)
	var repository, component, environment string
	cmd.Flags().StringVar(&repository, "repository", "", "owner/repo (default: the remote origin)")
	cmd.Flags().StringVar(&component, "component", "", "only this component (default: all)")
	cmd.Flags().StringVar(&environment, "environment", "", environmentHelp)
	return func(path string, query url.Values) (string, []byte, error) {
		at, err := checkout.Repository(cmd.Context(), t.Env, repository)
		if err != nil {
			return "", nil, err
		}
		client, err := New(t, *server)
		if err != nil {
			return "", nil, err
		}
		query.Set("repository", at)
		for name, value := range map[string]string{"component": component, "environment": environment} {
			if value != "" {
				query.Set(name, value)
			}
		}
		raw, err := client.Get(cmd.Context(), path, query)
		return at, raw, err
	}
}

// TargetName names a place in a line of text.
func TargetName(component, environment, instance string) string {
	text := component
	if environment != "" {
		text += " in " + environment
	}
	if instance != "" {
		text += " (" + instance + ")"
	}
	return text
}
