package supervisor

import (
	"fmt"
	"strings"

	"github.com/seed-a8f20362/hadron/etc/conf"
)

// used are the options that this version acts on. Every other one that a file sets gets a line in the log, so that nobody
// believes in an effect that is not there.
func used() []conf.Handle {
	return []conf.Handle{
		conf.ConfigFile, conf.ConfigDir, conf.CheckOnly, conf.AdminSocket, conf.AdminBind, conf.UpgradeOnly, conf.BindSocket, conf.BindSocketMode,
		conf.WorkerIsolation, conf.ReportsLogDir, conf.ReportsFileEventHandler, conf.ReportsFileEventHandlerInterval,
		// messaging, RPC and plugin workers. Of transport_url only fake:// is built in; the log says so
		conf.TransportURL, conf.ControlExchange, conf.RPCWorkers, conf.RPCStateReportWorkers, conf.ExecutorThreadPoolSize, conf.Host,
		conf.EnableNewAgents, conf.DHCPLoadType, conf.PeriodicInterval, conf.PeriodicFuzzyDelay, conf.RunExternalPeriodicTasks,
		// boot and sockets
		conf.StatePath, conf.BindHost, conf.BindPort, conf.TCPKeepidle, conf.RetryUntilWindow, conf.UseSSL, conf.Backlog, conf.SSLCertFile,
		conf.SSLKeyFile, conf.SSLCAFile, conf.SSLVersion, conf.SSLCiphers, conf.APIWorkers,
		conf.WSGIDefaultPoolSize, conf.ClientSocketTimeout, conf.WSGIKeepAlive, conf.MaxHeaderLine, conf.GracefulShutdownTimeout,
		conf.WebFramework, conf.LogOptions, conf.DatabaseConnection,
		// log
		conf.Debug, conf.LogFile, conf.LogDir, conf.UseStderr, conf.UseJSON, conf.LogDateFormat,
		conf.LoggingContextFormatString, conf.LoggingDefaultFormatString, conf.LoggingDebugFormatSuffix,
		conf.LoggingExceptionPrefix, conf.LoggingUserIdentityFormat, conf.InstanceUUIDFormat, conf.DefaultLogLevels,
		// pipeline
		conf.APIPasteConfig, conf.AuthStrategy, conf.EnableProxyHeadersParsing, conf.MaxRequestBodySize,
		conf.CORSAllowedOrigin, conf.CORSAllowCredentials, conf.CORSExposeHeaders, conf.CORSMaxAge, conf.CORSAllowMethods,
		conf.CORSAllowHeaders, conf.HealthcheckDetailed, conf.HealthcheckBackends, conf.HealthcheckAllowedSourceRanges,
		conf.HealthcheckIgnoreProxiedRequests, conf.HealthcheckDisableByFilePath,
		// API and domains
		conf.CorePlugin, conf.BaseMAC, conf.DNSDomain, conf.AllowBulk, conf.PaginationMaxLimit, conf.FilterValidation,
		conf.MaxDNSNameservers, conf.MaxSubnetHostRoutes, conf.MaxAllowedAddressPair, conf.EnableSecurityGroup,
		conf.AgentDownTime, conf.GlobalPhysnetMTU, conf.ML2TypeDrivers, conf.ML2ProjectNetworkTypes,
		conf.ML2ExternalNetworkType, conf.ML2PathMTU, conf.ML2PhysicalNetworkMTUs, conf.ML2OverlayIPVersion,
		conf.FlatNetworks, conf.NetworkVLANRanges, conf.GRETunnelIDRanges, conf.VXLANVNIRanges, conf.GeneveVNIRanges,
		conf.GeneveMaxHeaderSize,
	}
}

// withoutEffect lists the options that a file or the command line sets to something other than the default, and that this
// version does not act on.
func withoutEffect(s *conf.Snapshot) []conf.Warning {
	acts := make(map[conf.Name]bool)
	for _, h := range used() {
		o := h.Option()
		acts[conf.Name{Group: o.Group, Key: o.Name}] = true
	}
	var warnings []conf.Warning
	for _, o := range conf.Options() {
		v, ok := s.Lookup(o.Group, o.Key())
		if !ok || v.Origin.Kind == conf.FromDefault || strings.EqualFold(v.String(), o.Default) || v.String() == "[]" ||
			acts[conf.Name{Group: o.Group, Key: o.Name}] {
			continue
		}
		text := fmt.Sprintf("Option \"%s\" from group \"%s\" is accepted without effect in this version.", o.Name, o.Group)
		warnings = append(warnings, conf.Warning{File: v.Origin.File, Line: v.Origin.Line, Text: text})
	}
	return warnings
}
