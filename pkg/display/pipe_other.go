//go:build !unix

package display

import "errors"

// pipe: GoNB runs on Unix only; elsewhere every display is plain text.
var pipe noPipe

type noPipe struct{}

func (noPipe) exists() bool               { return false }
func (noPipe) send(content, string) error { return errors.ErrUnsupported }
