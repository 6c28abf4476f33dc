package supervisor

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor/admin"
)

// A worker process that ends in order leaves what it has counted in a file beside its admin socket, which is closed by then: so its
// parent misses nothing of what it has finished on its way out.

// lastWordFile is that of the worker process pid; "" where there is no admin socket.
func lastWordFile(c *conf.Snapshot, pid int) string {
	socket := strings.TrimPrefix(workerSocket(c, pid), "unix:")
	if socket == "" {
		return ""
	}
	return socket + ".counts"
}

// leaveWord writes the last word of this worker process.
func (s *Server) leaveWord() {
	file := lastWordFile(s.parts.config.Snapshot(), os.Getpid())
	if s.options.orders == nil || !s.role.API || file == "" {
		return
	}
	word, err := json.Marshal(admin.CountsOf(s.eyes.requests, s.eyes.hooks))
	if err == nil {
		err = os.WriteFile(file, word, 0o600)
	}
	if err != nil {
		s.logger.Warn().Err(err).Msg("the parent is not told what this worker has counted")
	}
}

// lastWord reads and removes that of a worker process that has ended; nil where there is none, or not all of it.
func (s *Server) lastWord(pid int) (word *admin.Counts) {
	file := lastWordFile(s.parts.config.Snapshot(), pid)
	if file == "" {
		return nil
	}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it was killed, or serves no requests
	}
	if err == nil {
		err = errors.Join(json.Unmarshal(data, &word), os.Remove(file))
	}
	if err != nil {
		s.logger.Warn().Err(err).Msg("what a worker process has counted last is not known")
		return nil
	}
	return word
}
