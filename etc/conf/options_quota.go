package conf

// The options of [quotas]. A limit of -1 is without limit.
var (
	DefaultQuota           = intOption(Option{Group: "quotas", Name: "default_quota", Default: "-1", Help: "Limit of resources that have no option of their own."})
	QuotaNetwork           = intOption(Option{Group: "quotas", Name: "quota_network", Default: "100", Help: "Networks of a project."})
	QuotaSubnet            = intOption(Option{Group: "quotas", Name: "quota_subnet", Default: "100", Help: "Subnets of a project."})
	QuotaPort              = intOption(Option{Group: "quotas", Name: "quota_port", Default: "500", Help: "Ports of a project."})
	QuotaRouter            = intOption(Option{Group: "quotas", Name: "quota_router", Default: "10", Help: "Routers of a project."})
	QuotaFloatingIP        = intOption(Option{Group: "quotas", Name: "quota_floatingip", Default: "50", Help: "Floating IPs of a project."})
	QuotaSecurityGroup     = intOption(Option{Group: "quotas", Name: "quota_security_group", Default: "10", Help: "Security groups of a project."})
	QuotaSecurityGroupRule = intOption(Option{Group: "quotas", Name: "quota_security_group_rule", Default: "100", Help: "Security group rules of a project."})
	QuotaRBACPolicy        = intOption(Option{Group: "quotas", Name: "quota_rbac_policy", Default: "10",
		Deprecated: []Name{{"quotas", "quota_rbac_entry"}, {"DEFAULT", "quota_rbac_policy"}, {"DEFAULT", "quota_rbac_entry"}},
		Help:       "RBAC policies of a project."})
	QuotaDriver = textOption(Option{Group: "quotas", Name: "quota_driver",
		Default: "neutron.db.quota.driver_nolock.DbQuotaNoLockDriver",
		Only: []string{"neutron.db.quota.driver_nolock.DbQuotaNoLockDriver", "neutron.db.quota.driver.DbQuotaDriver",
			"neutron.db.quota.driver_null.DbQuotaDriverNull"},
		Help: "How quotas are kept."})
	TrackQuotaUsage = boolOption(Option{Group: "quotas", Name: "track_quota_usage", Default: "true",
		Why: counted, Help: "Keep counts of what is in use."})
)

func quotaOptions() []Handle {
	return []Handle{
		DefaultQuota, QuotaNetwork, QuotaSubnet, QuotaPort, QuotaRouter, QuotaFloatingIP, QuotaSecurityGroup,
		QuotaSecurityGroupRule, QuotaRBACPolicy, QuotaDriver, TrackQuotaUsage,
	}
}
