package flags

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/config"
)

// PlainUsageErrors makes the errors of a command and those below it about arguments and flags
// say what was expected.
func PlainUsageErrors(cmd *cobra.Command) {
	cmd.DisableSuggestions = true // unknownCommand suggests
	cmd.SetFlagErrorFunc(flagError)
	if accepts := cmd.Args; accepts != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if accepts(cmd, args) == nil {
				return nil
			}
			usage := strings.TrimSuffix(cmd.UseLine(), " [flags]")
			return fmt.Errorf("found %d %s, expected: %s", len(args), terminal.Plural(len(args), "argument"), usage)
		}
	}
	if cmd.HasSubCommands() && !cmd.Runnable() {
		cmd.Args = cobra.ArbitraryArgs
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownCommand(cmd, args[0])
		}
	}
	for _, child := range cmd.Commands() {
		PlainUsageErrors(child)
	}
}

// unknownCommand names the nearest command.
func unknownCommand(parent *cobra.Command, name string) error {
	var names []string
	for _, child := range parent.Commands() {
		if child.IsAvailableCommand() {
			names = append(names, child.Name())
		}
	}
	hint := parent.CommandPath() + " -h lists the commands"
	if near := config.Nearest(name, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return fmt.Errorf("unknown command %q (%s)", name, hint)
}

var (
	unknownFlag  = regexp.MustCompile(`^unknown flag: --(.*)$`)
	needsValue   = regexp.MustCompile(`^flag needs an argument: (?:--(\S+)|'(.)' in .*)$`)
	invalidValue = regexp.MustCompile(`^invalid argument "(.*)" for "(?:-., )?--(\S+)" flag: `)
)

// flagError says what is wrong with a flag.
func flagError(cmd *cobra.Command, err error) error {
	text := err.Error()
	if m := unknownFlag.FindStringSubmatch(text); m != nil {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		hint := cmd.CommandPath() + " -h lists the flags"
		if near := config.Nearest(m[1], names); near != "" {
			hint = "did you mean --" + near + "?"
		}
		return fmt.Errorf("unknown flag --%s (%s)", m[1], hint)
	}
	if m := needsValue.FindStringSubmatch(text); m != nil && m[1] != "" {
		return fmt.Errorf("--%s needs a value", m[1])
	}
	if m := invalidValue.FindStringSubmatch(text); m != nil {
		if flag := cmd.Flags().Lookup(m[2]); flag != nil {
			expected := map[string]string{"int": "a whole number", "int64": "a whole number", "bool": "true or false"}[flag.Value.Type()]
			if expected != "" {
				return fmt.Errorf("--%s %s: expected %s", m[2], m[1], expected)
			}
		}
	}
	return err
}
