// Package inventory holds what the dashboard shows of all repositories at once: who provides
// and who uses which API, and what needs attention. It is read as a whole, kept for seconds,
// and shared by everyone who looks at the dashboard.
//
// It knows nothing of who asks: a page shows only what its visitor may read. It must not know
// HTTP or GitHub's API, and it decides nothing.
package inventory
