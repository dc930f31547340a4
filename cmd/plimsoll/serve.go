package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/config"
	"plimsoll/server"
)

func newServeCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the GitHub App's server",
		Long: `Run the GitHub App's server: takes webhooks, reads repositories, answers pull
requests. Every value of the operator's file can also come from the environment:
PLIMSOLL_ and the path in capitals, such as PLIMSOLL_GITHUB_APP_INTEGRATION_ID.

It refuses to start on an empty webhook secret, an unreadable key, an unknown key in
the file or a database that it can't migrate, and says which and what to do. SIGTERM
ends it in order: no more webhooks, running jobs finish or are given back.`,
		Example: `  plimsoll serve --config server.yml
  PLIMSOLL_DATABASE=postgres://plimsoll@db/plimsoll plimsoll serve --config server.yml`,
		Args: cobra.NoArgs,
	}
	file := cmd.Flags().String("config", "", "the operator's file; without it all comes from the environment")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		conf, err := config.LoadServer(*file, t.Env)
		if err != nil {
			return err
		}
		log, err := server.NewLog(t.Stderr, conf.Log)
		if err != nil {
			return fmt.Errorf("log.level: %w", err)
		}
		s, err := server.New(cmd.Context(), server.Options{Config: conf, Log: log})
		if err != nil {
			return err
		}
		return s.Run(cmd.Context())
	}
	return cmd
}
