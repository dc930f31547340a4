// Package login signs people in with GitHub, and says who asks for a page.
//
//	/login ──▶ GitHub: may the App know who you are? ──▶ /login/callback ──▶ the page
//
// A session is a row of the store, so that it ends on every replica at once: at sign-out,
// after 8 hours at most, when GitHub refuses the person's token, or when the person takes the
// App's access back. The browser holds a random value. The row holds its hash, and the token
// sealed with a key that needs the value and the operator's secret.
//
// What a person sees is what GitHub answers to the person's own token. It is kept for 5
// minutes, in memory alone.
//
// The package must not know what the pages show, nor the database.
package login
