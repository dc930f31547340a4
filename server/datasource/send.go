package datasource

import (
	"errors"
	"io"
	"net/http"
	"net/url"
)

// ErrTooLong: an answer is longer than what is read.
var ErrTooLong = errors.New("the answer is too long")

// HTTPClient gives a client that follows no redirect: a metric server names no other one.
func HTTPClient(transport *http.Transport) *http.Client {
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// CheckURL tells what is wrong with the address of a metric server.
func CheckURL(text string) error {
	address, err := url.Parse(text)
	if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" || address.RawQuery != "" || address.Fragment != "" {
		return errors.New("its address is no http or https URL without query and fragment")
	}
	return nil
}

// Send sends a request and reads at most so many bytes of the answer; a longer one is
// ErrTooLong.
func Send(client *http.Client, request *http.Request, most int64) (status int, body []byte, err error) {
	request.Header.Set("User-Agent", "plimsoll")
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(response.Body, most+1))
	if err == nil && int64(len(body)) > most {
		err = ErrTooLong
	}
	return response.StatusCode, body, err
}
