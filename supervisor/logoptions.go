package supervisor

import (
	"errors"
	"fmt"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor/logging"
)

// logConfig maps the configuration to the log's. The error is that the file of log_config_append cannot be read.
func logConfig(s *conf.Snapshot, program string) (logging.Config, error) {
	c := logging.Defaults()
	c.ProgramName, c.Version = program, Release
	c.Debug, c.UseJSON = s.Bool(conf.Debug), s.Bool(conf.UseJSON)
	c.LogFile, c.LogDir = s.Text(conf.LogFile), s.Text(conf.LogDir)
	c.UseStderr, c.Color = s.Bool(conf.UseStderr), s.Bool(conf.LogColor)
	c.UseSyslog, c.SyslogFacility = s.Bool(conf.UseSyslog), s.Text(conf.SyslogLogFacility)
	c.UseJournal = s.Bool(conf.UseJournal)
	c.RotationType, c.MaxFileSize = s.Text(conf.LogRotationType), int64(s.Int(conf.MaxLogfileSizeMB))<<20
	c.MaxFiles = s.Int(conf.MaxLogfileCount)
	c.RotateInterval, c.RotateIntervalType = s.Int(conf.LogRotateInterval), s.Text(conf.LogRotateIntervalType)
	c.RateInterval, c.RateBurst = s.Int(conf.RateLimitInterval), s.Int(conf.RateLimitBurst)
	c.RateExceptLevel = s.Text(conf.RateLimitExceptLevel)
	c.DateFormat = s.Text(conf.LogDateFormat)
	c.ContextFormat, c.DefaultFormat = s.Text(conf.LoggingContextFormatString), s.Text(conf.LoggingDefaultFormatString)
	c.DebugSuffix, c.ExceptionPrefix = s.Text(conf.LoggingDebugFormatSuffix), s.Text(conf.LoggingExceptionPrefix)
	c.UserIdentityFormat = s.Text(conf.LoggingUserIdentityFormat)
	c.InstanceFormat, c.InstanceUUIDFormat = s.Text(conf.InstanceFormat), s.Text(conf.InstanceUUIDFormat)
	c.DefaultLevels = s.List(conf.DefaultLogLevels)
	var err error
	if c.LogConfigFile = s.Text(conf.LogConfigAppend); c.LogConfigFile != "" {
		if c.LogConfig, err = s.ReadFile(c.LogConfigFile); err != nil {
			err = fmt.Errorf("%s: Error loading logging config %s: %w", s.Origin(conf.LogConfigAppend), c.LogConfigFile, err)
		}
	}
	return c, err
}

// checkLog finds what would keep the log from being opened. It touches no file but log_config_append.
func checkLog(s *conf.Snapshot, program string) error {
	c, err := logConfig(s, program)
	if err != nil {
		return err
	}
	return placed(s, logging.Check(c))
}

// placed says of each option that the log refuses where it was set.
func placed(s *conf.Snapshot, err error) error {
	problems, ok := errors.AsType[logging.Problems](err)
	if !ok {
		return err
	}
	errs := make([]error, len(problems))
	for i, p := range problems {
		errs[i] = p.Err
		if v, ok := s.Lookup("DEFAULT", p.Option); ok && v.Origin.Kind != conf.FromDefault {
			errs[i] = fmt.Errorf("%s: %w", v.Origin, p.Err)
		}
	}
	return errors.Join(errs...)
}

// logConfig is what the log of this server is made from. That of a worker process is its parent's.
func (s *Server) logConfig(snapshot *conf.Snapshot) (logging.Config, error) {
	c, err := logConfig(snapshot, s.options.Source.Prog)
	c.Joins = s.options.orders != nil
	return c, err
}

// openLog opens the log that the configuration describes.
func (s *Server) openLog(snapshot *conf.Snapshot) (err error) {
	if s.logged, err = s.logConfig(snapshot); err != nil {
		return err
	}
	s.log, err = logging.Open(s.logged)
	return placed(snapshot, err)
}

// reconfigureLog brings the log in line with a configuration, or changes nothing.
func (s *Server) reconfigureLog(snapshot *conf.Snapshot) error {
	if s.options.Log != nil {
		return nil
	}
	c, err := s.logConfig(snapshot)
	if err != nil {
		return err
	}
	return placed(snapshot, s.setLog(c))
}
