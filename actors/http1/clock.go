package http1

import (
	"net/http"
	"sync/atomic"
	"time"
)

// clock prints the Date of answers, once a second.
type clock struct{ last atomic.Pointer[stamp] }

type stamp struct {
	second int64
	text   string
}

func (c *clock) append(dst []byte, now time.Time) []byte {
	s := c.last.Load()
	if second := now.Unix(); s == nil || s.second != second {
		s = &stamp{second, now.UTC().Format(http.TimeFormat)}
		c.last.Store(s)
	}
	return append(dst, s.text...)
}
