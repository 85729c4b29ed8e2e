package answer

import (
	"errors"
	"fmt"
	"sync"

	"github.com/threads2go/course/pkg/lock"
)

func sell(mu *sync.Mutex, order func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New(fmt.Sprint(p))
		}
	}()
	lock.With(mu, order)
	return
}
