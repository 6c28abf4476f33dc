package actors

import "net/http"

// An answer that a client does not take as fast as it is made is kept, so that slow clients do not hold handlers: it is written
// when the handler is free again. What is kept for all clients of a worker together is bounded; beyond that answers are written as
// they are made. Package http1 does so itself.
const maxAllKept = 64 << 20

// smallAnswer is left to net/http, which keeps that much itself.
const smallAnswer = 2 << 10

// answerWriter keeps an answer of HTTP/2.
type answerWriter struct {
	http.ResponseWriter
	service *service
	conn    *connection
	begun   bool  // the head is that of a former moment
	direct  bool  // nothing is kept any more
	small   int32 // bytes that net/http has got
	content []byte
	counted int64
}

// WriteHeader implements http.ResponseWriter.
func (a *answerWriter) WriteHeader(status int) {
	if status >= http.StatusOK && !a.begun {
		a.begun = true
		a.takeLeave()
	}
	a.ResponseWriter.WriteHeader(status)
}

// takeLeave says that the answer is the last one of its connection, if the server has begun to leave while it was made.
func (a *answerWriter) takeLeave() {
	if a.service.leaving(a.conn) {
		a.Header()["Connection"] = []string{"close"}
	}
}

// Write implements http.ResponseWriter.
func (a *answerWriter) Write(p []byte) (int, error) {
	if !a.begun {
		a.WriteHeader(http.StatusOK)
	}
	if a.content == nil && !a.direct && int(a.small)+len(p) <= smallAnswer {
		a.small += int32(len(p))
		return a.ResponseWriter.Write(p)
	}
	if !a.direct && a.reserve(len(p)) {
		a.content = append(a.content, p...)
		return len(p), nil
	}
	if err := a.writeOut(); err != nil {
		return 0, err
	}
	a.direct = true
	return a.ResponseWriter.Write(p)
}

// reserve makes room for n bytes. False: there is none to be had.
func (a *answerWriter) reserve(n int) bool {
	need := len(a.content) + n
	if need <= cap(a.content) {
		return true
	}
	size := max(need, 2*cap(a.content))
	more := int64(size - cap(a.content))
	if !a.service.set.kept.Take(more) {
		return false
	}
	a.counted += more
	a.content = append(make([]byte, 0, size), a.content...)
	return true
}

// writeOut writes what is kept.
func (a *answerWriter) writeOut() error {
	if len(a.content) == 0 {
		return nil
	}
	_, err := a.ResponseWriter.Write(a.content)
	a.content = a.content[:0]
	return err
}

// release forgets what is kept.
func (a *answerWriter) release() {
	if a.counted > 0 {
		a.service.set.kept.Give(a.counted)
		a.content, a.counted = nil, 0
	}
}

// FlushError is for an application that wants its client to see what there is: nothing is kept any more.
func (a *answerWriter) FlushError() error {
	if err := a.writeOut(); err != nil {
		return err
	}
	a.direct = true
	return http.NewResponseController(a.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answerWriter) Unwrap() http.ResponseWriter { return a.ResponseWriter }
