package dashboard

// Patterns are those of all pages, forms and files of a frame.
func (f *Frame) Patterns() []string { return f.patterns }
