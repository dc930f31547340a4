package usage

// StepKind says which part of a pattern a step consumes.
type StepKind uint8

const (
	StepStay     StepKind = iota // nothing
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

// Step leads from one element of a contract to the next.
type Step struct {
	Kind  StepKind
	Name  string
	Names []string // of a branch: schema name, discriminator values; of a parameter: where it is sent
}

// IsPath tells whether the step is a path parameter.
func (s Step) IsPath() bool { return s.Kind == StepParam && len(s.Names) > 0 && s.Names[0] == "path" }
