// Package aws signs requests to Amazon Web Services.
package aws

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"plimsoll/config"
)

// ErrCredentials is that there are no credentials to sign with at the moment.
var ErrCredentials = errors.New("no AWS credentials")

// patience bounds finding or renewing credentials.
const patience = 10 * time.Second

// Signer signs requests to one service in one region. It is safe for concurrent use.
type Signer struct {
	credentials     aws.CredentialsProvider
	signer          *v4.Signer
	region, service string
	now             func() time.Time
}

// New makes a signer for a service. It reads the environment and AWS's shared files, and asks
// nothing yet. now is time.Now if it is nil.
func New(c config.AWS, service string, now func() time.Time) (*Signer, error) {
	if now == nil {
		now = time.Now
	}
	options := []func(*awsconfig.LoadOptions) error{awsconfig.WithRegion(string(c.Region))}
	if c.AccessKeyID != "" {
		options = append(options, awsconfig.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(c.AccessKeyID, c.SecretAccessKey.Reveal(), "")))
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	loaded, err := awsconfig.LoadDefaultConfig(ctx, options...)
	if absent, ok := errors.AsType[awsconfig.SharedConfigProfileNotExistError](err); ok {
		return nil, fmt.Errorf("AWS's shared files have no profile %q", absent.Profile)
	}
	if err != nil { // the error may quote a file of credentials
		return nil, errors.New("AWS's settings in the environment, or its shared files, can't be read")
	}
	found := loaded.Credentials
	if c.RoleARN != "" {
		found = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(loaded), string(c.RoleARN), func(o *stscreds.AssumeRoleOptions) { o.RoleSessionName = "plimsoll" }))
	}
	return &Signer{credentials: found, signer: v4.NewSigner(), region: string(c.Region), service: service, now: now}, nil
}

// Sign signs a request with all the headers that it has. The error is [ErrCredentials], that of
// the request's context, or that of its body.
func (s *Signer) Sign(r *http.Request) error {
	body := []byte{}
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil {
			return fmt.Errorf("read the request's body: %w", err)
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	found, err := s.credentials.Retrieve(ctx)
	if r.Context().Err() != nil {
		return r.Context().Err()
	}
	if err != nil {
		return ErrCredentials // what the chain tried is of no use to readers, and may name secrets
	}
	hash := sha256.Sum256(body)
	if err := s.signer.SignHTTP(ctx, found, r, hex.EncodeToString(hash[:]), s.service, s.region, s.now()); err != nil {
		return ErrCredentials
	}
	return nil
}
