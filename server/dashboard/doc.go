// Package dashboard is the frame of the pages for people who have logged in: who asks, what
// they may read, navigation, headers, and how a page is refused. The pages themselves are in
// the packages below it.
//
// A page shows only what GitHub lets its visitor read. What exists and may not be read gets
// the same answer as what does not exist, and is never named or counted. It must not know how
// people log in, or GitHub's API.
package dashboard
