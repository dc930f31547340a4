package login

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// longest is how long a session lasts at most: as long as GitHub's user access tokens.
const longest = 8 * time.Hour

// Session is what is kept of somebody who has signed in.
type Session struct {
	// ID is the hash of what the browser holds.
	ID string
	// Person is GitHub's id of the person.
	Person int64
	// Token is the person's user access token, sealed.
	Token            string
	Created, Expires time.Time
}

// random is a new value that can't be guessed.
func random() string {
	value := make([]byte, 32)
	_, _ = rand.Read(value) // never fails
	return base64.RawURLEncoding.EncodeToString(value)
}

func idOf(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:])
}

// keys are derived from the operator's secrets.
type keys struct{ secrets [][]byte }

func newKeys(secrets [][]byte) (keys, error) {
	var k keys
	for _, secret := range secrets {
		derived, err := hkdf.Key(sha256.New, secret, nil, "plimsoll session v1", sha256.Size)
		if err != nil {
			return k, fmt.Errorf("derive the key of sessions: %w", err)
		}
		k.secrets = append(k.secrets, derived)
	}
	if len(k.secrets) == 0 {
		return k, errors.New("make the login: there is no secret")
	}
	return k, nil
}

// box seals with a key that needs a secret and a salt, for one use.
func box(secret []byte, salt, use string) cipher.AEAD {
	key, err := hkdf.Key(sha256.New, secret, []byte(salt), use, 32)
	if err == nil {
		var block cipher.Block
		if block, err = aes.NewCipher(key); err == nil {
			var sealer cipher.AEAD
			if sealer, err = cipher.NewGCMWithRandomNonce(block); err == nil {
				return sealer
			}
		}
	}
	panic(fmt.Sprintf("login: make a cipher: %v", err)) // the lengths are right
}

const sessionUse, loginUse = "plimsoll session token v1", "plimsoll login state v1"

// seal seals a token for the session that the browser's value belongs to.
func (k keys) seal(value string, session Session, token string) string {
	return base64.RawURLEncoding.EncodeToString(box(k.secrets[0], value, sessionUse).Seal(nil, nil, []byte(token), belongs(session)))
}

// open opens the token of a session.
func (k keys) open(value string, session Session) (token string, ok bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(session.Token)
	if err != nil {
		return "", false
	}
	for _, secret := range k.secrets {
		if plain, err := box(secret, value, sessionUse).Open(nil, nil, sealed, belongs(session)); err == nil {
			return string(plain), true
		}
	}
	return "", false
}

// belongs ties a sealed token to its row: somebody who can write to the database
// can't exchange rows or make them last.
func belongs(s Session) []byte {
	return []byte(s.ID + " " + strconv.FormatInt(s.Person, 10) + " " + strconv.FormatInt(s.Expires.UnixMilli(), 10))
}

// csrf is what the forms of a session carry.
func csrf(value string) string {
	mac := hmac.New(sha256.New, []byte(value))
	mac.Write([]byte("plimsoll csrf v1"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// started is a login that has begun, which the browser holds sealed until it is back from
// GitHub.
type started struct {
	State    string    `json:"state"`
	Verifier string    `json:"verifier"` // of PKCE
	Next     string    `json:"next"`
	Ends     time.Time `json:"ends"`
}

// sealStarted seals a login that has begun.
func (k keys) sealStarted(s started) string {
	plain, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("login: %v", err)) // texts and a time
	}
	return base64.RawURLEncoding.EncodeToString(box(k.secrets[0], "", loginUse).Seal(nil, nil, plain, nil))
}

// openStarted opens what sealStarted has sealed.
func (k keys) openStarted(text string) (s started, ok bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return started{}, false
	}
	for _, secret := range k.secrets {
		if plain, err := box(secret, "", loginUse).Open(nil, nil, sealed, nil); err == nil {
			return s, json.Unmarshal(plain, &s) == nil
		}
	}
	return started{}, false
}

// cookies are those of this package. With https they have the prefix __Host-, which keeps
// other hosts of the domain from setting them.
type cookies struct{ secure bool }

func (c cookies) name(what string) string {
	if c.secure {
		return "__Host-plimsoll-" + what
	}
	return "plimsoll-" + what
}

func (c cookies) set(w http.ResponseWriter, what, value string, lasts time.Duration) {
	cookie := &http.Cookie{Name: c.name(what), Value: value, Path: "/", Secure: c.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(lasts.Seconds())}
	if lasts <= 0 {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
}

// read gives the value of a cookie; "" if there is none, or several: then one is not ours.
func (c cookies) read(r *http.Request, what string) string {
	found := r.CookiesNamed(c.name(what))
	if len(found) != 1 || len(found[0].Value) > 4<<10 {
		return ""
	}
	return found[0].Value
}

func (c cookies) session(r *http.Request) string { return c.read(r, "session") }
