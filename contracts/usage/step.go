package usage

// stepKind says what a step from one place to the next consumes of a pattern.
type StepKind uint8

const (
	StepStay     StepKind = iota // the same place
	StepProperty                 // .name
	StepItem                     // []
	StepMap                      // {}
	StepBranch                   // <name>
	StepParam                    // a parameter of the operation
	StepHeader                   // a header of the response
	StepBody                     // the request body
	StepStatus                   // the response with that status
	StepMedia                    // the body of that media type
)

type Step struct {
	Kind  StepKind
	Name  string
	Names []string // of a branch: schema name, discriminator values
}

// isPath tells whether a step is a parameter of the path.
func (s Step) IsPath() bool { return s.Kind == StepParam && len(s.Names) > 0 && s.Names[0] == "path" }
