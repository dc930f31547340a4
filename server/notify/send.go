package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"

	"plimsoll/server/queue"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 20

// final are answers that another try would get as well.
var final = []int{http.StatusBadRequest, http.StatusGone, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity}

// send makes one request. Errors name neither the address nor what was sent: an address can
// be a secret.
func (n *Notifier) send(ctx context.Context, method, address string, header http.Header, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, queue.Permanent(errors.New("its address can't be used: correct it in the configuration"))
	}
	request.Header = header
	request.Header.Set("User-Agent", "plimsoll")
	response, err := n.client.Do(request)
	if err != nil {
		if failed, ok := errors.AsType[*url.Error](err); ok {
			err = failed.Err // without the address
		}
		return nil, fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	switch status := response.StatusCode; {
	case status >= 300 && status < 400:
		return nil, queue.Permanent(fmt.Errorf("it answered %d, and redirects are not followed: write the address where it leads into the configuration", status))
	case slices.Contains(final, status):
		return nil, queue.Permanent(fmt.Errorf("it answered %d", status))
	case status < 200 || status >= 300:
		return nil, fmt.Errorf("it answered %d", status)
	case err != nil:
		return nil, fmt.Errorf("%w after it had answered %d", errNoAnswer, status)
	}
	return answer, nil
}
