package main

import (
	"errors"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/config"
	"plimsoll/server"
	"plimsoll/server/setup"
)

func newServeCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the GitHub App's server",
		Long: `Run the server of the GitHub App. Each value of the configuration file can also be set
by an environment variable: PLIMSOLL_ and the path in capitals, such as
PLIMSOLL_GITHUB_APP_INTEGRATION_ID.

The server does not start with an empty webhook secret, an unreadable private key, an
unknown key in the file, or a database that it can't migrate. The error says what to do.
Without an App in the file and the environment, setup starts: a page that registers one
on GitHub and writes its credentials to the file. The log has the token that opens it.
With --setup-secret, setup writes the manifest of a Kubernetes Secret instead, and ends.

On SIGTERM it stops taking webhooks, and running jobs finish or return to the queue.
On SIGHUP, and when the file or a file of secrets changes, it takes over new secrets, metric
servers, accounts, probes and the log level. Other changes are refused until a restart.

Exit status: 0 stopped by a signal, 2 bad configuration or an error.`,
		Example: `  plimsoll serve --config server.yml
  PLIMSOLL_DATABASE=postgres://plimsoll@db/plimsoll plimsoll serve --config server.yml`,
		Args: cobra.NoArgs,
	}
	file := cmd.Flags().String("config", "", "the server's configuration file (default: environment variables)")
	secret := cmd.Flags().String("setup-secret", "", "let setup write a new file with the manifest of a Kubernetes Secret, and end")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var listener net.Listener // that setup was at
		path := *file
		if first, needed, err := config.LoadForSetup(path, t.Env); needed {
			if err != nil {
				return err
			}
			log, _, err := server.NewLog(t.Stderr, first.Log)
			if err != nil {
				return err
			}
			if path, listener, err = setUp(cmd.Context(), first, setup.Target{File: path, Secret: *secret}, log); err != nil || *secret != "" {
				return err
			}
		} else if *secret != "" {
			return errors.New("--setup-secret: the configuration names an App already, so there is nothing to set up")
		}
		conf, err := config.LoadServer(path, t.Env)
		if err != nil {
			return err
		}
		log, level, err := server.NewLog(t.Stderr, conf.Log)
		if err != nil {
			return err
		}
		hangup := make(chan os.Signal, 1)
		signal.Notify(hangup, syscall.SIGHUP)
		defer signal.Stop(hangup)
		if path != "" {
			if err := setup.Forget(setup.Target{File: path}); err != nil {
				log.Warn().Err(err).Msg("a copy of the App's credentials, which setup left, is still beside the file: remove it")
			}
		}
		s, err := server.New(cmd.Context(), server.Options{Config: conf, Log: log, Listener: listener, Reload: server.Reload{
			Load: func() (*config.Server, error) { return config.LoadServer(path, t.Env) }, Hangup: hangup, Level: level,
		}})
		if err != nil {
			return err
		}
		return s.Run(cmd.Context())
	}
	return cmd
}
