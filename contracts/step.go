package contracts

// stepKind says what a step from one place to the next consumes of a pattern.
type stepKind uint8

const (
	stepStay     stepKind = iota // the same place
	stepProperty                 // .name
	stepItem                     // []
	stepMap                      // {}
	stepBranch                   // <name>
	stepParam                    // a parameter of the operation
	stepHeader                   // a header of the response
	stepBody                     // the request body
	stepStatus                   // the response with that status
	stepMedia                    // the body of that media type
)

type step struct {
	kind  stepKind
	name  string
	names []string // of a branch: schema name, discriminator values
}

// isPath tells whether a step is a parameter of the path.
func (s step) isPath() bool { return s.kind == stepParam && len(s.names) > 0 && s.names[0] == "path" }
