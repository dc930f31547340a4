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
// There is none if no page was needed, because an earlier setup had got as far as GitHub's
// answer.
func setUp(ctx context.Context, conf *config.Server, target setup.Target, log zerolog.Logger) (string, net.Listener, error) {
	target.File = cmp.Or(target.File, defaultFile)
	file := target.Name()
	resumed, err := setup.Resume(target)
	if err != nil {
		return "", nil, err
	}
	if resumed {
		log.Info().Str("file", file).Msg("wrote the credentials that an earlier setup got from GitHub before it ended")
		return target.File, nil, nil
	}
	pages, err := setup.New(setup.Deps{
		Manifest: app.AppManifest, Paths: setup.Paths{Hook: server.HookPath, Callback: login.CallbackPath},
		Target: target, PublicURL: string(conf.PublicURL),
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
	if pages.Lost() {
		log.Warn().Msg("an earlier setup ended after GitHub had registered an App and before its credentials were here: the page says what to do")
	}
	log.Warn().Str("file", file).Str("page", string(conf.PublicURL)+setup.Path).Str("address", listener.Addr().String()).Str("token", pages.Token()).
		Msg("neither the file nor the environment names an App: open the page and paste the token, which works once; credentials are written to the file")
	if err := pages.Serve(ctx, shared, log); err != nil {
		return "", nil, closed(err, listener)
	}
	if err := shared.SetDeadline(time.Time{}); err != nil {
		return "", nil, closed(fmt.Errorf("listen again: %w", err), listener)
	}
	log.Info().Str("file", file).Msg("setup is done")
	if target.Secret != "" {
		return "", nil, listener.Close()
	}
	return target.File, listener, nil
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
