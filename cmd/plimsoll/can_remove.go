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
		Short: "Ask the server if an operation or a field can be removed",
		Long: `Ask the server if an operation or a field of an API can be removed. The answer lists
who uses it, in which environments, and the line that declares the use. The answer is
yes only if it is proven that there is no consumer.

OPERATION is "GET /orders/{id}" (parameter names are ignored), an operationId, or a
glob. FIELD is a usage pattern such as items[].sku. It names a field of the response,
or with --sends a field or parameter of the request.

Set PLIMSOLL_TOKEN or GITHUB_TOKEN to a GitHub token with read access to the API's
repository. Consumers that the token can't read are counted but not named.

Exit status: 0 yes, 1 no, 2 bad input or no answer from the server, 3 unknown.`,
		Example: `  plimsoll can-remove --api acme/orders/orders "GET /orders/{id}" items[].sku
  plimsoll can-remove --api acme/orders/orders listOrders limit --sends
  plimsoll can-remove --api acme/orders/orders cancelOrder --environment production`,
		Args: cobra.RangeArgs(1, 2),
	}
	format, checkFormat := flags.Format(cmd, "text", "json")
	server := registry.ServerFlag(cmd)
	var api, environment string
	var sends bool
	cmd.Flags().StringVar(&api, "api", "", "full name of the API: owner/repo/api")
	cmd.Flags().BoolVar(&sends, "sends", false, "FIELD is part of the request")
	cmd.Flags().StringVar(&environment, "environment", "", "count only consumers that run in this environment")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkFormat(); err != nil {
			return err
		}
		if strings.Count(api, "/") != 2 {
			return errors.New("--api is required: owner/repo/api")
		}
		removal := impact.Removal{Operation: args[0], Sends: sends}
		query := url.Values{"api": {api}, "operation": {args[0]}}
		if len(args) > 1 {
			removal.Field = args[1]
			query.Set("field", args[1])
		} else if sends {
			return fmt.Errorf("--sends needs FIELD: a field or parameter of the request of %s", args[0])
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
