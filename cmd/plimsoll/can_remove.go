package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/cmd/plimsoll/internal/flags"
	"plimsoll/cmd/plimsoll/internal/registry"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/contracts/impact"
)

func newCanRemoveCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "can-remove --api OWNER/REPO/API OPERATION [FIELD]",
		Short: "Ask the server whether an operation or a field may go",
		Long: `Ask the server's registry whether an operation or a field of an API may go: who uses
it, where, and the line that says so. The answer is yes only where it is proved that
nobody uses it.

OPERATION is "GET /orders/{id}" (the names of parameters do not matter), an
operationId, or a glob. FIELD is a usage pattern such as items[].sku, in the response;
with --sends in the request, or a parameter.

The token is a GitHub token that may read the API's repository, in PLIMSOLL_TOKEN or
GITHUB_TOKEN. What it may not read is counted and not named.

Exit status: 0 yes; 1 no; 3 can't tell; 2 the input is bad, or nobody answers.`,
		Example: `  plimsoll can-remove --api acme/orders/orders "GET /orders/{id}" items[].sku
  plimsoll can-remove --api acme/orders/orders listOrders limit --sends
  plimsoll can-remove --api acme/orders/orders cancelOrder --environment production`,
		Args: cobra.RangeArgs(1, 2),
	}
	format, checkFormat := flags.Format(cmd, "text", "json")
	server := registry.ServerFlag(cmd)
	var api, environment string
	var sends bool
	cmd.Flags().StringVar(&api, "api", "", "the API by its full name, owner/repo/api")
	cmd.Flags().BoolVar(&sends, "sends", false, "the field is one of the request")
	cmd.Flags().StringVar(&environment, "environment", "", "only what runs there counts")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkFormat(); err != nil {
			return err
		}
		if strings.Count(api, "/") != 2 {
			return errors.New("--api is needed: owner/repo/api")
		}
		removal := impact.Removal{Operation: args[0], Sends: sends}
		query := url.Values{"api": {api}, "operation": {args[0]}}
		if len(args) > 1 {
			removal.Field = args[1]
			query.Set("field", args[1])
		} else if sends {
			return fmt.Errorf("--sends needs a FIELD: what of the request of %s?", args[0])
		}
		if sends {
			query.Set("side", "request")
		}
		if environment != "" {
			query.Set("environment", environment)
		}
		client, err := registry.New(t, *server)
		if err != nil {
			return err
		}
		given, raw, err := client.Ask(cmd.Context(), "can-remove", query)
		if err != nil {
			return err
		}
		return given.Write(t, *format, terminal.Shown(contracttext.RemoveAsked(api, removal, environment)), raw)
	}
	return cmd
}
