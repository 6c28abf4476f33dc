package supervisor

import (
	"time"

	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/supervisor/logging"
)

// accessLines is the log as the application's access log.
type accessLines struct {
	lines logging.Lines
	timed bool // the application's clock is the log's
}

func (s *Server) accessLines() accessLines {
	return accessLines{lines: s.log.Lines("neutron.wsgi"), timed: s.options.Now == nil}
}

// Line implements httpapp.AccessLog.
func (a accessLines) Line(at time.Time, rc *neutron.Context, line httpapp.AccessLine) bool {
	if !a.timed {
		at = time.Time{}
	}
	return a.lines.Info(at, &logging.Request{
		RequestID: rc.RequestID, GlobalRequestID: rc.GlobalRequestID, UserID: rc.UserID, ProjectID: rc.ProjectID, DomainID: rc.DomainID,
		UserDomainID: rc.UserDomainID, ProjectDomainID: rc.ProjectDomainID, UserName: rc.UserName, ProjectName: rc.ProjectName,
	}, line)
}
