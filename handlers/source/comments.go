package source

import "time"

// Comment on a pull request.
type Comment struct {
	ID    int64
	Body  string
	Login string
	// Own: this App's. Bot: some App's.
	Own, Bot         bool
	Created, Updated time.Time
}
