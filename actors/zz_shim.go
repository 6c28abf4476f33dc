package actors

import "syscall"

// Inheritable is provisional.
func (l *Listener) Inheritable() map[string]syscall.Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, err := l.socket.File()
	if err != nil {
		return nil
	}
	return map[string]syscall.Conn{"api-0": f}
}

// Bequeath is provisional.
func (s *Sockets) Bequeath() {}
