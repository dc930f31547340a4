// Package flags holds the flags that several commands share.
package flags

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// Format adds --format with the formats that a command knows, the default first. Check
// the value with the function that it gives.
func Format(cmd *cobra.Command, formats ...string) (format *string, check func() error) {
	format = cmd.Flags().String("format", formats[0], "output format: "+strings.Join(formats, ", "))
	return format, func() error {
		if !slices.Contains(formats, *format) {
			return fmt.Errorf("--format %s: use one of %s", *format, strings.Join(formats, ", "))
		}
		return nil
	}
}
