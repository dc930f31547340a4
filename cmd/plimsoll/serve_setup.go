package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/rs/zerolog"

	app "plimsoll"
	"plimsoll/config"
	"plimsoll/server"
	"plimsoll/server/github/registration"
	"plimsoll/server/login"
	"plimsoll/server/setup"
)

// defaultFile is where setup writes if no operator's file is named.
const defaultFile = "server.yml"

// setUp runs the setup until an App is registered. It returns the operator's file that names
// the App, and the listener that the pages were at: what browsers send meanwhile waits there.
func setUp(ctx context.Context, conf *config.Server, file string, log zerolog.Logger) (string, net.Listener, error) {
	file = cmp.Or(file, defaultFile)
	pages, err := setup.New(setup.Deps{
		Manifest: app.AppManifest, Paths: setup.Paths{Hook: server.HookPath, Callback: login.CallbackPath},
		Target: setup.Target{File: file}, PublicURL: string(conf.PublicURL),
		Convert: func(ctx context.Context, apiURL, code string) (registration.App, error) {
			return registration.Convert(ctx, nil, apiURL, code)
		},
	})
	if err != nil {
		return "", nil, err
	}
	listener, err := net.Listen("tcp", string(conf.Listen))
	if err != nil {
		return "", nil, fmt.Errorf("listen: %w", err)
	}
	shared := kept{listener.(*net.TCPListener)}
	log.Warn().Str("file", file).Str("page", string(conf.PublicURL)+setup.Path).Str("address", listener.Addr().String()).Str("token", pages.Token()).
		Msg("neither the file nor the environment names an App: open the page and paste the token, which works once; credentials are written to the file")
	if err := pages.Serve(ctx, shared, log); err != nil {
		return "", nil, closed(err, listener)
	}
	if err := shared.SetDeadline(time.Time{}); err != nil {
		return "", nil, closed(fmt.Errorf("listen again: %w", err), listener)
	}
	log.Info().Str("file", file).Msg("setup is done")
	return file, listener, nil
}

func closed(err error, listener net.Listener) error {
	_ = listener.Close() // the process ends with err
	return err
}

// kept is a listener that stays open when an HTTP server that uses it ends.
type kept struct{ *net.TCPListener }

// Accept waits for a connection until Close.
func (k kept) Accept() (net.Conn, error) {
	taken, err := k.TCPListener.Accept()
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = net.ErrClosed
	}
	return taken, err
}

// Close ends the server's wait for connections, and nothing else.
func (k kept) Close() error { return k.SetDeadline(time.Unix(1, 0)) }
